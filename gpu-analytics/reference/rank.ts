import { SCORE_MASS, divFloor, invariant, mulDivFloor, sum } from '@foggara/schema'

import { checkRankProblem, iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'

const Q32 = 1n << 32n

/**
 * The definition of `rank`: slow, obvious, in bigint. Every other engine must give these bits.
 *
 * @throws {RankProblemError} when a vector has the wrong length or the teleport sums to over 2^62.
 */
export function rankReference(problem: RankProblem, options: RunOptions = {}): RankResult {
  checkRankProblem(problem)
  const { nodeCount, sources } = problem.graph
  const countMax = iterationCountMax(problem.stop)

  let scores = startVector(problem)
  let delta = 0n
  let iterationCount = 0
  while (iterationCount < countMax) {
    checkNotAborted(options.signal, `${iterationCount} iterations`)
    const incoming = incomingOf(problem, scores)
    const teleported = SCORE_MASS - sum(incoming)
    invariant(teleported >= 0n, 'expected no more mass to arrive than was sent')
    const next = incoming.map((arrived, node) => arrived + shareOf(problem, teleported, node))
    invariant(sum(next) <= SCORE_MASS, 'expected the scores to stay within the mass')
    delta = sum(next.map((score, node) => absolute(score - at(scores, node))))
    scores = next
    iterationCount++
    options.onProgress?.({ count: iterationCount, countMax, edgeCount: sources.length })
    if (problem.stop.type === 'delta' && delta <= problem.stop.deltaMax) break
  }
  invariant(scores.length === nodeCount, `expected ${nodeCount} scores, found ${scores.length}`)
  const dust = SCORE_MASS - sum(scores)
  const execution = { engine: 'reference', notes: [] } as const
  return { scores: BigUint64Array.from(scores), dust, iterationCount, delta, execution }
}

function startVector(problem: RankProblem): bigint[] {
  if (problem.start === 'teleport' && problem.teleport !== 'uniform') return [...problem.teleport]
  const { nodeCount } = problem.graph
  return Array.from({ length: nodeCount }, () => divFloor(SCORE_MASS, BigInt(nodeCount)))
}

function incomingOf(problem: RankProblem, scores: readonly bigint[]): bigint[] {
  const { graph, weights } = problem
  const sent = scores.map((score, node) => {
    const passed = mulDivFloor(score, BigInt(at(problem.passThroughQ32, node)), Q32)
    if (at(graph.outDegrees, node) === 0) return 0n
    return weights === 'equal'
      ? divFloor(passed, BigInt(at(graph.outDegrees, node)))
      : divFloor(2n * passed, 1n << BigInt(at(weights.shifts, node)))
  })
  return scores.map((_, node) => {
    let incoming = 0n
    for (let edge = at(graph.inOffsets, node); edge < at(graph.inOffsets, node + 1); edge++) {
      const unit = at(sent, at(graph.sources, edge))
      incoming +=
        weights === 'equal' ? unit : mulDivFloor(unit, BigInt(at(weights.mantissas, edge)), Q32)
    }
    return incoming
  })
}

function shareOf(problem: RankProblem, teleported: bigint, node: number): bigint {
  return problem.teleport === 'uniform'
    ? divFloor(teleported, BigInt(problem.graph.nodeCount))
    : mulDivFloor(teleported, at(problem.teleport, node), SCORE_MASS)
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
