import { createHash } from 'node:crypto'

import type { FlowResult, RankResult } from '@foggara/gpu-analytics'

/** sha256 over every number of a rank that the definition decides: one text, one line per number. */
export function rankHash({ scores, dust, iterationCount, delta }: RankResult): string {
  const hash = createHash('sha256').update(`${iterationCount}\n${delta}\n${dust}\n`)
  return hash.update(littleEndian(scores)).digest('hex')
}

/** sha256 over every number of a flow that the definition decides. */
export function flowHash({ kept, edgeTotals, stepCount, stopped }: FlowResult): string {
  const lines = [stepCount, stopped, ...kept, '', ...edgeTotals]
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

function littleEndian(scores: BigUint64Array): Uint8Array {
  const bytes = new Uint8Array(scores.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [node, score] of scores.entries()) view.setBigUint64(8 * node, score, true)
  return bytes
}
