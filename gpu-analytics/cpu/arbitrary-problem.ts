import { SCORE_MASS } from '@foggara/schema'
import fc from 'fast-check'

import type { Execution, FlowProblem, RankProblem } from '../engine.ts'
import { buildGraph } from '../graph/build-graph.ts'
import type { EdgeSlab } from '../graph/edge-slab.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { largestRemainder } from '../split/largest-remainder.ts'
import type { StreamedRankProblem } from './streamed-problem.ts'

const node = fc.nat(24).map((number) => `n${number}`)
const weight = fc.oneof(
  fc.bigInt(0n, 4n),
  fc.bigInt(1n, 1n << 32n),
  fc.bigInt(1n, 1n << 90n),
  fc.constant((1n << 160n) - 1n),
)

/** Rank problems of up to 26 nodes with every choice that there is. */
export const arbitraryRank: fc.Arbitrary<RankProblem> = fc
  .record({
    rows: fc.array(fc.record({ from: node, to: node, weight }), { maxLength: 120 }),
    isWeighted: fc.boolean(),
    start: fc.constantFrom('teleport', 'uniform'),
    isUniform: fc.boolean(),
    teleportTotal: fc.constantFrom(SCORE_MASS, SCORE_MASS - 1n, 12_345n, 0n),
    iterationCount: fc.nat(12),
    deltaMax: fc.option(fc.bigInt(0n, 1n << 60n)),
    seed: fc.infiniteStream(fc.nat(0xffff_ffff)),
  })
  .map((drawn): RankProblem => {
    const graph = buildGraph(drawn.rows, { extraNodes: ['alone', 'also alone', 'n0'] })
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
          : { type: 'delta', deltaMax: drawn.deltaMax, iterationCountMax: 30 },
    }
  })

const fingers = fc.oneof(fc.bigInt(0n, 4n), fc.bigInt(0n, 100_000_000n))

/** Flow problems of up to 26 nodes whose amounts have up to `amountBits` bits. */
export function arbitraryFlow(amountBits: number): fc.Arbitrary<FlowProblem> {
  const amount = fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, (1n << BigInt(amountBits)) - 1n))
  return fc
    .record({
      rows: fc.array(fc.record({ from: node, to: node, weight: fingers }), { maxLength: 80 }),
      amounts: fc.array(amount, { minLength: 26, maxLength: 26 }),
      keep: fc.array(fingers, { minLength: 26, maxLength: 26 }),
      stepCountMax: fc.nat(40),
    })
    .map(({ rows, amounts, keep, stepCountMax }): FlowProblem => {
      const graph = buildGraph(rows, { extraNodes: ['alone'] })
      const { nodeCount } = graph
      return {
        graph,
        fingers: graph.weights,
        inflow: amounts.slice(0, nodeCount),
        keepFingers: keep.slice(0, nodeCount),
        stepCountMax,
      }
    })
}

/** The same problem with its edges in slabs of `edgeCount`, cut through rows where they fall. */
export function streamedFrom(problem: RankProblem, edgeCount: number): StreamedRankProblem {
  const { graph, weights, passThroughQ32, teleport, start, stop } = problem
  const slabs = slabsOf(problem, edgeCount)
  return {
    nodeCount: graph.nodeCount,
    edgeCount: graph.sources.length,
    outDegrees: graph.outDegrees,
    shifts: weights === 'equal' ? 'equal' : weights.shifts,
    passThroughQ32,
    teleport,
    start,
    stop,
    slabs: async function* () {
      yield* slabs
    },
  }
}

function slabsOf({ graph, weights }: RankProblem, edgeCount: number): EdgeSlab[] {
  const slabs: EdgeSlab[] = []
  const { inOffsets, sources } = graph
  for (let begin = 0; begin < sources.length; begin += edgeCount) {
    const end = Math.min(sources.length, begin + edgeCount)
    const firstRow = inOffsets.findLastIndex((offset) => offset <= begin)
    const lastRow = inOffsets.findIndex((offset) => offset >= end)
    slabs.push({
      firstRow,
      inOffsets: inOffsets
        .slice(firstRow, lastRow + 1)
        .map((offset) => Math.min(Math.max(offset, begin), end) - begin),
      sources: sources.slice(begin, end),
      ...(weights === 'equal' ? {} : { mantissas: weights.mantissas.slice(begin, end) }),
    })
  }
  return slabs
}

/** A result without who computed it. */
export function bitsOf<T extends { readonly execution: Execution }>(result: T) {
  const { execution: _, ...bits } = result
  return bits
}
