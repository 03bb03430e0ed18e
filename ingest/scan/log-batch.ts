import type { Hex } from '@foggara/schema'

import type { Header } from '../chain/block.ts'
import { type NativeRows, wordColumn } from '../store/native-block.ts'
import type { Row } from '../store/row-binary.ts'
import type { CheckedLogs } from './check-logs.ts'
import { isRuledOut } from './check-logs.ts'
import type { SourceMatcher } from './source-matcher.ts'

/** Consecutive blocks with the logs of all sources, checked. */
export type CheckedRange = { readonly headers: readonly Header[]; readonly logs: CheckedLogs }

/** Ranges that are committed together. */
export type LogBatch = {
  readonly firstBlock: number
  readonly lastBlock: number
  readonly blockHashes: readonly Hex[]
  readonly blockRows: readonly Row[]
  readonly logRows: NativeRows
}

/** Puts consecutive ranges together, their logs as the columns of the raw archive. */
export function logBatch(matcher: SourceMatcher, ranges: readonly CheckedRange[]): LogBatch {
  const headers = ranges.flatMap((range) => range.headers)
  const logs = ranges.map((range) => range.logs)
  return {
    firstBlock: headers[0]?.block ?? 0,
    lastBlock: headers.at(-1)?.block ?? -1,
    blockHashes: headers.map(({ hash }) => hash),
    blockRows: ranges.flatMap((range) => blockRows(matcher, range)),
    logRows: logRows(matcher, logs),
  }
}

function blockRows(matcher: SourceMatcher, { headers, logs }: CheckedRange): readonly Row[] {
  return headers.map((header, place) => {
    const count = logs.counts[place] ?? 0
    return {
      block: header.block,
      hash: header.hash,
      parent_hash: header.parentHash,
      at_seconds: header.atSeconds,
      log_count: count,
      evidence: count === 0 && isRuledOut(matcher, header) ? 'bloom-negative' : 'trusted',
    }
  })
}

function logRows(matcher: SourceMatcher, logs: readonly CheckedLogs[]): NativeRows {
  const columns = logs.map((each) => each.columns)
  const plain = (name: string, type: string, pieces: readonly (Uint32Array | Uint8Array)[]) => ({
    name,
    type,
    pieces: pieces.map(bytesOf),
  })
  return {
    rowCount: columns.reduce((sum, { count }) => sum + count, 0),
    columns: [
      plain(
        'block',
        'UInt64',
        columns.map(({ blocks }) => blocks),
      ),
      plain(
        'log_index',
        'UInt32',
        columns.map(({ logIndexes }) => logIndexes),
      ),
      plain(
        'transaction_hash',
        'FixedString(32)',
        columns.map((each) => each.transactionHashes),
      ),
      plain(
        'at_seconds',
        'UInt64',
        logs.map(({ seconds }) => seconds),
      ),
      wordColumn(
        'contract',
        matcher.sourceNames,
        logs.map(({ sources }) => sources),
      ),
      wordColumn(
        'event',
        matcher.eventNames,
        logs.map(({ events }) => events),
      ),
      plain(
        'address',
        'FixedString(20)',
        columns.map(({ addresses }) => addresses),
      ),
      plain('topics', 'Array(FixedString(32))', [
        ...endsAcross(columns.map(({ topicEnds }) => topicEnds)),
        ...columns.map(({ topics }) => topics),
      ]),
      plain(
        'payload',
        'String',
        columns.map(({ payloads }) => payloads),
      ),
    ],
  }
}

/** Ends that count from the first of all pieces on. */
function endsAcross(pieces: readonly Uint32Array[]): readonly Uint32Array[] {
  let before = 0
  return pieces.map((ends) => {
    const moved = ends.slice()
    for (let at = 0; at < moved.length; at += 2) moved[at] = (moved[at] ?? 0) + before
    before = moved.at(-2) ?? before
    return moved
  })
}

function bytesOf(words: Uint32Array | Uint8Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}
