/** How many bytes of an id one key holds: in base 257, with 0 for its end, they fit a double. */
export const KEY_BYTE_COUNT = 6

const BASE = 257

/**
 * Sorts numbers of distinct ids by the bytes of the ids, in place.
 *
 * `keyAt` gives the next bytes of an id as {@link idKey} does. This is quicksort in three parts, where
 * the middle one goes on with the bytes that follow: long common beginnings are read once.
 */
export function sortIds(numbers: Uint32Array, keyAt: (number: number, depth: number) => number) {
  const keys = new Float64Array(numbers.length)
  const ranges: Range[] = []
  const begin = (from: number, to: number, depth: number): void => {
    if (to - from < 2) return
    for (let place = from; place < to; place++) keys[place] = keyAt(numbers[place] ?? 0, depth)
    ranges.push({ from, to, depth })
  }
  begin(0, numbers.length, 0)
  let draw = 1
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const { from, to, depth } = range
    draw = (Math.imul(draw, 0x21f0aaad) + 0x735a2d97) >>> 0
    const pivot = keys[from + (draw % (to - from))] ?? 0
    let lower = from
    let upper = to
    for (let place = from; place < upper;) {
      const key = keys[place] ?? 0
      if (key < pivot) swap(numbers, keys, lower++, place++)
      else if (key > pivot) swap(numbers, keys, --upper, place)
      else place++
    }
    if (lower - from > 1) ranges.push({ from, to: lower, depth })
    if (to - upper > 1) ranges.push({ from: upper, to, depth })
    if (pivot % BASE !== 0) begin(lower, upper, depth + KEY_BYTE_COUNT)
  }
}

/** The key of the bytes from `start` on, for an id that ends at `end`. */
export function idKey(bytes: Uint8Array, start: number, end: number): number {
  let key = 0
  for (let place = start; place < start + KEY_BYTE_COUNT; place++) {
    key = key * BASE + (place < end ? (bytes[place] ?? 0) + 1 : 0)
  }
  return key
}

type Range = { readonly from: number; readonly to: number; readonly depth: number }

function swap(numbers: Uint32Array, keys: Float64Array, a: number, b: number): void {
  const [number, key] = [numbers[a] ?? 0, keys[a] ?? 0]
  numbers[a] = numbers[b] ?? 0
  keys[a] = keys[b] ?? 0
  numbers[b] = number
  keys[b] = key
}
