import { createHash } from 'node:crypto'

import { type FlowResult, type RankResult, rankDigest } from '@foggara/gpu-analytics'

/** Every number of a rank that the definition decides: its digest, and its last step. */
export function rankHash(result: RankResult): string {
  return `${rankDigest(result)} ${result.delta}`
}

/** sha256 over every number of a flow that the definition decides. */
export function flowHash({ kept, edgeTotals, stepCount, stopped }: FlowResult): string {
  const lines = [stepCount, stopped, ...kept, '', ...edgeTotals]
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
