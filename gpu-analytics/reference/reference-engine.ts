import type { RankEngine } from '../engine.ts'
import { flowReference } from './flow.ts'
import { rankReference } from './rank.ts'

/** The definitions themselves as an engine. */
export const referenceEngine: RankEngine = {
  name: 'reference',
  rank: rankReference,
  flow: flowReference,
}
