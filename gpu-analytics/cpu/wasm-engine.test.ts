import { SCORE_MASS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'

import type { Execution, FlowProblem, RankEngine, RankProblem } from '../engine.ts'
import { type GraphRow, buildGraph } from '../graph/build-graph.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { flowReference } from '../reference/flow.ts'
import { rankReference } from '../reference/rank.ts'
import { largestRemainder } from '../split/largest-remainder.ts'
import { compileKernel, kernelModuleText } from './build-kernel.ts'
import { RANK_WASM_BASE64 } from './rank.wasm.ts'
import { createWasmEngine } from './wasm-engine.ts'

const SEED = 20_260_802
let engine: RankEngine
beforeAll(async () => {
  engine = await createWasmEngine()
})

/** A result without who computed it. */
function bits<T extends { readonly execution: Execution }>(result: T): Omit<T, 'execution'> {
  const { execution: _, ...rest } = result
  return rest
}

const node = fc.nat(24).map((number) => `n${number}`)
const weight = fc.oneof(
  fc.bigInt(0n, 4n),
  fc.bigInt(1n, 1n << 32n),
  fc.bigInt(1n, 1n << 90n),
  fc.constant((1n << 160n) - 1n),
)
const rows = fc.array(fc.record({ from: node, to: node, weight }), { maxLength: 120 })

const rankProblem = fc
  .record({
    rows,
    edgeWeights: fc.constantFrom('weighted', 'equal'),
    start: fc.constantFrom('teleport', 'uniform'),
    isUniform: fc.boolean(),
    teleportTotal: fc.constantFrom(SCORE_MASS, SCORE_MASS - 1n, 12_345n, 0n),
    iterationCount: fc.nat(12),
    deltaMax: fc.option(fc.bigInt(0n, 1n << 60n)),
    seed: fc.infiniteStream(fc.nat(0xffff_ffff)),
  })
  .map((drawn): RankProblem => {
    const graph = buildGraph(drawn.rows, { extraNodes: ['alone', 'n0'] })
    const draw = () => drawn.seed.next().value ?? 0
    const claims = graph.ids.map((id) => ({ id, weight: BigInt(draw() % 5) }))
    const teleport = claims.some((claim) => claim.weight > 0n)
      ? BigUint64Array.from(largestRemainder(drawn.teleportTotal, claims))
      : 'uniform'
    return {
      graph,
      weights: drawn.edgeWeights === 'equal' ? 'equal' : normaliseWeights(graph),
      passThroughQ32: Uint32Array.from(graph.ids, () => (draw() % 4 === 0 ? 0xffff_ffff : draw())),
      teleport: drawn.isUniform ? 'uniform' : teleport,
      start: drawn.start,
      stop:
        drawn.deltaMax === null
          ? { type: 'count', iterationCount: drawn.iterationCount }
          : { type: 'delta', deltaMax: drawn.deltaMax, iterationCountMax: 30 },
    }
  })

test('rank gives the bits of the reference on random graphs', async () => {
  await fc.assert(
    fc.asyncProperty(rankProblem, async (problem) => {
      expect(bits(await engine.rank(problem))).toEqual(bits(rankReference(problem)))
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('flow gives the amounts of the reference on random graphs, small amounts and large', async () => {
  const amount = fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 1n << 55n), fc.bigInt(0n, 1n << 90n))
  const fingers = fc.oneof(fc.bigInt(0n, 4n), fc.bigInt(0n, 100_000_000n))
  const flowProblem = fc
    .record({
      rows: fc.array(fc.record({ from: node, to: node, weight: fingers }), { maxLength: 80 }),
      amounts: fc.array(amount, { minLength: 26, maxLength: 26 }),
      keep: fc.array(fingers, { minLength: 26, maxLength: 26 }),
      stepCountMax: fc.nat(40),
    })
    .map(({ rows: drawnRows, amounts, keep, stepCountMax }): FlowProblem => {
      const graph = buildGraph(drawnRows, { extraNodes: ['alone'] })
      const nodeCount = graph.ids.length
      return {
        graph,
        fingers: graph.weights,
        inflow: amounts.slice(0, nodeCount),
        keepFingers: keep.slice(0, nodeCount),
        stepCountMax,
      }
    })
  await fc.assert(
    fc.asyncProperty(flowProblem, async (problem) => {
      expect(bits(await engine.flow(problem))).toEqual(bits(flowReference(problem)))
    }),
    { seed: SEED, numRuns: 300 },
  )
})

const circle: readonly GraphRow[] = [
  { from: 'a', to: 'b', weight: 1n },
  { from: 'b', to: 'a', weight: 1n },
]

function hub(count: number, largest: bigint): GraphRow[] {
  const spokes = Array.from({ length: count }, (_, index) => `spoke${index}`)
  return [
    ...spokes.map((spoke, index) => ({ from: 'hub', to: spoke, weight: BigInt(index + 1) })),
    ...spokes.map((spoke) => ({ from: spoke, to: 'hub', weight: largest })),
  ]
}

test.each([
  { name: 'no node', rows: [], extraNodes: [] },
  { name: 'one node', rows: [], extraNodes: ['a'] },
  { name: 'one edge into a dangling node', rows: circle.slice(0, 1), extraNodes: [] },
  { name: 'a circle of two', rows: circle, extraNodes: ['isolated'] },
  { name: 'a hub of 3000 spokes', rows: hub(3000, 1n << 90n), extraNodes: [] },
])('rank gives the bits of the reference with $name', async ({ rows: list, extraNodes }) => {
  const graph = buildGraph(list, { extraNodes })
  const passThroughQ32 = new Uint32Array(graph.ids.length).fill(0xffff_ffff)
  const teleport = new BigUint64Array(graph.ids.length)
  if (teleport.length > 0) teleport[0] = SCORE_MASS
  for (const weights of ['equal', normaliseWeights(graph)] as const) {
    for (const chosen of ['uniform', teleport] as const) {
      const problem: RankProblem = {
        graph,
        weights,
        passThroughQ32,
        teleport: chosen,
        start: 'teleport',
        stop: { type: 'count', iterationCount: 5 },
      }
      const result = await engine.rank(problem)
      expect(bits(result)).toEqual(bits(rankReference(problem)))
      expect(sum(result.scores) + result.dust).toBe(SCORE_MASS)
    }
  }
})

test('flow falls back when a cycle carries more than 64 bits along an edge', async () => {
  const graph = buildGraph(circle)
  const inflow = [(1n << 62n) - 1n, 0n]
  const problem = {
    graph,
    fingers: graph.weights,
    inflow,
    keepFingers: [0n, 0n],
    stepCountMax: 50,
  }
  const result = await engine.flow(problem)
  expect(bits(result)).toEqual(bits(flowReference(problem)))
  expect(sum(result.edgeTotals)).toBe(50n * ((1n << 62n) - 1n))
})

test('the committed module is what the kernels compile to', async () => {
  expect(kernelModuleText(await compileKernel())).toContain(RANK_WASM_BASE64)
}, 60_000)
