import {
  type RankProblem,
  buildGraph,
  createWasmEngine,
  normaliseWeights,
  referenceEngine,
} from '@foggara/gpu-analytics'

import { compare } from './report.ts'

/** How much do exact integers cost, and how much does WASM give back? Baseline: the bigint reference. */

const NODE_COUNT = 20_000
const EDGE_COUNT = 200_000
const ITERATION_COUNT = 10

let state = 0x9e3779b9
function draw(bound: number): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % bound
}

const id = (node: number): string => `0x${node.toString(16).padStart(64, '0')}`
const graph = buildGraph(
  Array.from({ length: EDGE_COUNT }, () => ({
    from: id(draw(NODE_COUNT)),
    to: id(Math.min(draw(NODE_COUNT), draw(NODE_COUNT))),
    weight: BigInt(1 + draw(1_000_000)),
  })),
)
const problem: RankProblem = {
  graph,
  weights: normaliseWeights(graph),
  passThroughQ32: new Uint32Array(graph.ids.length).fill(3_650_722_201),
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: ITERATION_COUNT },
}
const wasm = await createWasmEngine()

await compare(
  `rank: ${graph.ids.length} nodes, ${graph.sources.length} weighted edges, ${ITERATION_COUNT} iterations`,
  [
    { name: 'bigint reference', run: () => referenceEngine.rank(problem) },
    { name: 'WASM', run: () => wasm.rank(problem) },
    { name: 'float64 in JavaScript (inexact)', run: () => floatRank() },
  ],
)

/** The same iteration in floats: what an implementation without our guarantees would run. */
function floatRank(): Float64Array {
  const size = graph.ids.length
  const outSum = new Float64Array(size)
  const weights = Float64Array.from(graph.weights, Number)
  for (const [edge, weight] of weights.entries()) {
    const source = graph.sources[edge] ?? 0
    outSum[source] = (outSum[source] ?? 0) + weight
  }
  let score = new Float64Array(size).fill(1 / size)
  for (let iteration = 0; iteration < ITERATION_COUNT; iteration++) {
    const next = new Float64Array(size)
    for (const [edge, weight] of weights.entries()) {
      const source = graph.sources[edge] ?? 0
      const target = graph.targets[edge] ?? 0
      next[target] =
        (next[target] ?? 0) + (0.85 * (score[source] ?? 0) * weight) / (outSum[source] ?? 1)
    }
    const base = (1 - next.reduce((total, value) => total + value, 0)) / size
    score = next.map((value) => value + base)
  }
  return score
}
