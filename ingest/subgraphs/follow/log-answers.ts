import { numberToHex } from 'viem'

import { isScannedLogs, logsOf } from '../../scan/scanned-logs.ts'
import { type JsonRecord, list, record } from '../rpc-chain.ts'

/**
 * The logs of an answer to `eth_getLogs` as JSON has them, also where the scanner read its bytes.
 *
 * @throws {PossibleReorgError} where it is no list of objects.
 */
export function logAnswers(answer: unknown): readonly JsonRecord[] {
  if (!isScannedLogs(answer)) return list(answer).map(record)
  const { transactionIndexes } = answer.columns
  return logsOf(answer).map(({ block, logIndex, payload, ...log }, place) => ({
    ...log,
    blockNumber: numberToHex(block),
    logIndex: numberToHex(logIndex),
    transactionIndex: numberToHex(transactionIndexes[answer.first + place] ?? 0),
    data: payload,
  }))
}
