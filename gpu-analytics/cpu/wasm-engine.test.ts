import { SCORE_MASS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'

import type { FlowProblem, RankEngine, RankProblem } from '../engine.ts'
import { type GraphRow, buildGraph } from '../graph/build-graph.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { flowReference } from '../reference/flow.ts'
import { rankReference } from '../reference/rank.ts'
import { arbitraryFlow, arbitraryRank, bitsOf } from './arbitrary-problem.ts'
import { compileKernel, kernelModuleText } from './build-kernel.ts'
import { RANK_WASM_BASE64, SHARED_FLAG_AT } from './rank.wasm.ts'
import { createWasmEngine } from './wasm-engine.ts'

const SEED = 20_260_802
/** Fewer than the nodes of the random graphs, so that some of their edges are pushed. */
const HOT_NODE_COUNT = 5

let alone: RankEngine
let tiled: RankEngine
let threaded: RankEngine
beforeAll(async () => {
  alone = await createWasmEngine({ threads: 1 })
  tiled = await createWasmEngine({ threads: 1, hotNodeCount: HOT_NODE_COUNT })
  threaded = await createWasmEngine({ threads: 2, hotNodeCount: HOT_NODE_COUNT })
})

test('rank gives the bits of the reference on random graphs, with and without tiles', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryRank, async (problem) => {
      const expected = bitsOf(rankReference(problem))
      expect(bitsOf(await alone.rank(problem))).toEqual(expected)
      expect(bitsOf(await tiled.rank(problem))).toEqual(expected)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('rank gives the same bits on two threads', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryRank, async (problem) => {
      expect(bitsOf(await threaded.rank(problem))).toEqual(bitsOf(rankReference(problem)))
    }),
    { seed: SEED, numRuns: 12 },
  )
})

test('flow gives the amounts of the reference on random graphs, small amounts and large', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryFlow(122), async (problem) => {
      const result = await alone.flow(problem)
      expect(bitsOf(result)).toEqual(bitsOf(flowReference(problem)))
      expect(result.execution).toEqual({ engine: 'wasm', notes: [] })
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('flow gives the same amounts on two threads', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryFlow(122), async (problem) => {
      expect(bitsOf(await threaded.flow(problem))).toEqual(bitsOf(flowReference(problem)))
    }),
    { seed: SEED, numRuns: 6 },
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
      const expected = bitsOf(rankReference(problem))
      for (const engine of [alone, tiled, threaded]) {
        const result = await engine.rank(problem)
        expect(bitsOf(result)).toEqual(expected)
        expect(sum(result.scores) + result.dust).toBe(SCORE_MASS)
      }
    }
  }
})

test('rank gives the same bits when a row is longer than a chunk', async () => {
  const count = 300_000
  const inOffsets = new Uint32Array(count + 2).fill(count, 1)
  const problem: RankProblem = {
    graph: {
      nodeCount: count + 1,
      inOffsets,
      sources: Uint32Array.from({ length: count }, (_, index) => index + 1),
      outDegrees: new Uint32Array(count + 1).fill(1, 1),
    },
    weights: 'equal',
    passThroughQ32: new Uint32Array(count + 1).fill(3_650_722_201),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount: 2 },
  }
  const expected = bitsOf(rankReference(problem))
  for (const engine of [alone, tiled, threaded]) {
    const result = bitsOf(await engine.rank(problem))
    expect(result.dust).toBe(expected.dust)
    expect(result.delta).toBe(expected.delta)
    expect(Buffer.from(result.scores.buffer).equals(Buffer.from(expected.scores.buffer))).toBe(true)
  }
})

const shuttle: FlowProblem = {
  graph: buildGraph(circle),
  fingers: [1n, 1n],
  inflow: [(1n << 126n) - 1n, 0n],
  keepFingers: [0n, 0n],
  stepCountMax: 50,
}

test.each([
  { name: 'a cycle carries more than 128 bits along an edge', problem: shuttle, said: /128 bits/ },
  {
    name: 'the inflow is too large',
    problem: { ...shuttle, inflow: [1n << 127n, 0n] },
    said: /127 bits/,
  },
  {
    name: 'a node has too many fingers',
    problem: { ...shuttle, keepFingers: [1n << 32n, 0n] },
    said: /32 bits/,
  },
])('flow is done by the reference, and says so, when $name', async ({ problem, said }) => {
  const result = await alone.flow(problem)
  expect(bitsOf(result)).toEqual(bitsOf(flowReference(problem)))
  expect(result.execution.engine).toBe('reference')
  expect(result.execution.notes.join()).toMatch(said)
})

test('the committed module is what the kernels compile to', async () => {
  const kernel = await compileKernel()
  expect(kernelModuleText(kernel)).toContain(RANK_WASM_BASE64)
  expect(kernel.sharedFlagAt).toBe(SHARED_FLAG_AT)
}, 60_000)
