import type { EdgeColumns } from '@foggara/gpu-analytics'

/** Nodes of more rows than that are all taken for equally busy. */
const DEGREE_MAX = 0xffff

/** A group for so many rows; half of them may belong to the nodes that stand first in it. */
const GROUP_ROW_COUNT = 1 << 23
const GROUP_COUNT_MAX = 256

/** The groups for a number of rows: a build sorts the rows of one range of nodes at a time. */
export function groupCountOf(rowCount: number): number {
  return Math.min(GROUP_COUNT_MAX, Math.max(1, Math.ceil(rowCount / GROUP_ROW_COUNT)))
}

/**
 * Where each node stands when those that rows come from most often stand first, which keeps what a
 * rank reads at random close together. They are dealt to groups and stand first in each, so that no
 * range of nodes has most of the rows. No result depends on it.
 */
export function busiestFirst(degrees: Uint32Array, groupCount: number): Uint32Array {
  const nextRanks = new Uint32Array(DEGREE_MAX + 2)
  for (const degree of degrees) {
    const key = keyOf(degree) + 1
    nextRanks[key] = (nextRanks[key] ?? 0) + 1
  }
  for (let key = 1; key < nextRanks.length; key++) {
    nextRanks[key] = (nextRanks[key] ?? 0) + (nextRanks[key - 1] ?? 0)
  }
  const groupSize = Math.floor(degrees.length / groupCount)
  const largerCount = degrees.length % groupCount
  return degrees.map((degree) => {
    const key = keyOf(degree)
    const rank = nextRanks[key] ?? 0
    nextRanks[key] = rank + 1
    const group = rank % groupCount
    return group * groupSize + Math.min(group, largerCount) + Math.floor(rank / groupCount)
  })
}

/** How many rows come from each node. */
export async function countRows(
  rows: AsyncIterable<EdgeColumns> | Iterable<EdgeColumns>,
  nodeCount: number,
  onCount: (count: number) => void,
): Promise<Uint32Array> {
  const degrees = new Uint32Array(nodeCount)
  let count = 0
  for await (const { sources } of rows) {
    for (const source of sources) degrees[source] = (degrees[source] ?? 0) + 1
    count += sources.length
    onCount(count)
  }
  return degrees
}

/** Rows with every node at its place. */
export async function* placedRows(
  rows: AsyncIterable<EdgeColumns> | Iterable<EdgeColumns>,
  places: Uint32Array,
): AsyncGenerator<EdgeColumns> {
  const placed = (nodes: Uint32Array) => nodes.map((node) => places[node] ?? node)
  for await (const chunk of rows) {
    yield { ...chunk, sources: placed(chunk.sources), targets: placed(chunk.targets) }
  }
}

/** Values by node at the places of the nodes. */
export function toPlaces(values: Uint32Array, places: Uint32Array): Uint32Array
export function toPlaces(values: BigUint64Array, places: Uint32Array): BigUint64Array
export function toPlaces(
  values: Uint32Array | BigUint64Array,
  places: Uint32Array,
): Uint32Array | BigUint64Array {
  const placed = values.slice()
  for (let node = 0; node < places.length; node++) {
    const value = values[node]
    if (value !== undefined) placed[places[node] ?? node] = value
  }
  return placed
}

/** Values at the places of the nodes by node again. */
export function fromPlaces(values: BigUint64Array, places: Uint32Array): BigUint64Array {
  const byNode = new BigUint64Array(values.length)
  for (let node = 0; node < places.length; node++) {
    byNode[node] = values[places[node] ?? node] ?? 0n
  }
  return byNode
}

function keyOf(degree: number): number {
  return DEGREE_MAX - Math.min(degree, DEGREE_MAX)
}
