import type { RankEngine } from '../engine.ts'
import { flowReference } from './flow.ts'
import { rankReference } from './rank.ts'

/** The definitions themselves as an engine. */
export const referenceEngine: RankEngine = {
  name: 'reference',
  rank: async (problem, options) => rankReference(problem, options),
  flow: async (problem, options) => flowReference(problem, options),
}
