import type { Hex } from '@foggara/schema'

import type { Header } from './block.ts'
import { type FetchedSpan, type LogFilter, type LogSource, filterId } from './fetch-range-logs.ts'
import { RpcInconsistentError } from './rpc-errors.ts'
import type { BlockSpan } from './rpc-verdict.ts'

/** Fetches a span in pieces, ascending; each is as large as the limits are when its turn comes. */
export async function fetchPieces(
  { limits, requestsAtOnce }: LogSource,
  filters: readonly LogFilter[],
  { from, to }: BlockSpan,
  fetchPiece: (piece: BlockSpan) => Promise<FetchedSpan>,
): Promise<readonly FetchedSpan[]> {
  const found: { readonly from: number; readonly piece: FetchedSpan }[] = []
  let next = from
  let hasFailed = false
  const work = async (): Promise<void> => {
    while (next <= to && !hasFailed) {
      const start = next
      const size = Math.min(limits.blocksFor(filterId(filters)), to - start + 1)
      next += size
      try {
        const piece = await fetchPiece({ from: start, to: start + size - 1 })
        found.push({ from: start, piece })
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: requestsAtOnce }, work))
  return found.toSorted((a, b) => a.from - b.from).map(({ piece }) => piece)
}

/** Checks that headers follow each other by parent hash, from `parentHash` on if it is given. */
export function checkParents(
  shownUrl: string,
  headers: readonly Header[],
  parentHash: Hex | undefined,
): void {
  let expected = parentHash
  for (const { block, hash, parentHash: found } of headers) {
    if (expected !== undefined && found !== expected) {
      throw new RpcInconsistentError(
        shownUrl,
        `block ${block} to follow ${expected}`,
        `parent ${found}`,
      )
    }
    expected = hash
  }
}
