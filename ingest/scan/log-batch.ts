import type { Header } from '../chain/block.ts'
import type { IndexedRange } from '../chain/indexed.ts'
import { type NativeRows, wordColumn } from '../store/native-block.ts'
import type { Row } from '../store/row-binary.ts'
import type { CheckedLogs } from './check-logs.ts'
import { isRuledOut } from './check-logs.ts'
import type { SourceMatcher } from './source-matcher.ts'

/** Consecutive blocks with the logs of all sources, checked. */
export type CheckedRange = {
  readonly headers: readonly Header[]
  readonly logs: CheckedLogs
  /** Blocks whose logs are those of receipts that fold to the root in their header. */
  readonly proven: ReadonlySet<number>
  /** Another provider gave the same logs. */
  readonly isAgreed: boolean
  readonly trustsBloom: boolean
}

/** Puts consecutive ranges together, their logs as the columns of the raw archive. */
export function logBatch(matcher: SourceMatcher, ranges: readonly CheckedRange[]): IndexedRange {
  const logs = logRows(
    matcher,
    ranges.map((range) => range.logs),
  )
  return {
    headers: ranges.flatMap((range) => range.headers),
    rowsByTable: new Map([['block', ranges.flatMap((range) => blockRows(matcher, range))]]),
    columnsByTable: new Map([['log', logs]]),
    logCount: logs.rowCount,
    problems: [],
  }
}

function blockRows(matcher: SourceMatcher, range: CheckedRange): readonly Row[] {
  return range.headers.map((header, place) => {
    const count = range.logs.counts[place] ?? 0
    return {
      block: header.block,
      hash: header.hash,
      parent_hash: header.parentHash,
      at_seconds: header.atSeconds,
      log_count: count,
      evidence: evidenceOf(matcher, range, header, count),
    }
  })
}

/** How the logs of a block are known to be all that the sources want of it. */
function evidenceOf(
  matcher: SourceMatcher,
  { proven, isAgreed, trustsBloom }: CheckedRange,
  header: Header,
  logCount: number,
): string {
  if (logCount === 0 && trustsBloom && isRuledOut(matcher, header)) return 'bloom-negative'
  if (proven.has(header.block)) return 'receipts-root'
  return isAgreed ? 'quorum' : 'trusted'
}

/** Logs as the columns of the raw archive. */
export function logRows(matcher: SourceMatcher, logs: readonly CheckedLogs[]): NativeRows {
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
