import { type ClickHouseClient, queryRows } from '@foggara/database'
import { type Hex, RetryableError, hexLiteral } from '@foggara/schema'

import type { Facts } from './facts.ts'
import type { AwaitedFact } from './judge-submission.ts'

/** A receipt or a batch that waits for a fact; its bytes are in `quarantined_receipt`. */
export type Waiter = {
  /** The sha256 of its bytes: of a receipt there may be a forgery with the same digest. */
  readonly id: Hex
  readonly kind: 'receipt' | 'batch'
  readonly provider: Hex
  readonly byteLength: number
  readonly receivedAtSeconds: number
  readonly code: string
  /** `undefined`: not known since a restart; it is judged again at the next look. */
  readonly awaits: AwaitedFact | undefined
}

/** How much may wait; beyond it senders keep their receipts and come again. */
const WAITERS_MAX = 10_000
const WAITERS_PER_PROVIDER_MAX = 1_000
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** Waiters of one look. */
const DUE_MAX = 200

/** What waits now. The rows are the truth; this is their index. */
export class Quarantine {
  readonly #client: ClickHouseClient
  readonly #waiters = new Map<Hex, Waiter>()
  readonly #countByProvider = new Map<Hex, number>()
  #byteLength = 0

  constructor(client: ClickHouseClient) {
    this.#client = client
  }

  /** Reads what waited when an earlier process ended: what was put aside more often than released. */
  async load(): Promise<void> {
    const rows = await queryRows<StoredWaiter>(
      this.#client,
      `select
        concat('0x', lower(hex(id))) as name, kind, code, bytes,
        concat('0x', lower(hex(provider))) as owner, seconds
      from (
        select
          id, any(kind) as kind, any(provider) as provider, any(length(body)) as bytes,
          argMax(code, received_at_seconds) as code, max(received_at_seconds) as seconds,
          count() as waits
        from quarantined_receipt
        group by id
      ) as waiting
      left join (select id, count() as ends from quarantine_release group by id) as ended using id
      where waits > ends
      order by seconds, id
      limit ${WAITERS_MAX}`,
    )
    for (const row of rows) {
      this.add({
        id: row.name,
        kind: row.kind,
        provider: row.owner,
        byteLength: Number(row.bytes),
        receivedAtSeconds: Number(row.seconds),
        code: row.code,
        awaits: undefined,
      })
    }
  }

  get(id: Hex): Waiter | undefined {
    return this.#waiters.get(id)
  }

  /** @throws {QuarantineFullError} when one more of the provider would be too much. */
  check(provider: Hex, byteLength: number): void {
    const isFull =
      this.#waiters.size >= WAITERS_MAX ||
      (this.#countByProvider.get(provider) ?? 0) >= WAITERS_PER_PROVIDER_MAX ||
      this.#byteLength + byteLength > WAITING_BYTES_MAX
    if (isFull) throw new QuarantineFullError()
  }

  add(waiter: Waiter): void {
    this.remove(waiter.id)
    this.#waiters.set(waiter.id, waiter)
    this.#byteLength += waiter.byteLength
    const count = this.#countByProvider.get(waiter.provider) ?? 0
    this.#countByProvider.set(waiter.provider, count + 1)
  }

  remove(id: Hex): void {
    const waiter = this.#waiters.get(id)
    if (waiter === undefined) return
    this.#waiters.delete(id)
    this.#byteLength -= waiter.byteLength
    const count = (this.#countByProvider.get(waiter.provider) ?? 1) - 1
    if (count === 0) this.#countByProvider.delete(waiter.provider)
    else this.#countByProvider.set(waiter.provider, count)
  }

  /** Waiters whose fact has arrived or whose time is over, batches by their order. */
  async due(facts: Facts, expireBeforeSeconds: number): Promise<readonly Waiter[]> {
    const waiters = [...this.#waiters.values()]
    await facts.learnAssets(
      waiters.flatMap(({ awaits }) => (awaits?.type === 'assets' ? awaits.ids : [])),
    )
    return waiters
      .filter(
        ({ awaits, receivedAtSeconds }) =>
          receivedAtSeconds < expireBeforeSeconds || hasArrived(awaits, facts),
      )
      .slice(0, DUE_MAX)
  }

  /** The bytes of waiters, in their order. */
  async bodies(waiters: readonly Waiter[]): Promise<readonly Uint8Array[]> {
    if (waiters.length === 0) return []
    const rows = await queryRows<{ name: Hex; bytes: string }>(
      this.#client,
      `select concat('0x', lower(hex(id))) as name, base64Encode(body) as bytes
      from quarantined_receipt
      where id in (${waiters.map(({ id }) => hexLiteral(id)).join(', ')})
      order by id
      limit 1 by id`,
    )
    const byId = new Map(rows.map(({ name, bytes }) => [name, Buffer.from(bytes, 'base64')]))
    return waiters.map(({ id }) => byId.get(id) ?? new Uint8Array(0))
  }
}

function hasArrived(awaits: AwaitedFact | undefined, facts: Facts): boolean {
  switch (awaits?.type) {
    case undefined:
      return true
    case 'key':
      return facts.knowsKey(awaits.provider, awaits.signer)
    case 'assets':
      return awaits.ids.every((id) => facts.assetSince(id) !== undefined)
    case 'batch':
      return (facts.headOf(awaits.provider, awaits.signer)?.sequence ?? 0n) >= awaits.sequence
  }
}

type StoredWaiter = {
  readonly name: Hex
  readonly kind: Waiter['kind']
  readonly code: string
  readonly bytes: string
  readonly owner: Hex
  readonly seconds: string
}

/** Too much waits for facts already; nothing of this one was stored. */
export class QuarantineFullError extends RetryableError {
  constructor() {
    super('QUARANTINE_FULL', 'expected room in quarantine, found it full', {
      hint: 'Send it again when the key, asset or earlier batch that it names is on the chain.',
    })
  }
}
