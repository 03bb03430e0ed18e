import { FoggaraError } from '@foggara/schema'

import type { Accumulators } from './accumulators.ts'
import type { Log } from './block.ts'
import { type ChainRange, type FetchWay, fetchRange } from './fetch-range.ts'
import { type FetchedRange, type IndexContext, indexRange } from './index-range.ts'
import type { NextRange } from './indexed.ts'
import { RpcLogsIncompleteError } from './rpc-errors.ts'
import type { RpcPool } from './rpc-pool.ts'
import type { Provider } from './rpc-provider.ts'

/** Whom to ask first, and how. */
export type FetchRules = { readonly prefer: Provider; readonly way: FetchWay }

type FetchContext = IndexContext & { readonly rpc: RpcPool }

/**
 * Fetches a range and turns it into rows, proven as well as its contracts and providers allow.
 *
 * Raises `RPC_LOGS_INCOMPLETE` when events are missing that are found nowhere.
 */
export async function fetchIndexed(
  context: FetchContext,
  next: NextRange,
  accumulators: Accumulators,
  rules: FetchRules,
): Promise<FetchedRange> {
  const asked = { next, accumulators }
  const found = await fetchWhole(context, asked, rules)
  const isTrusted = found.indexed.evidence === 'trusted'
  const { indexed } =
    isTrusted && context.rpc.providers.length > 1
      ? await corroborate(context, asked, found, found.provider)
      : found
  return indexed
}

type Asked = { readonly next: NextRange; readonly accumulators: Accumulators }

/** A range as a provider gave it, and what it was turned into. */
type Found = { readonly range: ChainRange; readonly indexed: FetchedRange }

/**
 * Asks another provider for a range that nothing proves. What two providers agree on is stored as
 * such; where they do not, receipts decide, and without them the answer with more logs is believed.
 */
async function corroborate(
  context: FetchContext,
  asked: Asked,
  first: Found,
  provider: Provider,
): Promise<Found> {
  const fetch = async (way: FetchWay, avoid: ReadonlySet<Provider>) =>
    context.rpc.attempt((each) => fetchFrom(context, each, asked.next, way), { avoid })
  const other = await orNothing(fetch('logs', new Set([provider])))
  if (other === undefined || other.provider === provider) return first
  if (textOf(other.value.logs) === textOf(first.range.logs)) {
    return { ...first, indexed: agreedOn(first.indexed) }
  }
  const index = async (range: ChainRange): Promise<Found> => ({
    range,
    indexed: await indexRange(context, range, asked.next.before, asked.accumulators),
  })
  const proven = await orNothing(fetch('receipts', new Set()))
  if (proven === undefined) {
    return other.value.logs.length > first.range.logs.length ? index(other.value) : first
  }
  const right = textOf(proven.value.logs)
  const answers = [
    { by: provider, logs: first.range.logs },
    { by: other.provider, logs: other.value.logs },
  ]
  for (const { by, logs } of answers.filter((answer) => textOf(answer.logs) !== right)) {
    const found = `${logs.length} of ${proven.value.logs.length}`
    by.noteLie(new RpcLogsIncompleteError(by.shownUrl, 'logs', 'those of the receipts', found))
  }
  return index(proven.value)
}

async function orNothing<T>(attempt: Promise<T>): Promise<T | undefined> {
  try {
    return await attempt
  } catch (error) {
    if (error instanceof FoggaraError && error.retryable) return undefined
    throw error
  }
}

function textOf(logs: readonly Log[]): string {
  return JSON.stringify(logs)
}

function agreedOn(indexed: FetchedRange): FetchedRange {
  const blocks = (indexed.rowsByTable.get('block') ?? []).map((row) =>
    row['evidence'] === 'trusted' ? { ...row, evidence: 'quorum' } : row,
  )
  return { ...indexed, rowsByTable: new Map([...indexed.rowsByTable, ['block', blocks]]) }
}

/**
 * Where events are missing, every other provider is asked,
 * then the receipts of every block that may hold any: whoever left them out is taken for a liar
 * once they are found.
 *
 * @throws {RpcLogsIncompleteError} when they are found nowhere: then they may be missing before.
 */
async function fetchWhole(
  context: FetchContext,
  { next, accumulators }: Asked,
  rules: FetchRules,
): Promise<Found & { readonly provider: Provider }> {
  const suspects = new Map<Provider, RpcLogsIncompleteError>()
  const attempt = async (way: FetchWay, avoid: ReadonlySet<Provider>) => {
    const { value: range, provider } = await context.rpc.attempt(
      (each) => fetchFrom(context, each, next, way),
      { prefer: rules.prefer, avoid, isHedged: true },
    )
    try {
      const asked = { ...range, way: rules.way }
      const indexed = await indexRange(context, asked, next.before, accumulators)
      suspects.delete(provider)
      for (const [liar, error] of suspects) liar.noteLie(error)
      return { range, indexed, provider }
    } catch (error) {
      if (error instanceof RpcLogsIncompleteError && way === 'logs') suspects.set(provider, error)
      throw error
    }
  }
  let missing: RpcLogsIncompleteError | undefined
  while (rules.way === 'logs' && suspects.size < context.rpc.providers.length) {
    const tried = suspects.size
    try {
      return await attempt('logs', new Set(suspects.keys()))
    } catch (error) {
      if (!(error instanceof RpcLogsIncompleteError)) throw error
      missing = error
      // Nobody new could be asked.
      if (suspects.size === tried) break
    }
  }
  try {
    return await attempt('receipts', new Set())
  } catch (error) {
    // A provider without receipts says nothing about the logs.
    throw missing ?? error
  }
}

function fetchFrom(
  { decoder }: FetchContext,
  provider: Provider,
  { span, parent }: NextRange,
  way: FetchWay,
): Promise<ChainRange> {
  return fetchRange(provider, { addresses: decoder.addresses }, span, parent?.hash, way)
}
