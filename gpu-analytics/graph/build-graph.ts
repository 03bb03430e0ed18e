import { FatalError, UINT256_BOUND, invariant } from '@foggara/schema'

import { at } from './at.ts'
import type { Csr } from './csr.ts'
import { compareIdBytes } from './id-order.ts'

/** One row of an edge list: `from` passes influence to `to`. */
export type GraphRow = { readonly from: string; readonly to: string; readonly weight: bigint }

/** What to do when two rows name the same pair. */
export type ParallelEdges = 'sum' | 'reject' | 'last'

export type GraphOptions = {
  /** `sum` (default) adds, `reject` raises, `last` keeps the later row: then row order matters. */
  readonly parallelEdges?: ParallelEdges
  /** `drop` (default) counts and forgets them; `keep` is for protocols whose definition has them. */
  readonly selfLoops?: 'drop' | 'keep'
  /** Nodes that exist even if no row names them. */
  readonly extraNodes?: readonly string[]
}

/**
 * A directed graph in canonical form: nodes ascending by the bytes of their id, edges ascending by
 * (target, source), no parallel edge, every weight positive. Equal inputs give equal graphs whatever
 * the order of their rows.
 */
export type Graph = Csr & {
  readonly ids: readonly string[]
  readonly indexById: ReadonlyMap<string, number>
  readonly targets: Uint32Array
  readonly weights: readonly bigint[]
  /** Rows that were added to, or replaced by, another row of the same pair. */
  readonly mergedRowCount: number
  readonly selfLoopCount: number
  /** Rows of weight 0: no edge, though their nodes exist. */
  readonly zeroWeightRowCount: number
}

/** Exclusive bound of the weights leaving one node together. */
export const SOURCE_WEIGHT_BOUND = UINT256_BOUND

/**
 * Builds the canonical graph of an edge list.
 *
 * @throws {NegativeWeightError | ParallelEdgeError | WeightTooLargeError}
 */
export function buildGraph(rows: readonly GraphRow[], options: GraphOptions = {}): Graph {
  const ids = canonicalIds(rows, options.extraNodes ?? [])
  const indexById = new Map(ids.map((id, index) => [id, index]))
  const kept = keptRows(rows, indexById, options.selfLoops ?? 'drop')
  const bySource = stableOrder(kept.sources, kept.sources.keys(), ids.length)
  const order = stableOrder(kept.targets, bySource, ids.length)
  const edges = mergeParallel(rows, kept, order, options.parallelEdges ?? 'sum')
  checkTotals(ids, edges.sources, edges.weights)
  return {
    nodeCount: ids.length,
    ids,
    indexById,
    ...edges,
    inOffsets: offsetsOf(edges.targets, ids.length),
    outDegrees: countsOf(edges.sources, ids.length),
    mergedRowCount: kept.sources.length - edges.sources.length,
    selfLoopCount: kept.selfLoopCount,
    zeroWeightRowCount: kept.zeroWeightRowCount,
  }
}

/** The sum of the weights leaving each node. */
export function outWeights(graph: Graph): bigint[] {
  const totals = graph.ids.map(() => 0n)
  for (const [edge, weight] of graph.weights.entries()) {
    const source = at(graph.sources, edge)
    totals[source] = at(totals, source) + weight
  }
  return totals
}

type KeptRows = {
  readonly rowIndexes: Uint32Array
  readonly sources: Uint32Array
  readonly targets: Uint32Array
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
}

function canonicalIds(rows: readonly GraphRow[], extraNodes: readonly string[]): string[] {
  const ids = new Set(extraNodes)
  for (const row of rows) {
    ids.add(row.from)
    ids.add(row.to)
  }
  return [...ids].toSorted(compareIdBytes)
}

