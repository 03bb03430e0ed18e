import { type ClickHouseClient, currentPin, queryRows } from '@foggara/database'
import { type Hex, type Pin, hexLiteral, pinnedRelations } from '@foggara/schema'

/** The newest batch that a signer signed for a provider. */
export type BatchHead = { readonly sequence: bigint; readonly digest: Hex }

/** When a signing key was set: it signs from one change to the next. Unit: seconds of the chain. */
type KeyChange = { readonly atSeconds: number; readonly isActive: boolean }

/** The one receipt of a provider with a nonce, or all of a range of nonces. */
export type NonceRange = { readonly provider: Hex; readonly from: bigint; readonly to: bigint }

/** Assets that are kept in memory; beyond it they are read again. */
const ASSETS_MAX = 200_000

/**
 * What the index knows and receipts are judged by: keys, assets, closed epochs as the chain has them, and
 * what this stream already holds. Read anew when the chain's commits change, not for each receipt.
 */
export class Facts {
  readonly #client: ClickHouseClient
  #pin: Pin | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  #keys = new Map<string, KeyChange[]>()
  #providers = new Set<string>()
  #assets = new Map<string, number>()
  /** No stored receipt of the provider has a higher nonce, so higher ones need no look. */
  #ceilings = new Map<string, bigint>()
  #heads = new Map<string, BatchHead>()
  /** Up to here epochs are closed. Unit: seconds of the chain; -1: none is. */
  closedUpToSeconds = -1

  constructor(client: ClickHouseClient) {
    this.#client = client
  }

  /** The time of the newest indexed block. Unit: seconds. */
  get chainSeconds(): number {
    return this.#pin?.blockSeconds ?? 0
  }

  /** Forgets everything, after a commit of this stream that may have failed. */
  forget(): void {
    this.#pin = undefined
  }

