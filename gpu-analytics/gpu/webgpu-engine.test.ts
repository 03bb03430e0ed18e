import { SCORE_MASS } from '@foggara/schema'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { HAS_SOFTWARE_GPU, WHY_NO_SOFTWARE_GPU } from '../../test/software-gpu.ts'
import { compareFlows, compareRanks } from '../compare-results.ts'
import type { FlowProblem, RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { type Graph, type GraphRow, buildGraph } from '../graph/build-graph.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { flowReference } from '../reference/flow.ts'
import { rankReference } from '../reference/rank.ts'
import { largestRemainder } from '../split/largest-remainder.ts'
import { openNodeGpu } from './node-gpu.ts'
import type { WebGpuEngineOptions } from './tuning.ts'
import { type WebGpuEngine, createWebGpuEngine } from './webgpu-engine.ts'

const SEED = 20_261_122
const why = WHY_NO_SOFTWARE_GPU
const absent = !HAS_SOFTWARE_GPU

/** The last has slabs, workgroups, dispatches and batches so small that every boundary is met. */
const LAYOUTS: readonly WebGpuEngineOptions[] = [
  {},
  { subgroups: 'never' },
  {
    slabEdgeCountMax: 29,
    workgroupSize: 8,
    rowLaneCount: 2,
    groupsAcrossMax: 3,
    batchIterationCount: 3,
  },
]
let engines: readonly WebGpuEngine[] = []
beforeAll(async () => {
  if (!HAS_SOFTWARE_GPU) return
  const gpu = await openNodeGpu()
  engines = await Promise.all(
    LAYOUTS.map((layout) => createWebGpuEngine(gpu, { ...layout, allowFallbackAdapter: true })),
  )
})
afterAll(() => {
  for (const engine of engines) engine.close()
})

async function assertRank(problem: RankProblem): Promise<void> {
  const expected = rankReference(problem)
  for (const engine of engines) {
    const found = await engine.rank(problem)
    expect(compareRanks(found, expected)).toEqual({ type: 'equal' })
    const by = problem.graph.nodeCount > 0 ? 'webgpu' : 'reference'
    expect(found.execution.engine).toBe(by)
  }
}

async function assertFlow(problem: FlowProblem, engineName = 'webgpu'): Promise<void> {
  const expected = flowReference(problem)
  for (const engine of engines) {
    const found = await engine.flow(problem)
    expect(compareFlows(found, expected)).toEqual({ type: 'equal' })
    expect(found.execution.engine).toBe(engineName)
  }
}

const node = fc.nat(24).map((number) => `n${number}`)
const weight = fc.oneof(
  fc.bigInt(0n, 4n),
  fc.bigInt(1n, 1n << 32n),
  fc.bigInt(1n, 1n << 90n),
  fc.constant((1n << 160n) - 1n),
)

const rankProblem = fc
  .record({
    rows: fc.array(fc.record({ from: node, to: node, weight }), { maxLength: 120 }),
    isWeighted: fc.boolean(),
    start: fc.constantFrom('teleport', 'uniform'),
    isUniform: fc.boolean(),
    teleportTotal: fc.constantFrom(SCORE_MASS, SCORE_MASS - 1n, 12_345n, 0n),
    iterationCount: fc.nat(9),
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
      weights: drawn.isWeighted ? normaliseWeights(graph) : 'equal',
      passThroughQ32: Uint32Array.from(graph.ids, () => (draw() % 4 === 0 ? 0xffff_ffff : draw())),
      teleport: drawn.isUniform ? 'uniform' : teleport,
      start: drawn.start,
      stop:
        drawn.deltaMax === null
          ? { type: 'count', iterationCount: drawn.iterationCount }
          : { type: 'delta', deltaMax: drawn.deltaMax, iterationCountMax: 12 },
    }
  })

test.skipIf(absent)(
  `rank gives the bits of the reference on random graphs, in every layout${why}`,
  async () => {
    await fc.assert(fc.asyncProperty(rankProblem, assertRank), { seed: SEED, numRuns: 15 })
  },
)

