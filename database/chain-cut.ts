import { ClickHouseError } from '@clickhouse/client'
import { type Hex, type Pin, pinnedRelations } from '@foggara/schema'

import type { ClickHouseClient } from './client.ts'
import { BlockNotIndexedError, currentPin } from './pin.ts'
import { queryRows } from './statements.ts'

/** A chain that is indexed into a database of this server, as it last said of itself. */
export type StoredChain = {
  readonly name: string
  /** Undefined of the deployment's own, which the database does not know. */
  readonly chainId: number | undefined
  readonly database: string
  readonly state: string
  /** The newest block of the chain, its newest final and the newest indexed one; -1: unknown. */
  readonly chainHeadBlock: number
  readonly finalizedBlock: number
  readonly indexedBlock: number
  readonly errorCode: string
  readonly errorText: string
  readonly errorHint: string
  readonly adapters: readonly string[]
  readonly sources: readonly string[]
  /** When it said so. Unit: milliseconds since 1970. */
  readonly saidAtMs: number
}

/** What is known of a chain at one of its blocks. */
export type ChainCut = {
  readonly pin: Pin
  readonly isFinal: boolean
  /**
   * Whether a later block is indexed, so that no other block up to the time asked for can come; always
   * false of the newest block.
   */
  readonly isLast: boolean
  readonly eventCount: number
  /** How many blocks are known to be complete, by what shows it. */
  readonly coverage: readonly { readonly evidence: string; readonly blockCount: number }[]
}

/** The name of the deployment's own chain among the others. */
export const DEPLOYMENT_CHAIN = 'deployment'

/** The key of a chain's row in the table `status` begins so. */
export const CHAIN_STATUS_PREFIX = 'chain:'

/** Every chain that was ever indexed here: the deployment's own first, the others by name. */
export async function storedChains(client: ClickHouseClient): Promise<readonly StoredChain[]> {
  const rows = await queryRows<StatusRow>(
    client,
    `select key, argMax(value, at_ms) as value, max(at_ms) as said_at_ms, currentDatabase() as own
    from status
    where key = 'ingest' or startsWith(key, {prefix:String})
    group by key
    order by key != 'ingest', key`,
    { prefix: CHAIN_STATUS_PREFIX },
  )
  return rows.map(({ key, value, said_at_ms: saidAtMs, own }) => {
    // Only this product writes the table, as JSON of this type.
    const status = JSON.parse(value) as Partial<StoredChain>
    const isOwn = key === 'ingest'
    return {
      name: isOwn ? DEPLOYMENT_CHAIN : key.slice(CHAIN_STATUS_PREFIX.length),
      chainId: status.chainId,
      database: status.database ?? own,
      state: status.state ?? 'starting',
      chainHeadBlock: status.chainHeadBlock ?? -1,
      finalizedBlock: status.finalizedBlock ?? -1,
      indexedBlock: status.indexedBlock ?? -1,
      errorCode: status.errorCode ?? '',
      errorText: status.errorText ?? '',
      errorHint: status.errorHint ?? '',
      adapters: status.adapters ?? [],
      sources: status.sources ?? [],
      saidAtMs: Number(saidAtMs),
    }
  })
}

/**
 * A chain at its newest indexed block, or at the last one whose time is not after `atSeconds`;
 * undefined where it has none.
 */
export async function chainCut(
  client: ClickHouseClient,
  chain: Pick<StoredChain, 'finalizedBlock'>,
  atSeconds: number | undefined,
): Promise<ChainCut | undefined> {
  const newest = await newestPin(client)
  if (newest === undefined) return undefined
  const pin = atSeconds === undefined ? newest : await pinAtTime(client, newest, atSeconds)
  if (pin === undefined) return undefined
  const rows = await queryRows<{ evidence: string; blocks: string; events: string }>(
    client,
    `select evidence, count() as blocks, sum(log_count) as events
    from ${pinnedRelations(pin).relation('block')}
    group by evidence
    order by evidence`,
  )
  return {
    pin,
    isFinal: pin.block <= Math.max(pin.settledBlock, chain.finalizedBlock),
    isLast: pin.block < newest.block,
    eventCount: rows.reduce((sum, { events }) => sum + Number(events), 0),
    coverage: rows.map(({ evidence, blocks }) => ({ evidence, blockCount: Number(blocks) })),
  }
}

type StatusRow = {
  readonly key: string
  readonly value: string
  readonly said_at_ms: string
  readonly own: string
}

/** A chain whose database was never made has no block either. */
async function newestPin(client: ClickHouseClient): Promise<Pin | undefined> {
  try {
    return await currentPin(client)
  } catch (error) {
    if (error instanceof BlockNotIndexedError || isMissing(error)) return undefined
    throw error
  }
}

/** Whether ClickHouse knows no such table or database. */
function isMissing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof ClickHouseError && ['60', '81'].includes(cause.code)
}

async function pinAtTime(
  client: ClickHouseClient,
  newest: Pin,
  atSeconds: number,
): Promise<Pin | undefined> {
  const [row] = await queryRows<{ block: string; hash_text: Hex; at_seconds: string }>(
    client,
    `select block, concat('0x', lower(hex(hash))) as hash_text, at_seconds
    from ${pinnedRelations(newest).relation('block')}
    where at_seconds <= {at:UInt64}
    order by block desc
    limit 1`,
    { at: atSeconds },
  )
  if (row === undefined) return undefined
  const { block, hash_text: blockHash, at_seconds: blockSeconds } = row
  return { ...newest, block: Number(block), blockHash, blockSeconds: Number(blockSeconds) }
}
