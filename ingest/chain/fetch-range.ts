import type { Hex } from '@foggara/schema'

import { logsOf } from '../scan/scanned-logs.ts'
import type { Header, Log } from './block.ts'
import { type BloomBits, bloomBits, mayContain } from './bloom.ts'
import { checkParents, fetchPieces } from './fetch-pieces.ts'
import {
  type LogFilter,
  type LogSource,
  fetchSpan,
  fetchSpanByReceipts,
  logTest,
} from './fetch-range-logs.ts'
import { RpcInconsistentError } from './rpc-errors.ts'
import type { BlockSpan } from './rpc-verdict.ts'

export type { LogFilter, LogSource } from './fetch-range-logs.ts'

/** Consecutive blocks with the logs of the indexed contracts, checked against each other. */
export type ChainRange = {
  readonly headers: readonly Header[]
  /** Ascending by block and log index. */
  readonly logs: readonly Log[]
  /** Blocks whose bloom filter rules out any log of the contracts. */
  readonly bloomNegative: ReadonlySet<number>
  /** Blocks whose logs are those of receipts that fold to the root in their header. */
  readonly receiptsProven: ReadonlySet<number>
  /** Which proof the blocks are stored under where both are there. */
  readonly way: FetchWay
}

/** How the logs are asked for. */
export type FetchWay = 'logs' | 'receipts'

/**
 * Fetches the blocks of `span` and the logs that pass `filter` in them, in pieces that the provider's
 * limits allow.
 *
 * Every answer is checked: blocks follow each other by parent hash, from `parentHash` on if given;
 * each log lies in the range, carries its block's hash, passes the filter, is there once
 * and passes its block's bloom filter. Raises `RPC_INCONSISTENT` and the codes of {@link Rpc}.
 */
export async function fetchRange(
  source: LogSource,
  filter: LogFilter,
  span: BlockSpan,
  parentHash: Hex | undefined,
  way: FetchWay = 'logs',
): Promise<ChainRange> {
  const bloom = filterBloom(filter)
  const isNegative = ({ logsBloom }: Header): boolean =>
    source.headers.trustsBloom && !bloom(logsBloom)
  const pieces = await fetchPieces(source, [filter], span, (piece) =>
    way === 'logs'
      ? fetchSpan(source, [filter], piece)
      : fetchSpanByReceipts(source, [filter], piece, isNegative),
  )
  const headers = pieces.flatMap((piece) => piece.headers)
  checkParents(source.shownUrl, headers, parentHash)
  const logs = pieces
    .flatMap((piece) => piece.logs.flatMap(logsOf))
    .toSorted((a, b) => a.block - b.block || a.logIndex - b.logIndex)
  checkLogs(source, filter, headers, logs)
  const bloomNegative = new Set(headers.filter(isNegative).map(({ block }) => block))
  const receiptsProven = new Set(pieces.flatMap((piece) => piece.proven))
  return { headers, logs, bloomNegative, receiptsProven, way }
}

function checkLogs(
  source: LogSource,
  filter: LogFilter,
  headers: readonly Header[],
  logs: readonly Log[],
): void {
  const headerOf = new Map(headers.map((header) => [header.block, header]))
  const isWanted = logTest([filter])
  const bitsOf = new Map<Hex, BloomBits>()
  const isInBloom = (header: Header, value: Hex): boolean => {
    if (!source.headers.trustsBloom) return true
    const bits = bitsOf.get(value) ?? bloomBits(value)
    bitsOf.set(value, bits)
    return mayContain(header.logsBloom, bits)
  }
  for (const [index, log] of logs.entries()) {
    const header = headerOf.get(log.block)
    const previous = logs[index - 1]
    const problem =
      header === undefined
        ? 'outside the range'
        : header.hash !== log.blockHash
          ? 'of another fork'
          : !isWanted(log)
            ? 'of a contract or kind that was not asked for'
            : previous?.block === log.block && previous.logIndex === log.logIndex
              ? 'twice'
              : [log.address, ...log.topics.slice(0, 1)].every((value) => isInBloom(header, value))
                ? undefined
                : 'that its block rules out'
    if (problem !== undefined) {
      const where = `log ${log.logIndex} of block ${log.block}`
      throw new RpcInconsistentError(source.shownUrl, `logs of the range`, `${where}, ${problem}`)
    }
  }
}

/** Whether a block's bloom leaves room for a log that passes the filter. */
function filterBloom({ addresses, topics }: LogFilter): (logsBloom: Hex) => boolean {
  const addressBits = addresses === 'any' ? undefined : addresses.map(bloomBits)
  const topicBits = topics?.map(bloomBits)
  return (logsBloom) =>
    (addressBits === undefined || addressBits.some((bits) => mayContain(logsBloom, bits))) &&
    (topicBits === undefined || topicBits.some((bits) => mayContain(logsBloom, bits)))
}