const flowProblem = fc
  .record({
    rows: fc.array(
      fc.record({
        from: node,
        to: node,
        weight: fc.oneof(fc.bigInt(0n, 4n), fc.bigInt(0n, 100_000_000n)),
      }),
      { maxLength: 80 },
    ),
    amounts: fc.array(
      fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 1n << 55n), fc.bigInt(0n, 1n << 120n)),
      { minLength: 26, maxLength: 26 },
    ),
    keep: fc.array(fc.oneof(fc.bigInt(0n, 4n), fc.bigInt(0n, 3_000_000_000n)), {
      minLength: 26,
      maxLength: 26,
    }),
    stepCountMax: fc.nat(20),
  })
  .map(({ rows, amounts, keep, stepCountMax }): FlowProblem => {
    const graph = buildGraph(rows, { extraNodes: ['alone'] })
    return {
      graph,
      fingers: graph.weights,
      inflow: amounts.slice(0, graph.nodeCount),
      keepFingers: keep.slice(0, graph.nodeCount),
      stepCountMax,
    }
  })

test.skipIf(absent)(`flow gives the amounts of the reference, in every layout${why}`, async () => {
  const property = fc.asyncProperty(flowProblem, (problem) => assertFlow(problem))
  await fc.assert(property, { seed: SEED, numRuns: 20 })
})

function chain(nodeCount: number): GraphRow[] {
  const id = (number: number) => `n${String(number).padStart(4, '0')}`
  return Array.from({ length: nodeCount - 1 }, (_, index) => ({
    from: id(index),
    to: id(index + 1),
    weight: BigInt(index + 1),
  }))
}

function hub(spokeCount: number, largest: bigint): GraphRow[] {
  return Array.from({ length: spokeCount }, (_, index) => [
    { from: 'hub', to: `spoke${index}`, weight: BigInt(index + 1) },
    { from: `spoke${index}`, to: 'hub', weight: largest },
  ]).flat()
}

const circle = [
  { from: 'a', to: 'b', weight: 1n },
  { from: 'b', to: 'a', weight: 1n },
]

const SHAPES: readonly { name: string; rows: readonly GraphRow[]; extraNodes?: string[] }[] = [
  { name: 'no node', rows: [] },
  { name: 'one node', rows: [], extraNodes: ['a'] },
  { name: 'only isolated nodes', rows: [], extraNodes: ['a', 'b', 'c'] },
  { name: 'only dangling targets', rows: circle.slice(0, 1), extraNodes: ['isolated'] },
  { name: 'a circle of two', rows: circle },
  { name: 'a hub of 2100 spokes', rows: hub(2100, 1n << 90n) },
  { name: 'one node less than a workgroup', rows: chain(255) },
  { name: 'a workgroup of nodes', rows: chain(256) },
  { name: 'one node more than a workgroup', rows: chain(257) },
  { name: 'a sibling 2^40 times another', rows: [...hub(2, 1n), edge('hub', 'spoke0', 1n << 40n)] },
]

function edge(from: string, to: string, amount: bigint): GraphRow {
  return { from, to, weight: amount }
}

test.skipIf(absent).each(SHAPES)(
  `rank and flow give the bits of the reference with $name${why}`,
  async ({ rows, extraNodes = [] }) => {
    const graph = buildGraph(rows, { extraNodes })
    const passThroughQ32 = new Uint32Array(graph.nodeCount).fill(0xffff_ffff)
    const teleport = new BigUint64Array(graph.nodeCount)
    if (teleport.length > 0) teleport[0] = SCORE_MASS
    const shared = { graph, passThroughQ32, start: 'teleport' } as const
    await assertRank({
      ...shared,
      weights: normaliseWeights(graph),
      teleport: 'uniform',
      stop: { type: 'count', iterationCount: 4 },
    })
    await assertRank({
      ...shared,
      weights: 'equal',
      teleport,
      stop: { type: 'delta', deltaMax: 1n << 55n, iterationCountMax: 6 },
    })
    await assertFlow(evenFlow(graph, 5))
  },
)

