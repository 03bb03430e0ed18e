import { checkNotAborted } from '../run-aborted.ts'
import { normaliseEdges, sortColumns } from './build-csr.ts'
import type { EdgeColumns } from './edge-columns.ts'
import { EdgeColumnsMismatchedError } from './edge-rows.ts'
import type { BuildOptions, EdgeTable } from './edge-table.ts'
import { GraphKernel } from './graph-kernel.ts'
import { locateAdditions } from './locate-additions.ts'
import { weaveEdges } from './weave-edges.ts'

/** How a graph is extended. */
export type ExtendOptions = BuildOptions & {
  /** Nodes of the result, at least those of the graph before; as many when left out. */
  readonly nodeCount?: number
}

/**
 * Merges more rows into a graph, as from one epoch to the next: the result is that of building from
 * the rows of both, to the bit. Only the new rows are sorted, and only the weights of the sources
 * that they name are normalised again.
 *
 * @throws {NodeCountMalformedError | NodeOutOfRangeError | EdgeColumnsMismatchedError |
 *   EdgeWeightTooLargeError | GraphTooLargeError | RunAbortedError | WasmUnavailableError}
 */
export async function extendCsr(
  previous: EdgeTable,
  additions: EdgeColumns,
  options: ExtendOptions = {},
): Promise<EdgeTable> {
  const isWeighted = previous.edgeWeights !== undefined
  if (isWeighted !== (additions.weights !== undefined)) {
    const expected = isWeighted ? 2 * additions.sources.length : 0
    throw new EdgeColumnsMismatchedError('weight limbs', expected, additions.weights?.length ?? 0)
  }
  const formerCount = previous.graph.nodeCount
  const nodeCount = options.nodeCount ?? formerCount
  if (nodeCount < formerCount) {
    throw new EdgeColumnsMismatchedError('nodes or more', formerCount, nodeCount)
  }
  const kernel = await GraphKernel.create(nodeCount, isWeighted)
  const sorted = await sortColumns(kernel, additions, nodeCount, options)
  const { sink } = sorted
  const places = locateAdditions(previous.graph, sink, nodeCount)
  const { edgeCount, inOffsets, outDegrees } = places
  const woven = await weaveEdges(previous, sink, places)
  checkNotAborted(options.signal, `merging ${edgeCount} edges`)
  const newCount = edgeCount - previous.graph.sources.length
  const counts = {
    mergedRowCount: previous.mergedRowCount + sorted.rowCount - newCount,
    selfLoopCount: previous.selfLoopCount + sorted.selfLoopCount,
    zeroWeightRowCount: previous.zeroWeightRowCount + sorted.zeroWeightRowCount,
  }
  const { sources, edgeWeights, mantissas } = woven
  const graph = { nodeCount, inOffsets, sources, outDegrees }
  if (!isWeighted) return { graph, weights: 'equal', ...counts }
  kernel.startFrom(previous.sourceTotals ?? new BigUint64Array())
  const addedSources = sink.sources.subarray(0, sink.edgeCount)
  kernel.grow(addedSources, sink.weights ?? new BigUint64Array(), woven.addedWeights)
  kernel.finishNodes()
  await normaliseEdges(kernel, sources, edgeWeights, mantissas, options)
  const { shifts, sourceTotals } = kernel.readNodes()
  return { graph, weights: { mantissas, shifts }, edgeWeights, sourceTotals, ...counts }
}
