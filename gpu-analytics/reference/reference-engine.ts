import type { RankEngine } from '../engine.ts'
import { flowInSteps } from './flow.ts'
import { inTurns } from './in-turns.ts'
import { rankInSteps } from './rank.ts'

/** The definitions themselves as an engine. */
export const referenceEngine: RankEngine = {
  name: 'reference',
  rank: (problem, options) => inTurns(problem.graph.sources.length, rankInSteps(problem, options)),
  flow: (problem, options) => inTurns(problem.graph.sources.length, flowInSteps(problem, options)),
}
