import type { RowBucket } from './edge-rows.ts'

/** Rows that are sorted at once at most: their sort takes some 70 bytes each. */
const ROW_COUNT_MAX = 2 ** 23
const PART_COUNT_BITS = 8

/**
 * The bucket itself, or parts of it in order when it is too large to sort at once: by target, and
 * where one target alone has too many rows, by source.
 */
export function* splitBucket(
  bucket: RowBucket,
  wordCount: 2 | 6,
  sourceCount: number,
  rowCountMax = ROW_COUNT_MAX,
): Generator<RowBucket> {
  yield* split(bucket, { wordCount, rowCountMax }, { first: 0, count: sourceCount })
}

type Sizes = { readonly wordCount: 2 | 6; readonly rowCountMax: number }
type Range = { readonly first: number; readonly count: number }

function* split(bucket: RowBucket, sizes: Sizes, sourceRange: Range): Generator<RowBucket> {
  const { firstTarget, targetCount, rows } = bucket
  const isByTarget = targetCount > 1
  const range = isByTarget ? { first: firstTarget, count: targetCount } : sourceRange
  if (rows.length / sizes.wordCount <= sizes.rowCountMax || range.count <= 1) {
    yield bucket
    return
  }
  let shift = 0
  while ((range.count - 1) >>> shift >= 2 ** PART_COUNT_BITS) shift++
  const parts = partsOf(rows, sizes.wordCount, isByTarget ? 1 : 0, range, shift)
  for (const [index, part] of parts.entries()) {
    if (part.length === 0) continue
    const first = range.first + index * 2 ** shift
    const count = Math.min(2 ** shift, range.first + range.count - first)
    yield* isByTarget
      ? split({ firstTarget: first, targetCount: count, rows: part }, sizes, sourceRange)
      : split({ firstTarget, targetCount, rows: part }, sizes, { first, count })
  }
}

function partsOf(
  rows: Uint32Array,
  wordCount: number,
  keyWord: 0 | 1,
  { first, count }: Range,
  shift: number,
): Uint32Array[] {
  const partCount = ((count - 1) >>> shift) + 1
  const starts = new Float64Array(partCount + 1)
  for (let at = keyWord; at < rows.length; at += wordCount) {
    const part = ((rows[at] ?? 0) - first) >>> shift
    starts[part + 1] = (starts[part + 1] ?? 0) + wordCount
  }
  for (let part = 0; part < partCount; part++) {
    starts[part + 1] = (starts[part + 1] ?? 0) + (starts[part] ?? 0)
  }
  const next = starts.slice()
  const sorted = new Uint32Array(rows.length)
  for (let at = 0; at < rows.length; at += wordCount) {
    const part = ((rows[at + keyWord] ?? 0) - first) >>> shift
    const place = next[part] ?? 0
    next[part] = place + wordCount
    for (let word = 0; word < wordCount; word++) sorted[place + word] = rows[at + word] ?? 0
  }
  return Array.from({ length: partCount }, (_, part) =>
    sorted.subarray(starts[part], starts[part + 1]),
  )
}
