import { FatalError, SCORE_MASS, sum } from '@foggara/schema'

import type { FlowProblem, RankProblem } from './engine.ts'

/** Checks the shape of a rank problem before any engine touches it. */
export function checkRankProblem(problem: RankProblem): void {
  const nodeCount = problem.graph.ids.length
  checkLength('passThroughQ32', problem.passThroughQ32.length, nodeCount)
  if (problem.teleport !== 'uniform') {
    checkLength('teleport', problem.teleport.length, nodeCount)
    const total = sum(problem.teleport)
    if (total > SCORE_MASS) {
      throw new RankProblemError(`teleport: expected at most 2^62 in all, found ${total}`)
    }
  }
  const { stop } = problem
  checkCount(stop.type === 'count' ? stop.iterationCount : stop.iterationCountMax)
}

/** Checks the shape of a flow problem before any engine touches it. */
export function checkFlowProblem(problem: FlowProblem): void {
  const nodeCount = problem.graph.ids.length
  checkLength('inflow', problem.inflow.length, nodeCount)
  checkLength('keepFingers', problem.keepFingers.length, nodeCount)
  checkCount(problem.stepCountMax)
  for (const value of [...problem.inflow, ...problem.keepFingers]) {
    if (value < 0n) throw new RankProblemError(`expected amounts of at least 0, found ${value}`)
  }
}

function checkLength(what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new RankProblemError(`${what}: expected one value per node (${expected}), found ${found}`)
  }
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 0) {
    throw new RankProblemError(`expected a whole number of iterations, found ${count}`)
  }
}

/** A rank or flow problem does not fit its graph. */
export class RankProblemError extends FatalError {
  constructor(detail: string) {
    super('RANK_PROBLEM_MALFORMED', detail)
  }
}