function evenFlow(graph: Graph, stepCountMax: number): FlowProblem {
  return {
    graph,
    fingers: graph.weights.map((amount) => amount % 1000n),
    inflow: graph.ids.map((_, index) => (1n << 90n) + BigInt(index)),
    keepFingers: graph.ids.map((_, index) => BigInt(index % 3)),
    stepCountMax,
  }
}

test.skipIf(absent)(
  `a stop rule that nothing meets, and one that all meet, count as they should${why}`,
  async () => {
    const graph = buildGraph(hub(9, 3n))
    const problem: RankProblem = {
      graph,
      weights: 'equal',
      passThroughQ32: new Uint32Array(graph.nodeCount).fill(0xd999_9999),
      teleport: 'uniform',
      start: 'uniform',
      stop: { type: 'delta', deltaMax: -1n, iterationCountMax: 7 },
    }
    await assertRank(problem)
    const stop = { type: 'delta', deltaMax: 1n << 80n, iterationCountMax: 7 } as const
    await assertRank({ ...problem, stop })
    await assertRank({ ...problem, stop: { ...stop, iterationCountMax: 0 } })
  },
)

test.skipIf(absent)(
  `flow over 128 bits goes to the reference, and a note says why${why}`,
  async () => {
    const graph = buildGraph(circle)
    const still = { graph, fingers: [1n, 1n], keepFingers: [0n, 0n] }
    await assertFlow({ ...still, inflow: [1n << 128n, 0n], stepCountMax: 3 }, 'reference')
    await assertFlow({ ...still, inflow: [(1n << 128n) - 9n, 0n], stepCountMax: 7 }, 'reference')
    const wide = { ...still, fingers: [1n << 32n, 1n], inflow: [1n << 60n, 0n], stepCountMax: 3 }
    await assertFlow(wide, 'reference')
    await assertFlow({ ...still, inflow: [(1n << 127n) - 9n, 0n], stepCountMax: 2 })
    const { execution } = await at(engines, 0).flow(wide)
    expect(execution.notes[0]).toContain('a node has 2^32 fingers or more')
  },
)

test.skipIf(absent)(
  `weights that pass on more than arrives go to the reference${why}`,
  async () => {
    const graph = buildGraph(circle)
    const problem: RankProblem = {
      graph,
      weights: { mantissas: Uint32Array.of(0xffff_ffff, 1), shifts: Uint8Array.of(0, 0) },
      passThroughQ32: new Uint32Array(2).fill(0x1000_0000),
      teleport: 'uniform',
      start: 'uniform',
      stop: { type: 'count', iterationCount: 2 },
    }
    const { execution, ...found } = await at(engines, 0).rank(problem)
    const { execution: _, ...expected } = rankReference(problem)
    expect(found).toEqual(expected)
    expect(execution.engine).toBe('reference')
  },
)

test.skipIf(absent)(`runs side by side on one device do not disturb each other${why}`, async () => {
  const graph = buildGraph(hub(40, 5n))
  const ranking: RankProblem = {
    graph,
    weights: normaliseWeights(graph),
    passThroughQ32: new Uint32Array(graph.nodeCount).fill(0xd999_9999),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount: 9 },
  }
  const flowing = evenFlow(graph, 9)
  const engine = at(engines, 0)
  const runs = [engine.rank(ranking), engine.flow(flowing), engine.rank(ranking)] as const
  const [first, flowed, second] = await Promise.all(runs)
  expect(compareRanks(first, rankReference(ranking))).toEqual({ type: 'equal' })
  expect(compareRanks(second, first)).toEqual({ type: 'equal' })
  expect(compareFlows(flowed, flowReference(flowing))).toEqual({ type: 'equal' })
})
