import { checkNotAborted } from '../run-aborted.ts'
import type { EdgeColumns } from './edge-columns.ts'
import { type RowBucket, type RowBuckets, bucketShiftOf, groupRows } from './edge-rows.ts'
import type { BuildOptions, EdgeTable } from './edge-table.ts'
import { type EdgeSink, GraphKernel } from './graph-kernel.ts'
import { splitBucket } from './split-bucket.ts'

/** Edges between two looks at the signal. */
const EDGES_PER_TURN = 2 ** 21

/**
 * Builds the graph of an edge list of nodes below `nodeCount`: rows of the same pair are summed, self
 * loops and zero weights dropped and counted, edges sorted by (target, source) and their weights
 * normalised. The bits are those of `buildGraph` and `normaliseWeights`.
 *
 * @example
 * const { graph, weights } = await buildCsr(generateKronecker({ scale: 16 }), 2 ** 16)
 *
 * @throws {NodeCountMalformedError | NodeOutOfRangeError | EdgeColumnsMismatchedError |
 *   EdgeWeightTooLargeError | GraphTooLargeError | RunAbortedError | WasmUnavailableError}
 */
export async function buildCsr(
  columns: EdgeColumns,
  nodeCount: number,
  options: BuildOptions = {},
): Promise<EdgeTable> {
  const kernel = await GraphKernel.create(nodeCount, columns.weights !== undefined)
  const { sink, ...counts } = await sortColumns(kernel, columns, nodeCount, options)
  return tableOf(kernel, sink, counts, options)
}

/** Sorted and merged rows, and what was left out. */
export type SortedColumns = {
  readonly sink: EdgeSink
  /** Rows that make edges. */
  readonly rowCount: number
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
}

/** Sorts and merges rows and books them in the kernel; `sink.inOffsets` are offsets then. */
export async function sortColumns(
  kernel: GraphKernel,
  columns: EdgeColumns,
  nodeCount: number,
  options: BuildOptions,
): Promise<SortedColumns> {
  const shift = bucketShiftOf(columns.sources.length, nodeCount)
  const grouped = groupRows(columns, nodeCount, shift)
  const { rowCount, selfLoopCount, zeroWeightRowCount } = grouped
  const sink: EdgeSink = {
    sources: new Uint32Array(rowCount),
    weights: columns.weights === undefined ? undefined : new BigUint64Array(2 * rowCount),
    inOffsets: new Uint32Array(nodeCount + 1),
    edgeCount: 0,
  }
  await mergeBuckets(kernel, grouped, sink, nodeCount, options)
  accumulateOffsets(sink.inOffsets)
  return { sink, rowCount, selfLoopCount, zeroWeightRowCount }
}

/** Makes offsets of counts, in place. */
function accumulateOffsets(counts: Uint32Array): void {
  let offset = 0
  for (let index = 0; index < counts.length; index++) {
    offset += counts[index] ?? 0
    counts[index] = offset
  }
}

/** Lets other work of the thread run, so that a signal can arrive. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}

/** Normalises all edges whose source changed, in pieces between which the build can be stopped. */
export async function normaliseEdges(
  kernel: GraphKernel,
  sources: Uint32Array,
  edgeWeights: BigUint64Array,
  mantissas: Uint32Array,
  options: BuildOptions,
): Promise<void> {
  for (let first = 0; first < sources.length; first += EDGES_PER_TURN) {
    const end = Math.min(sources.length, first + EDGES_PER_TURN)
    kernel.normalise(
      sources.subarray(first, end),
      edgeWeights.subarray(2 * first, 2 * end),
      mantissas.subarray(first, end),
    )
    options.onProgress?.({ phase: 'normalise', count: end, countMax: sources.length })
    if (end < sources.length) await nextTurn()
    checkNotAborted(options.signal, `normalising ${end} of ${sources.length} edges`)
  }
}

async function mergeBuckets(
  kernel: GraphKernel,
  { buckets, rowCount }: RowBuckets,
  sink: EdgeSink,
  nodeCount: number,
  options: BuildOptions,
): Promise<void> {
  let doneCount = 0
  let turnCount = 0
  const wordCount = sink.weights === undefined ? 2 : 6
  const merge = (bucket: RowBucket) => {
    for (const part of splitBucket(bucket, wordCount, nodeCount)) kernel.mergeBucket(part, sink)
  }
  for (const bucket of buckets) {
    merge(bucket)
    doneCount += bucket.rows.length / wordCount
    if (doneCount - turnCount < EDGES_PER_TURN) continue
    turnCount = doneCount
    options.onProgress?.({ phase: 'sort', count: doneCount, countMax: rowCount })
    await nextTurn()
    checkNotAborted(options.signal, `sorting ${doneCount} of ${rowCount} rows`)
  }
  checkNotAborted(options.signal, `sorting ${rowCount} rows`)
}

async function tableOf(
  kernel: GraphKernel,
  sink: EdgeSink,
  sorted: Omit<SortedColumns, 'sink'>,
  options: BuildOptions,
): Promise<EdgeTable> {
  const { inOffsets, edgeCount } = sink
  const { rowCount, selfLoopCount, zeroWeightRowCount } = sorted
  const mergedRowCount = rowCount - edgeCount
  const counts = { mergedRowCount, selfLoopCount, zeroWeightRowCount }
  const sources = shortened(sink.sources, edgeCount)
  const nodeCount = inOffsets.length - 1
  if (sink.weights === undefined) {
    const { outDegrees } = kernel.readNodes()
    return { graph: { nodeCount, inOffsets, sources, outDegrees }, weights: 'equal', ...counts }
  }
  const edgeWeights = shortened(sink.weights, 2 * edgeCount)
  kernel.finishNodes()
  const mantissas = new Uint32Array(edgeCount)
  await normaliseEdges(kernel, sources, edgeWeights, mantissas, options)
  const { outDegrees, shifts, sourceTotals } = kernel.readNodes()
  return {
    graph: { nodeCount, inOffsets, sources, outDegrees },
    weights: { mantissas, shifts },
    edgeWeights,
    sourceTotals,
    ...counts,
  }
}

/** The first elements: a copy only if that frees a good part of the memory. */
function shortened<T extends Uint32Array | BigUint64Array>(list: T, length: number): T {
  const isWorthIt = length < 0.9 * list.length
  return (isWorthIt ? list.slice(0, length) : list.subarray(0, length)) as T
}
