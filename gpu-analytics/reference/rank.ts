import { SCORE_MASS, divFloor, invariant, mulDivFloor, sum } from '@foggara/schema'

import { checkRankProblem } from '../check-problem.ts'
import type { RankProblem, RankResult } from '../engine.ts'
import { at } from '../graph/at.ts'
import { type NormalisedWeights, normaliseWeights } from '../graph/normalise-weights.ts'

const Q32 = 1n << 32n

/**
 * The definition of `rank`: slow, obvious, in bigint. Every other engine must give these bits.
 *
 * @throws {RankProblemError} when a vector has the wrong length or the teleport sums to over 2^62.
 */
export function rankReference(problem: RankProblem): RankResult {
  checkRankProblem(problem)
  const nodeCount = problem.graph.ids.length
  const weights = problem.edgeWeights === 'weighted' ? normaliseWeights(problem.graph) : undefined
  const iterationCountMax =
    problem.stop.type === 'count' ? problem.stop.iterationCount : problem.stop.iterationCountMax

  let scores = startVector(problem)
  let delta = 0n
  let iterationCount = 0
  while (iterationCount < iterationCountMax) {
    const incoming = incomingOf(problem, weights, scores)
    const teleported = SCORE_MASS - sum(incoming)
    invariant(teleported >= 0n, 'expected no more mass to arrive than was sent')
    const next = incoming.map((arrived, node) => arrived + shareOf(problem, teleported, node))
    invariant(sum(next) <= SCORE_MASS, 'expected the scores to stay within the mass')
    delta = sum(next.map((score, node) => absolute(score - at(scores, node))))
    scores = next
    iterationCount++
    if (problem.stop.type === 'delta' && delta <= problem.stop.deltaMax) break
  }
  invariant(scores.length === nodeCount, `expected ${nodeCount} scores, found ${scores.length}`)
  const dust = SCORE_MASS - sum(scores)
  return { scores: BigUint64Array.from(scores), dust, iterationCount, delta }
}

function startVector(problem: RankProblem): bigint[] {
  if (problem.start === 'teleport' && problem.teleport !== 'uniform') return [...problem.teleport]
  const nodeCount = BigInt(problem.graph.ids.length)
  return problem.graph.ids.map(() => divFloor(SCORE_MASS, nodeCount))
}

function incomingOf(
  problem: RankProblem,
  weights: NormalisedWeights | undefined,
  scores: readonly bigint[],
): bigint[] {
  const { graph } = problem
  const sent = scores.map((score, node) => {
    const passed = mulDivFloor(score, BigInt(at(problem.passThroughQ32, node)), Q32)
    if (at(graph.outDegrees, node) === 0) return 0n
    return weights === undefined
      ? divFloor(passed, BigInt(at(graph.outDegrees, node)))
      : divFloor(2n * passed, 1n << BigInt(at(weights.shifts, node)))
  })
  const incoming = graph.ids.map(() => 0n)
  for (const [edge, target] of graph.targets.entries()) {
    const unit = at(sent, at(graph.sources, edge))
    const arrived =
      weights === undefined ? unit : mulDivFloor(unit, BigInt(at(weights.mantissas, edge)), Q32)
    incoming[target] = at(incoming, target) + arrived
  }
  return incoming
}

function shareOf(problem: RankProblem, teleported: bigint, node: number): bigint {
  return problem.teleport === 'uniform'
    ? divFloor(teleported, BigInt(problem.graph.ids.length))
    : mulDivFloor(teleported, at(problem.teleport, node), SCORE_MASS)
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
