import { numberToHex } from 'viem'

import { isScannedLogs, logsOf } from '../scan/scanned-logs.ts'

/**
 * An answer to `eth_getLogs` as JSON has it, unchecked: where the scanner read its bytes, which
 * depends on the place of the call in its batch, the logs are written out again.
 */
export function plainLogs(answer: unknown): unknown {
  if (!isScannedLogs(answer)) return answer
  const { transactionIndexes } = answer.columns
  return logsOf(answer).map(({ block, logIndex, payload, ...log }, place) => ({
    ...log,
    blockNumber: numberToHex(block),
    logIndex: numberToHex(logIndex),
    transactionIndex: numberToHex(transactionIndexes[answer.first + place] ?? 0),
    data: payload,
  }))
}
