/** Rows, or sources, that are neighbours: what belongs to them fits the smallest caches. */
export const BLOCK_BITS = 12
const BLOCK_SIZE = 1 << BLOCK_BITS

/**
 * Brings the edges of each group in the order of the blocks that their keys are in, and `others`
 * along. `counts` has the edges of each group, one group after the other.
 */
export function sortByBlock(
  keys: Uint32Array,
  others: readonly Uint32Array[],
  counts: Uint32Array,
  keyBound: number,
): void {
  const blockCount = (keyBound >>> BLOCK_BITS) + 1
  let begin = 0
  for (const count of counts) {
    const group = keys.subarray(begin, begin + count)
    const order = placesOf(group, { base: 0, shift: BLOCK_BITS, bucketCount: blockCount })
    for (const values of [keys, ...others]) reorder(values, begin, order)
    begin += count
  }
}

/**
 * Brings edges that lie in the order of their keys' blocks into the order of their keys: only
 * `others` are moved. `offsets` has where the edges of each key begin.
 */
export function sortWithinBlocks(
  keys: Uint32Array,
  others: readonly Uint32Array[],
  offsets: Uint32Array,
): void {
  const keyCount = offsets.length - 1
  for (let base = 0; base < keyCount; base += BLOCK_SIZE) {
    const begin = offsets[base] ?? 0
    const end = offsets[Math.min(keyCount, base + BLOCK_SIZE)] ?? 0
    const order = placesOf(keys.subarray(begin, end), { base, shift: 0, bucketCount: BLOCK_SIZE })
    for (const values of others) reorder(values, begin, order)
  }
}

/** Per edge its place when sorted by bucket; edges of a bucket keep their order. */
function placesOf(
  keys: Uint32Array,
  { base, shift, bucketCount }: { base: number; shift: number; bucketCount: number },
): Uint32Array {
  const next = new Uint32Array(bucketCount + 1)
  for (let edge = 0; edge < keys.length; edge++) {
    const bucket = (((keys[edge] ?? 0) - base) >>> shift) + 1
    next[bucket] = (next[bucket] ?? 0) + 1
  }
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    next[bucket + 1] = (next[bucket + 1] ?? 0) + (next[bucket] ?? 0)
  }
  const places = new Uint32Array(keys.length)
  for (let edge = 0; edge < keys.length; edge++) {
    const bucket = ((keys[edge] ?? 0) - base) >>> shift
    const place = next[bucket] ?? 0
    next[bucket] = place + 1
    places[edge] = place
  }
  return places
}

function reorder(values: Uint32Array, begin: number, places: Uint32Array): void {
  if (values.length === 0) return
  const group = values.subarray(begin, begin + places.length)
  const former = group.slice()
  for (let edge = 0; edge < former.length; edge++) group[places[edge] ?? 0] = former[edge] ?? 0
}
