import { SCORE_MASS, divFloor, invariant, mulDivFloor, sum } from '@foggara/schema'

import type { RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'

const Q32 = 1n << 32n

/** What one iteration of rank does, to the last unit. Unit of all amounts: score units. */
export type RankStep = {
  /** Per edge of the graph, what went along it. */
  readonly edgeAmounts: readonly bigint[]
  /** Per node, its share of what no edge carried. */
  readonly shares: readonly bigint[]
  /** Per node, the score after the iteration: what came along its edges, and its share. */
  readonly scores: readonly bigint[]
}

/** The scores before the first iteration. */
export function startScores(problem: RankProblem): bigint[] {
  if (problem.start === 'teleport' && problem.teleport !== 'uniform') return [...problem.teleport]
  const { nodeCount } = problem.graph
  return Array.from({ length: nodeCount }, () => divFloor(SCORE_MASS, BigInt(nodeCount)))
}

/** One iteration, as `docs/attribution.md` defines it. */
export function rankStep(problem: RankProblem, scores: readonly bigint[]): RankStep {
  const { graph, weights } = problem
  const sent = sentOf(problem, scores)
  const edgeAmounts = Array.from(graph.sources, (source, edge) => {
    const unit = at(sent, source)
    return weights === 'equal' ? unit : mulDivFloor(unit, BigInt(at(weights.mantissas, edge)), Q32)
  })
  const incoming = scores.map((_, node) => {
    let arrived = 0n
    for (let edge = at(graph.inOffsets, node); edge < at(graph.inOffsets, node + 1); edge++) {
      arrived += at(edgeAmounts, edge)
    }
    return arrived
  })
  const teleported = SCORE_MASS - sum(incoming)
  invariant(teleported >= 0n, 'expected no more mass to arrive than was sent')
  const shares = scores.map((_, node) => shareOf(problem, teleported, node))
  const next = incoming.map((arrived, node) => arrived + at(shares, node))
  invariant(sum(next) <= SCORE_MASS, 'expected the scores to stay within the mass')
  return { edgeAmounts, shares, scores: next }
}

/** Per node, what an edge carries of a whole mantissa (weighted) or what every edge carries. */
function sentOf({ graph, weights, passThroughQ32 }: RankProblem, scores: readonly bigint[]) {
  return scores.map((score, node) => {
    const passed = mulDivFloor(score, BigInt(at(passThroughQ32, node)), Q32)
    if (at(graph.outDegrees, node) === 0) return 0n
    return weights === 'equal'
      ? divFloor(passed, BigInt(at(graph.outDegrees, node)))
      : divFloor(2n * passed, 1n << BigInt(at(weights.shifts, node)))
  })
}

function shareOf(problem: RankProblem, teleported: bigint, node: number): bigint {
  return problem.teleport === 'uniform'
    ? divFloor(teleported, BigInt(problem.graph.nodeCount))
    : mulDivFloor(teleported, at(problem.teleport, node), SCORE_MASS)
}