  /** Reads what changed since the last time, unless that was so few milliseconds ago. */
  async refresh(ageMsMax = 0): Promise<void> {
    const before = this.#pin
    const nowMs = performance.now()
    if (before !== undefined && nowMs - this.#readAtMs < ageMsMax) return
    const pin = await currentPin(this.#client)
    this.#readAtMs = nowMs
    if (before !== undefined && sameChain(before, pin)) {
      this.#pin = pin
      return
    }
    const from = pinnedRelations(pin)
    const isReorg = before === undefined || before.chain.killed.join() !== pin.chain.killed.join()
    await this.#readKeys(from.relation('signing_key_set'))
    const since = isReorg ? '' : `and block > ${before.block}`
    await this.#raiseCeilings(
      `${from.relation('anchored_receipt')} where verdict = 'valid' ${since}`,
    )
    if (before === undefined) {
      await this.#raiseCeilings(`${from.relation('submitted_receipt')} where true`)
      await this.#readHeads(from.relation('signed_batch'))
    }
    const [closed] = await queryRows<{ seconds: string }>(
      this.#client,
      `select if(count() = 0, -1, toInt64(max(at_seconds))) as seconds
      from ${from.relation('block')}
      where block = (select max(cutoff_block) from ${from.relation('closed_epoch')})`,
    )
    this.closedUpToSeconds = Number(closed?.seconds ?? -1)
    if (isReorg || this.#assets.size > ASSETS_MAX) this.#assets = new Map()
    this.#pin = pin
  }

  /** Whether a key was ever set for the provider. */
  knowsProvider(provider: Hex): boolean {
    return this.#providers.has(provider)
  }

  /** How a key stood at a time; `withdrawnAtSeconds` is when it ended, if it did since. */
  keyAt(provider: Hex, signer: Hex, seconds: bigint): KeyState {
    const changes = this.#keys.get(`${provider} ${signer}`)
    if (changes === undefined) return { type: 'unknown' }
    const last = changes.findLast(({ atSeconds }) => BigInt(atSeconds) <= seconds)
    const next = changes.find(({ atSeconds }) => BigInt(atSeconds) > seconds)
    if (last?.isActive !== true) return { type: last === undefined ? 'not yet' : 'withdrawn' }
    return { type: 'active', untilSeconds: next?.atSeconds }
  }

  /** Whether the key was ever set. */
  knowsKey(provider: Hex, signer: Hex): boolean {
    return this.#keys.has(`${provider} ${signer}`)
  }

  /** When an asset was registered; `undefined` when it is unknown. {@link learnAssets} it before. */
  assetSince(asset: Hex): number | undefined {
    return this.#assets.get(asset)
  }

  ceilingOf(provider: Hex): bigint {
    return this.#ceilings.get(provider) ?? -1n
  }

  raiseCeiling(provider: Hex, nonce: bigint): void {
    if (nonce > this.ceilingOf(provider)) this.#ceilings.set(provider, nonce)
  }

  headOf(provider: Hex, signer: Hex): BatchHead | undefined {
    return this.#heads.get(`${provider} ${signer}`)
  }

  moveHead(provider: Hex, signer: Hex, head: BatchHead): void {
    this.#heads.set(`${provider} ${signer}`, head)
  }

  /** Looks up those of the assets that are not known yet. */
  async learnAssets(assets: Iterable<Hex>): Promise<void> {
    const unknown = [...new Set(assets)].filter((asset) => !this.#assets.has(asset))
    for (let start = 0; start < unknown.length; start += IDS_PER_QUERY) {
      const rows = await queryRows<{ id: Hex; seconds: string }>(
        this.#client,
        `select ${hexOf('asset_id')} as id, min(at_seconds) as seconds
        from ${this.#relation('asset_registered')} as registered
        where asset_id in (${unknown
          .slice(start, start + IDS_PER_QUERY)
          .map(hexLiteral)
          .join(', ')})
        group by asset_id
        order by id`,
      )
      for (const { id, seconds } of rows) this.#assets.set(id, Number(seconds))
    }
  }

  /**
   * The digests of stored receipts in any of the ranges, by `provider nonce`. What this stream holds is
   * read as of its newest commit: the pin may be older than what was stored a moment ago.
   */
  async storedIn(ranges: readonly NonceRange[]): Promise<ReadonlyMap<string, Hex>> {
    const found = new Map<string, Hex>()
    for (let start = 0; start < ranges.length; start += IDS_PER_QUERY) {
      const any = ranges
        .slice(start, start + IDS_PER_QUERY)
        .map(({ provider, from, to }) => {
          const nonces = from === to ? `nonce = ${from}` : `nonce between ${from} and ${to}`
          return `(provider = ${hexLiteral(provider)} and ${nonces})`
        })
        .join(' or ')
      const columns = `${hexOf('digest')} as id, concat(${hexOf('provider')}, ' ', toString(nonce)) as key`
      const rows = await queryRows<{ id: Hex; key: string }>(
        this.#client,
        `select ${columns} from submitted_receipt as submitted where ${any}
        union all
        select ${columns} from ${this.#relation('anchored_receipt')} as anchored
        where verdict = 'valid' and (${any})`,
      )
      for (const { id, key } of rows) found.set(key, id)
    }
    return found
  }

  /** The digest of the signer's batch with a sequence number that is not above its head. */
  async batchAt(provider: Hex, signer: Hex, sequence: bigint): Promise<Hex | undefined> {
    const [row] = await queryRows<{ id: Hex }>(
      this.#client,
      `select ${hexOf('digest')} as id from signed_batch as batches
      where provider = ${hexLiteral(provider)} and signer = ${hexLiteral(signer)}
        and sequence = ${sequence}
      limit 1`,
    )
    return row?.id
  }

  #relation(name: string): string {
    return this.#pin === undefined ? name : pinnedRelations(this.#pin).relation(name)
  }

  async #readKeys(keys: string): Promise<void> {
    const rows = await queryRows<{ owner: Hex; key: Hex; seconds: string; active: boolean }>(
      this.#client,
      `select ${hexOf('provider')} as owner, ${hexOf('signer')} as key, at_seconds as seconds, active
      from ${keys} as keys
      order by block, log_index`,
    )
    this.#keys = new Map()
    this.#providers = new Set(rows.map(({ owner }) => owner))
    for (const { owner, key, seconds, active } of rows) {
      const changes = this.#keys.get(`${owner} ${key}`) ?? []
      changes.push({ atSeconds: Number(seconds), isActive: active })
      this.#keys.set(`${owner} ${key}`, changes)
    }
  }

  async #raiseCeilings(source: string): Promise<void> {
    const rows = await queryRows<{ owner: Hex; highest: string }>(
      this.#client,
      `select ${hexOf('provider')} as owner, toString(max(nonce)) as highest
      from ${source}
      group by provider
      order by owner`,
    )
    for (const { owner, highest } of rows) this.raiseCeiling(owner, BigInt(highest))
  }

  async #readHeads(batches: string): Promise<void> {
    const rows = await queryRows<{ key: string; last: string; id: Hex }>(
      this.#client,
      `select
        concat(${hexOf('provider')}, ' ', ${hexOf('signer')}) as key,
        toString(max(sequence)) as last,
        concat('0x', lower(hex(argMax(digest, sequence)))) as id
      from ${batches} as batches
      group by provider, signer
      order by key`,
    )
    this.#heads = new Map(
      rows.map(({ key, last, id }) => [key, { sequence: BigInt(last), digest: id }]),
    )
  }
}

/** How a signing key stood at some time. */
export type KeyState =
  | { readonly type: 'unknown' | 'not yet' | 'withdrawn' }
  | { readonly type: 'active'; readonly untilSeconds: number | undefined }

/** Ids of one query: its text stays far below the longest that the database reads. */
const IDS_PER_QUERY = 500

function sameChain(one: Pin, other: Pin): boolean {
  return (
    one.block === other.block &&
    one.blockHash === other.blockHash &&
    one.epoch.commitSeq === other.epoch.commitSeq &&
    one.chain.killed.join() === other.chain.killed.join()
  )
}

function hexOf(column: string): string {
  return `concat('0x', lower(hex(${column})))`
}
