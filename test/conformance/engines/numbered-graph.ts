import { type Graph, type GraphOptions, buildGraph } from '@foggara/gpu-analytics'

/** From node, to node, weight. */
export type NumberedRow = readonly [from: number, to: number, weight: bigint]

const ID_LENGTH = 7

/** The id of a numbered node; ids ascend as their numbers do. */
export function idOf(node: number): string {
  return `n${`${node}`.padStart(ID_LENGTH, '0')}`
}

/** A graph whose nodes are numbered 0 to `nodeCount - 1`. */
export function numberedGraph(
  nodeCount: number,
  rows: readonly NumberedRow[],
  options: GraphOptions = {},
): Graph {
  return buildGraph(
    rows.map(([from, to, weight]) => ({ from: idOf(from), to: idOf(to), weight })),
    { ...options, extraNodes: Array.from({ length: nodeCount }, (_, node) => idOf(node)) },
  )
}

/** Columns of an edge list, as the generators make them. */
export type Columns = {
  readonly sources: Uint32Array
  readonly targets: Uint32Array
  /** Two limbs per row, the low one first; without it every row weighs 1. */
  readonly weights?: BigUint64Array
}

/** The rows of generated columns. */
export function rowsOf({ sources, targets, weights }: Columns): NumberedRow[] {
  return Array.from(sources, (from, row): NumberedRow => {
    const low = weights?.[2 * row] ?? 1n
    const high = weights?.[2 * row + 1] ?? 0n
    return [from, targets[row] ?? 0, (high << 64n) + low]
  })
}

/** The same small pseudo-random numbers on every machine; `bound` is exclusive. */
export function drawsOf(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
