import type { RankProblem } from '@foggara/gpu-analytics'

/** The same problem with its nodes numbered another way; `numbers` has each node's new number. */
export function relabelled(problem: RankProblem, numbers: Uint32Array): RankProblem {
  const { graph, weights } = problem
  const edges = edgesOf(problem, numbers)
  const inOffsets = new Uint32Array(graph.nodeCount + 1)
  for (const { target } of edges) inOffsets[target + 1] = (inOffsets[target + 1] ?? 0) + 1
  for (let node = 0; node < graph.nodeCount; node++) {
    inOffsets[node + 1] = (inOffsets[node + 1] ?? 0) + (inOffsets[node] ?? 0)
  }
  const moved = <Vector extends Uint32Array | Uint8Array | BigUint64Array>(vector: Vector) => {
    const result = vector.slice() as Vector
    for (const [node, number] of numbers.entries()) result[number] = vector[node] ?? 0
    return result
  }
  return {
    ...problem,
    graph: {
      nodeCount: graph.nodeCount,
      inOffsets,
      sources: Uint32Array.from(edges, ({ source }) => source),
      outDegrees: moved(graph.outDegrees),
    },
    weights:
      weights === 'equal'
        ? 'equal'
        : {
            mantissas: Uint32Array.from(edges, ({ edge }) => weights.mantissas[edge] ?? 0),
            shifts: moved(weights.shifts),
          },
    passThroughQ32: moved(problem.passThroughQ32),
    teleport: problem.teleport === 'uniform' ? 'uniform' : moved(problem.teleport),
  }
}

/** Each node's new number: a fixed shuffle without any order left. */
export function shuffledNumbers(nodeCount: number): Uint32Array {
  const numbers = Uint32Array.from({ length: nodeCount }, (_, node) => node)
  let state = nodeCount + 1
  for (let last = nodeCount - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const place = Math.floor((state / 2 ** 32) * (last + 1))
    const number = numbers[last] ?? 0
    numbers[last] = numbers[place] ?? 0
    numbers[place] = number
  }
  return numbers
}

function edgesOf({ graph }: RankProblem, numbers: Uint32Array) {
  const edges: { source: number; target: number; edge: number }[] = []
  for (let node = 0; node < graph.nodeCount; node++) {
    const end = graph.inOffsets[node + 1] ?? 0
    for (let edge = graph.inOffsets[node] ?? 0; edge < end; edge++) {
      const source = numbers[graph.sources[edge] ?? 0] ?? 0
      edges.push({ source, target: numbers[node] ?? 0, edge })
    }
  }
  return edges.toSorted((a, b) => a.target - b.target || a.source - b.source)
}