function keptRows(
  rows: readonly GraphRow[],
  indexById: ReadonlyMap<string, number>,
  selfLoops: 'drop' | 'keep',
): KeptRows {
  const rowIndexes = new Uint32Array(rows.length)
  const sources = new Uint32Array(rows.length)
  const targets = new Uint32Array(rows.length)
  let count = 0
  let selfLoopCount = 0
  let zeroWeightRowCount = 0
  for (const [index, row] of rows.entries()) {
    if (row.weight < 0n) throw new NegativeWeightError(row)
    if (row.from === row.to) selfLoopCount++
    if (row.weight === 0n) zeroWeightRowCount++
    if (row.weight === 0n || (row.from === row.to && selfLoops === 'drop')) continue
    rowIndexes[count] = index
    sources[count] = indexOf(indexById, row.from)
    targets[count] = indexOf(indexById, row.to)
    count++
  }
  return {
    rowIndexes: rowIndexes.subarray(0, count),
    sources: sources.subarray(0, count),
    targets: targets.subarray(0, count),
    selfLoopCount,
    zeroWeightRowCount,
  }
}

function indexOf(indexById: ReadonlyMap<string, number>, id: string): number {
  const index = indexById.get(id)
  invariant(index !== undefined, `expected node ${id} in the graph`)
  return index
}

/** A counting sort: `order` rearranged so that `keys` ascend, equal keys in their former order. */
function stableOrder(keys: Uint32Array, order: Iterable<number>, keyCount: number): Uint32Array {
  const next = offsetsOf(keys, keyCount)
  const sorted = new Uint32Array(keys.length)
  for (const index of order) {
    const key = at(keys, index)
    const place = at(next, key)
    next[key] = place + 1
    sorted[place] = index
  }
  return sorted
}

function offsetsOf(keys: Uint32Array, keyCount: number): Uint32Array {
  const offsets = new Uint32Array(keyCount + 1)
  for (const key of keys) offsets[key + 1] = at(offsets, key + 1) + 1
  for (let key = 0; key < keyCount; key++)
    offsets[key + 1] = at(offsets, key + 1) + at(offsets, key)
  return offsets
}

function countsOf(keys: Uint32Array, keyCount: number): Uint32Array {
  const counts = new Uint32Array(keyCount)
  for (const key of keys) counts[key] = at(counts, key) + 1
  return counts
}

function mergeParallel(
  rows: readonly GraphRow[],
  kept: KeptRows,
  order: Uint32Array,
  parallelEdges: ParallelEdges,
): { sources: Uint32Array; targets: Uint32Array; weights: bigint[] } {
  const sources = new Uint32Array(order.length)
  const targets = new Uint32Array(order.length)
  const weights: bigint[] = []
  for (const index of order) {
    const row = at(rows, at(kept.rowIndexes, index))
    const source = at(kept.sources, index)
    const target = at(kept.targets, index)
    const last = weights.length - 1
    if (last >= 0 && sources[last] === source && targets[last] === target) {
      if (parallelEdges === 'reject') throw new ParallelEdgeError(row)
      weights[last] = parallelEdges === 'sum' ? at(weights, last) + row.weight : row.weight
    } else {
      sources[last + 1] = source
      targets[last + 1] = target
      weights.push(row.weight)
    }
  }
  const edgeCount = weights.length
  return { sources: sources.slice(0, edgeCount), targets: targets.slice(0, edgeCount), weights }
}

function checkTotals(
  ids: readonly string[],
  sources: Uint32Array,
  weights: readonly bigint[],
): void {
  const totals = ids.map(() => 0n)
  for (const [edge, weight] of weights.entries()) {
    const source = at(sources, edge)
    const total = at(totals, source) + weight
    if (total >= SOURCE_WEIGHT_BOUND) throw new WeightTooLargeError(at(ids, source))
    totals[source] = total
  }
}

/** A row has a negative weight. */
export class NegativeWeightError extends FatalError {
  constructor(row: GraphRow) {
    super(
      'EDGE_WEIGHT_NEGATIVE',
      `edge ${row.from} -> ${row.to}: expected a weight of at least 0, found ${row.weight}`,
    )
  }
}

/** Two rows name the same pair where the input was promised to have none. */
export class ParallelEdgeError extends FatalError {
  constructor(row: GraphRow) {
    super('PARALLEL_EDGE', `edge ${row.from} -> ${row.to}: expected one row, found a second`, {
      hint: 'Sum parallel edges (the default), or remove the repeated row.',
    })
  }
}

/** The weights that leave one node are too large together. */
export class WeightTooLargeError extends FatalError {
  constructor(from: string) {
    super('EDGE_WEIGHT_TOO_LARGE', `node ${from}: expected outgoing weights below 2^256 in all`)
  }
}
