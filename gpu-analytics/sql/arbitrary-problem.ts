import { SCORE_MASS } from '@foggara/schema'
import fc from 'fast-check'

import type { FlowProblem, RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { type Graph, buildGraph } from '../graph/build-graph.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { largestRemainder } from '../split/largest-remainder.ts'

const node = fc.nat(9).map((number) => `n${number}`)
const weight = fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(1n, 1n << 150n))
const rows = fc.array(fc.record({ from: node, to: node, weight }), { maxLength: 30 })

/** Small graphs with isolated nodes, dangling nodes, cycles, parallel edges and self loops. */
const graph = fc
  .tuple(rows, fc.uniqueArray(node, { maxLength: 4 }), fc.constantFrom('drop', 'keep'))
  .map(([list, extraNodes, selfLoops]) => buildGraph(list, { extraNodes, selfLoops }))

/** Rank problems of every shape. */
export const arbitraryRankProblem: fc.Arbitrary<RankProblem> = graph.chain((found) =>
  fc.record({
    graph: fc.constant(found),
    weights: fc.constantFrom(normaliseWeights(found), 'equal' as const),
    passThroughQ32: perNode(found, fc.nat(0xffff_ffff)).map((parts) => Uint32Array.from(parts)),
    teleport: fc.oneof(
      fc.constant('uniform' as const),
      perNode(found, fc.bigInt(0n, 1000n)).map((shares) => teleportOf(shares)),
    ),
    start: fc.constantFrom('uniform' as const, 'teleport' as const),
    stop: fc.oneof(
      fc.record({ type: fc.constant('count' as const), iterationCount: fc.nat(5) }),
      fc.record({
        type: fc.constant('delta' as const),
        deltaMax: fc.bigInt(0n, SCORE_MASS >> 3n),
        iterationCountMax: fc.nat(6),
      }),
    ),
  }),
)

/** Flow problems whose amounts stay below `2^amountBits`. */
export function arbitraryFlowProblem(amountBits: number): fc.Arbitrary<FlowProblem> {
  const amount = fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, (1n << BigInt(amountBits)) - 1n))
  return graph.chain((found) =>
    fc.record({
      graph: fc.constant(found),
      fingers: fc.array(amount, lengthOf(found.sources.length)),
      inflow: perNode(found, amount),
      keepFingers: perNode(found, amount),
      stepCountMax: fc.nat(5),
    }),
  )
}

function perNode<Value>(found: Graph, value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> {
  return fc.array(value, lengthOf(found.nodeCount))
}

function lengthOf(length: number) {
  return { minLength: length, maxLength: length }
}

/** Shares of the mass, some of it given to nobody. */
function teleportOf(shares: readonly bigint[]): BigUint64Array {
  const claims = shares.map((share, index) => ({ id: `${index}`, weight: share }))
  const rest = { id: 'nobody', weight: 1n }
  const parts = largestRemainder(SCORE_MASS, [...claims, rest])
  return BigUint64Array.from(claims, (_, index) => at(parts, index))
}
