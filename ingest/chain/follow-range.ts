import type { Hex, Pin } from '@foggara/schema'

import type { Accumulators } from './accumulators.ts'
import { type ChainRange, type FetchWay, fetchRange } from './fetch-range.ts'
import { type IndexContext, type IndexedRange, indexRange } from './index-range.ts'
import { RpcLogsIncompleteError } from './rpc-errors.ts'
import type { RpcPool } from './rpc-pool.ts'
import type { Provider } from './rpc-provider.ts'
import type { BlockSpan } from './rpc-verdict.ts'

/** Which blocks come next and what is known before them. */
export type NextRange = {
  readonly span: BlockSpan
  readonly parentHash: Hex | undefined
  /** The pin of the stored block before; `undefined` when nothing is stored. */
  readonly before: Pin | undefined
  readonly accumulators: Accumulators
}

/** A range that passed every check, with its rows. */
export type FetchedRange = { readonly range: ChainRange; readonly indexed: IndexedRange }

/** Whom to ask first, and how. */
export type FetchRules = { readonly prefer: Provider; readonly way: FetchWay }

/**
 * Fetches a range and turns it into rows. Where events are missing, every other provider is asked,
 * then the receipts of every block that may hold any: whoever left them out is taken for a liar
 * once they are found.
 *
 * @throws {RpcLogsIncompleteError} when they are found nowhere: then they may be missing before.
 */
export async function fetchIndexed(
  context: IndexContext & { readonly rpc: RpcPool },
  next: NextRange,
  rules: FetchRules,
): Promise<FetchedRange> {
  const suspects = new Map<Provider, RpcLogsIncompleteError>()
  const attempt = async (way: FetchWay, avoid: ReadonlySet<Provider>): Promise<FetchedRange> => {
    const filter = { addresses: context.decoder.addresses }
    const { value: range, provider } = await context.rpc.attempt(
      (each) => fetchRange(each, filter, next.span, next.parentHash, way),
      { prefer: rules.prefer, avoid, isHedged: true },
    )
    try {
      const asked = { ...range, way: rules.way }
      const indexed = await indexRange(context, asked, next.before, next.accumulators)
      suspects.delete(provider)
      for (const [liar, error] of suspects) liar.noteLie(error)
      return { range, indexed }
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
