import { FoggaraError } from '@foggara/schema'

import type { Header } from '../chain/block.ts'
import type { FetchWay } from '../chain/fetch-range.ts'
import { RpcLogsIncompleteError } from '../chain/rpc-errors.ts'
import type { AttemptRules, RpcPool } from '../chain/rpc-pool.ts'
import type { Provider } from '../chain/rpc-provider.ts'
import type { BlockSpan } from '../chain/rpc-verdict.ts'
import { isRuledOut } from './check-logs.ts'
import { type FetchedLogs, fetchLogs } from './fetch-logs.ts'
import type { LogColumns } from './log-columns.ts'
import { inOrder } from './order-logs.ts'
import type { Asking, SourceMatcher } from './source-matcher.ts'

/** What shows that no log of a source is missing. */
export type SourceProof = 'none' | 'quorum' | 'receipts'

/** A range as providers gave it; not yet checked against what the sources want. */
export type FetchedSources = FetchedLogs & {
  readonly provider: Provider
  /** Another provider gave the same logs. */
  readonly isAgreed: boolean
  readonly asking: Asking
}

/** What fetching works with. */
export type SourceContext = {
  readonly rpc: RpcPool
  readonly matcher: SourceMatcher
  readonly proof: SourceProof
}

/**
 * Fetches a range with the logs that are asked for, from one provider, and where another is to agree
 * from two. Of those that do not agree the one is believed that has what the receipts have, and where
 * there are none the one that has more.
 */
export async function fetchSources(
  { rpc, matcher, proof }: SourceContext,
  span: BlockSpan,
  asks: (addressesMax: number) => Asking = matcher.asking,
  prefer?: Provider,
): Promise<FetchedSources> {
  const fetch = async (way: FetchWay, rules: AttemptRules): Promise<FetchedSources> => {
    const { value, provider } = await rpc.attempt(async (each) => {
      const asking = asks(each.limits.filtersMax())
      const isNegative = (header: Header): boolean =>
        each.headers.trustsBloom && isRuledOut(matcher, header)
      return { ...(await fetchLogs(each, asking.filters, span, { way, isNegative })), asking }
    }, rules)
    return { ...value, provider, isAgreed: false }
  }
  const way = proof === 'receipts' ? 'receipts' : 'logs'
  const first = await fetch(way, { prefer, isHedged: true })
  if (proof !== 'quorum' || rpc.providers.length === 1) return first
  const other = await orNothing(fetch('logs', { avoid: new Set([first.provider]) }))
  if (other === undefined || other.provider === first.provider) return first
  if (isSame(first.columns, other.columns)) return { ...first, isAgreed: true }
  const proven = await orNothing(fetch('receipts', {}))
  if (proven === undefined) return other.columns.count > first.columns.count ? other : first
  for (const { provider, columns } of [first, other]) {
    if (isSame(columns, proven.columns)) continue
    const found = `${columns.count} of ${proven.columns.count}`
    const { shownUrl } = provider
    provider.noteLie(new RpcLogsIncompleteError(shownUrl, 'logs', 'those of the receipts', found))
  }
  return proven
}

async function orNothing<T>(attempt: Promise<T>): Promise<T | undefined> {
  try {
    return await attempt
  } catch (error) {
    if (error instanceof FoggaraError && error.retryable) return undefined
    throw error
  }
}

/** Whether two answers hold the same logs, in whatever order. */
function isSame(one: LogColumns, other: LogColumns): boolean {
  const [a, b] = [inOrder(one), inOrder(other)]
  return COMPARED.every((name) => Buffer.compare(bytesOf(a[name]), bytesOf(b[name])) === 0)
}

const COMPARED = [
  'blocks',
  'logIndexes',
  'blockHashes',
  'transactionHashes',
  'addresses',
  'topicEnds',
  'topics',
  'payloads',
] as const

function bytesOf(column: Uint32Array | Uint8Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}
