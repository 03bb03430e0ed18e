import { FatalError, invariant } from '@foggara/schema'

import type { EdgeColumns } from './edge-columns.ts'

/** Rows of one range of targets, each (source, target) or (source, target, four weight limbs). */
export type RowBucket = {
  readonly firstTarget: number
  readonly targetCount: number
  readonly rows: Uint32Array
}

/** The rows of an edge list, grouped by ranges of targets; within a range in their former order. */
export type RowBuckets = {
  readonly buckets: readonly RowBucket[]
  readonly rowCount: number
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
}

/** How many bits numbers below `count` need. */
export function bitCountOf(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1)
}

/** How many 32-bit words a row has. */
export function wordCountOf(columns: EdgeColumns): 2 | 6 {
  return columns.weights === undefined ? 2 : 6
}

/** About how many rows a bucket has, so that its sort stays in a cache. */
const BUCKET_ROW_COUNT = 16_384
const BUCKET_COUNT_MAX = 1024

/** The bits of a target that do not tell its bucket. */
export function bucketShiftOf(rowCount: number, nodeCount: number): number {
  const wanted = Math.min(BUCKET_COUNT_MAX, Math.max(1, rowCount / BUCKET_ROW_COUNT))
  let shift = 0
  while ((Math.max(0, nodeCount - 1) >>> shift) + 1 > wanted) shift++
  return shift
}

/**
 * Groups rows by their target, without self loops and zero weights, which are counted.
 *
 * @throws {EdgeColumnsMismatchedError | NodeOutOfRangeError}
 */
export function groupRows(columns: EdgeColumns, nodeCount: number, shift: number): RowBuckets {
  checkColumns(columns)
  const bucketCount = (Math.max(0, nodeCount - 1) >>> shift) + 1
  const counted = countRows(columns, nodeCount, shift, bucketCount)
  const wordCount = wordCountOf(columns)
  const starts = new Float64Array(bucketCount + 1)
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    starts[bucket + 1] = (starts[bucket] ?? 0) + wordCount * (counted.counts[bucket] ?? 0)
  }
  const rows = new Uint32Array(starts[bucketCount] ?? 0)
  if (wordCount === 2) scatterPairs(columns, shift, starts.slice(), rows)
  else scatterWeightedRows(columns, shift, starts.slice(), rows)
  const buckets: RowBucket[] = []
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const firstTarget = bucket * 2 ** shift
    const targetCount = Math.min(2 ** shift, nodeCount - firstTarget)
    const bucketRows = rows.subarray(starts[bucket], starts[bucket + 1])
    if (bucketRows.length > 0) buckets.push({ firstTarget, targetCount, rows: bucketRows })
  }
  return {
    buckets,
    rowCount: rows.length / wordCount,
    selfLoopCount: counted.selfLoopCount,
    zeroWeightRowCount: counted.zeroWeightRowCount,
  }
}

/** Raises when the columns of an edge list do not belong together. */
export function checkColumns({ sources, targets, weights }: EdgeColumns): void {
  if (sources.length !== targets.length) {
    throw new EdgeColumnsMismatchedError('targets', sources.length, targets.length)
  }
  if (weights !== undefined && weights.length !== 2 * sources.length) {
    throw new EdgeColumnsMismatchedError('weight limbs', 2 * sources.length, weights.length)
  }
}

/** The 32-bit limbs of weights; the platform must store low limbs first, as WebAssembly does. */
export function limbsOf(weights: BigUint64Array): Uint32Array {
  return new Uint32Array(weights.buffer, weights.byteOffset, 2 * weights.length)
}

type RowCounts = {
  readonly counts: Uint32Array
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
}

function countRows(
  columns: EdgeColumns,
  nodeCount: number,
  shift: number,
  bucketCount: number,
): RowCounts {
  const { sources, targets } = columns
  const limbs = columns.weights === undefined ? undefined : limbsOf(columns.weights)
  const counts = new Uint32Array(bucketCount)
  let selfLoopCount = 0
  let zeroWeightRowCount = 0
  for (let row = 0; row < sources.length; row++) {
    const source = sources[row] ?? 0
    const target = targets[row] ?? 0
    if (source >= nodeCount) throw new NodeOutOfRangeError(row, source, nodeCount)
    if (target >= nodeCount) throw new NodeOutOfRangeError(row, target, nodeCount)
    const isSelfLoop = source === target
    if (isSelfLoop) selfLoopCount++
    if (limbs !== undefined && isZeroAt(limbs, row)) zeroWeightRowCount++
    else if (!isSelfLoop) {
      const bucket = target >>> shift
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
  }
  return { counts, selfLoopCount, zeroWeightRowCount }
}

function isZeroAt(limbs: Uint32Array, row: number): boolean {
  const at = 4 * row
  return (
    ((limbs[at] ?? 0) | (limbs[at + 1] ?? 0) | (limbs[at + 2] ?? 0) | (limbs[at + 3] ?? 0)) === 0
  )
}

function scatterPairs(
  { sources, targets }: EdgeColumns,
  shift: number,
  next: Float64Array,
  rows: Uint32Array,
): void {
  for (let row = 0; row < sources.length; row++) {
    const source = sources[row] ?? 0
    const target = targets[row] ?? 0
    if (source === target) continue
    const at = next[target >>> shift] ?? 0
    next[target >>> shift] = at + 2
    rows[at] = source
    rows[at + 1] = target
  }
}

function scatterWeightedRows(
  { sources, targets, weights }: EdgeColumns,
  shift: number,
  next: Float64Array,
  rows: Uint32Array,
): void {
  invariant(weights !== undefined, 'expected rows with weights')
  const limbs = limbsOf(weights)
  for (let row = 0; row < sources.length; row++) {
    const source = sources[row] ?? 0
    const target = targets[row] ?? 0
    if (source === target || isZeroAt(limbs, row)) continue
    const at = next[target >>> shift] ?? 0
    next[target >>> shift] = at + 6
    rows[at] = source
    rows[at + 1] = target
    rows[at + 2] = limbs[4 * row] ?? 0
    rows[at + 3] = limbs[4 * row + 1] ?? 0
    rows[at + 4] = limbs[4 * row + 2] ?? 0
    rows[at + 5] = limbs[4 * row + 3] ?? 0
  }
}

/** A row names a node that the graph does not have. */
export class NodeOutOfRangeError extends FatalError {
  constructor(row: number, node: number, nodeCount: number) {
    super('NODE_OUT_OF_RANGE', `row ${row}: expected a node below ${nodeCount}, found ${node}`)
  }
}

/** The columns of an edge list have different lengths, or weights where there may be none. */
export class EdgeColumnsMismatchedError extends FatalError {
  constructor(name: string, expected: number, found: number) {
    super('EDGE_COLUMNS_MISMATCHED', `expected ${expected} ${name}, found ${found}`)
  }
}

/** The weights that leave one node are too large together. */
export class EdgeWeightTooLargeError extends FatalError {
  constructor(node: number) {
    super(
      'EDGE_WEIGHT_TOO_LARGE',
      `node ${node}: expected outgoing weights below 2^127 in all, found more`,
      { hint: 'Scale the weights down, or build the graph from bigints with buildGraph.' },
    )
  }
}
