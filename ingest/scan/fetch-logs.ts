import type { Header } from '../chain/block.ts'
import { checkParents, fetchPieces } from '../chain/fetch-pieces.ts'
import {
  type LogFilter,
  type LogSource,
  fetchSpan,
  fetchSpanByReceipts,
} from '../chain/fetch-range-logs.ts'
import type { FetchWay } from '../chain/fetch-range.ts'
import type { BlockSpan } from '../chain/rpc-verdict.ts'
import { joinLogs } from './columns-of-logs.ts'
import type { LogColumns } from './log-columns.ts'

/** Consecutive blocks with the logs that pass some filters, as one provider gave them. */
export type FetchedLogs = {
  readonly headers: readonly Header[]
  readonly columns: LogColumns
  /** Blocks whose logs are those of receipts that fold to the root in their header. */
  readonly proven: ReadonlySet<number>
}

/**
 * Fetches the blocks of `span` with the logs that pass any of the filters, in pieces that the provider's
 * limits allow; the blocks follow each other. Without filters the blocks come alone.
 *
 * @throws {RpcInconsistentError} and what an endpoint raises.
 */
export async function fetchLogs(
  source: LogSource,
  filters: readonly LogFilter[],
  span: BlockSpan,
  rules: { readonly way: FetchWay; readonly isNegative: (header: Header) => boolean },
): Promise<FetchedLogs> {
  const pieces = await fetchPieces(source, filters, span, (piece) =>
    rules.way === 'logs'
      ? fetchSpan(source, filters, piece)
      : fetchSpanByReceipts(source, filters, piece, rules.isNegative),
  )
  const headers = pieces.flatMap((piece) => piece.headers)
  checkParents(source.shownUrl, headers, undefined)
  return {
    headers,
    columns: joinLogs(pieces.flatMap(({ logs }) => logs)),
    proven: new Set(pieces.flatMap((piece) => piece.proven)),
  }
}
