import {
  type EdgeSlab,
  type RankEngine,
  type RankProblem,
  type StreamedRankProblem,
  createWasmEngine,
} from '@foggara/gpu-analytics'

/** The WASM engine over edges that come in slabs; what flows is not streamed. */
export async function createStreamedEngine(slabEdgeCount: number): Promise<RankEngine> {
  const engine = await createWasmEngine({ threads: 1 })
  return {
    name: 'wasm',
    rank: (problem, options) => engine.rankStreamed(streamed(problem, slabEdgeCount), options),
    flow: engine.flow,
  }
}

function streamed(problem: RankProblem, slabEdgeCount: number): StreamedRankProblem {
  const { graph, weights, passThroughQ32, teleport, start, stop } = problem
  return {
    nodeCount: graph.nodeCount,
    edgeCount: graph.sources.length,
    outDegrees: graph.outDegrees,
    shifts: weights === 'equal' ? 'equal' : weights.shifts,
    slabs: () => slabsOf(problem, slabEdgeCount),
    passThroughQ32,
    teleport,
    start,
    stop,
  }
}

/** Exactly so many edges each, so most slabs begin and end within a row. */
async function* slabsOf(
  { graph, weights }: RankProblem,
  slabEdgeCount: number,
): AsyncGenerator<EdgeSlab> {
  const { inOffsets, sources } = graph
  let row = 0
  for (let first = 0; first < sources.length; first += slabEdgeCount) {
    const end = Math.min(first + slabEdgeCount, sources.length)
    while ((inOffsets[row + 1] ?? 0) <= first) row++
    const firstRow = row
    const offsets = [0]
    while ((inOffsets[row + 1] ?? 0) < end) {
      row++
      offsets.push((inOffsets[row] ?? 0) - first)
    }
    offsets.push(end - first)
    yield {
      firstRow,
      inOffsets: Uint32Array.from(offsets),
      sources: sources.subarray(first, end),
      ...(weights === 'equal' ? {} : { mantissas: weights.mantissas.subarray(first, end) }),
    }
  }
}
