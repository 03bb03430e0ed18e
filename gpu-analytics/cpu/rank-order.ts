import type { RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'

/**
 * The private numbers that a run gives to nodes. What most edges touch gets low numbers, so that it
 * lies together and stays in the cache; no result depends on it.
 */
export type RankOrder = {
  /** Per row its node; descending by in-degree. Nodes without edges and teleport have no row. */
  readonly rows: Uint32Array
  /** Per node its row; of use only for nodes that have one. */
  readonly rowOf: Uint32Array
  /** Rows that edges reach: the first ones. */
  readonly edgeRowCount: number
  /** Per node with an out-edge, its slot; descending by out-degree. */
  readonly slots: Uint32Array
  readonly sourceCount: number
  /** Every row with an out-edge has the slot of its own number, as in undirected graphs. */
  readonly slotsAreRows: boolean
}

/** Orders the nodes of a problem. */
export function rankOrder({ graph, teleport }: RankProblem): RankOrder {
  const { nodeCount, inOffsets, outDegrees } = graph
  const inDegrees = new Uint32Array(nodeCount)
  for (let node = 0; node < nodeCount; node++) {
    inDegrees[node] = at(inOffsets, node + 1) - at(inOffsets, node)
  }
  const reached = byDegree(inDegrees)
  const sources = byDegree(outDegrees)
  const slots = new Uint32Array(nodeCount)
  for (const [slot, node] of sources.entries()) slots[node] = slot

  const rows = new Uint32Array(nodeCount)
  rows.set(reached)
  let rowCount = reached.length
  for (let node = 0; node < nodeCount; node++) {
    if (inDegrees[node] !== 0) continue
    const isAlone = outDegrees[node] === 0 && (teleport === 'uniform' || teleport[node] === 0n)
    if (!isAlone) rows[rowCount++] = node
  }
  const rowOf = new Uint32Array(nodeCount)
  for (let row = 0; row < rowCount; row++) rowOf[rows[row] ?? 0] = row
  const order = { rows: rows.subarray(0, rowCount), rowOf, slots, sourceCount: sources.length }
  const slotsAreRows = order.rows.every(
    (node, row) => outDegrees[node] === 0 || slots[node] === row,
  )
  return { ...order, edgeRowCount: reached.length, slotsAreRows }
}

/** The nodes of a positive degree, the largest first; nodes of one degree in their own order. */
function byDegree(degrees: Uint32Array): Uint32Array {
  let largest = 0
  for (const degree of degrees) if (degree > largest) largest = degree
  const places = new Uint32Array(largest + 1)
  for (const degree of degrees) places[degree] = (places[degree] ?? 0) + 1
  let next = 0
  for (let degree = largest; degree > 0; degree--) {
    const count = places[degree] ?? 0
    places[degree] = next
    next += count
  }
  const ordered = new Uint32Array(next)
  for (let node = 0; node < degrees.length; node++) {
    const degree = degrees[node] ?? 0
    if (degree === 0) continue
    const place = places[degree] ?? 0
    ordered[place] = node
    places[degree] = place + 1
  }
  return ordered
}
