import { SCORE_MASS, invariant, sum } from '@foggara/schema'

import { checkRankProblem, iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { type RankStep, rankStep, startScores } from './rank-step.ts'

/**
 * The definition of `rank`: slow, obvious, in bigint. Every other engine must give these bits.
 *
 * @throws {RankProblemError} when a vector has the wrong length or the teleport sums to over 2^62.
 */
export function rankReference(problem: RankProblem, options: RunOptions = {}): RankResult {
  const run = rankInSteps(problem, options)
  for (;;) {
    const next = run.next()
    if (next.done === true) return next.value
  }
}

/** The same, yielding to whoever records or interrupts it after every iteration. */
export function* rankInSteps(
  problem: RankProblem,
  options: RunOptions = {},
): Generator<RankStep, RankResult> {
  checkRankProblem(problem)
  const { nodeCount, sources } = problem.graph
  const countMax = iterationCountMax(problem.stop)

  let scores: readonly bigint[] = startScores(problem)
  let delta = 0n
  let iterationCount = 0
  while (iterationCount < countMax) {
    checkNotAborted(options.signal, `${iterationCount} iterations`)
    const before = scores
    const step = rankStep(problem, before)
    scores = step.scores
    delta = sum(scores.map((score, node) => absolute(score - at(before, node))))
    iterationCount++
    yield step
    options.onProgress?.({ count: iterationCount, countMax, edgeCount: sources.length })
    if (problem.stop.type === 'delta' && delta <= problem.stop.deltaMax) break
  }
  invariant(scores.length === nodeCount, `expected ${nodeCount} scores, found ${scores.length}`)
  const dust = SCORE_MASS - sum(scores)
  const execution = { engine: 'reference', notes: [] } as const
  return { scores: BigUint64Array.from(scores), dust, iterationCount, delta, execution }
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
