import { type ClickHouseClient, queryRows } from '@foggara/database'
import { type Hex, type Pin, hexLiteral, pinnedRelations } from '@foggara/schema'

import type { ParsedReceipt } from './parse-receipt.ts'

/** What the index knows about the ids that some receipts name. */
export type Known = {
  /** Providers with an active signing key. */
  readonly providers: ReadonlySet<string>
  /** `provider signer` of active signing keys. */
  readonly signers: ReadonlySet<string>
  readonly assets: ReadonlySet<string>
  /** Receipts that are stored with their body, submitted or anchored. */
  readonly digests: Set<string>
  /** The stored receipt that used a nonce, by `provider nonce`. */
  readonly nonces: Map<string, Hex>
}

/** Reads, at one pin, everything that judging these receipts takes. */
export async function readKnown(
  client: ClickHouseClient,
  pin: Pin,
  receipts: readonly ParsedReceipt[],
): Promise<Known> {
  if (receipts.length === 0) {
    const none = new Set<string>()
    return { providers: none, signers: none, assets: none, digests: new Set(), nonces: new Map() }
  }
  const from = pinnedRelations(pin)
  const providers = literals(receipts.map(({ receipt }) => receipt.provider))
  const [keys, assets, stored] = await Promise.all([
    queryRows<{ owner: string; key: string }>(
      client,
      `select ${hexOf('provider')} as owner, ${hexOf('signer')} as key
      from ${from.relation('signing_key_set')} as keys
      where provider in (${providers})
      group by provider, signer
      having argMax(active, (block, log_index))
      order by owner, key`,
    ),
    queryRows<{ id: string }>(
      client,
      `select ${hexOf('asset_id')} as id
      from ${from.relation('asset_registered')} as registered
      where asset_id in (${literals(receipts.flatMap(({ receipt }) => receipt.assets))})
      order by id`,
    ),
    queryRows<{ id: Hex; owner: string; number: string }>(client, storedSql(pin, receipts)),
  ])
  return {
    providers: new Set(keys.map(({ owner }) => owner)),
    signers: new Set(keys.map(({ owner, key }) => `${owner} ${key}`)),
    assets: new Set(assets.map(({ id }) => id)),
    digests: new Set(stored.map(({ id }) => id)),
    nonces: new Map(stored.map(({ id, owner, number }) => [`${owner} ${number}`, id])),
  }
}

function storedSql(pin: Pin, receipts: readonly ParsedReceipt[]): string {
  const from = pinnedRelations(pin)
  const providers = literals(receipts.map(({ receipt }) => receipt.provider))
  const nonces = [...new Set(receipts.map(({ receipt }) => receipt.nonce))].join(', ')
  const digests = literals(receipts.map(({ digest }) => digest))
  const same = `digest in (${digests}) or (provider in (${providers}) and nonce in (${nonces}))`
  const columns = `${hexOf('digest')} as id, ${hexOf('provider')} as owner, toString(nonce) as number`
  return `select ${columns}
    from ${from.relation('submitted_receipt')} as submitted
    where ${same}
    union all
    select ${columns}
    from ${from.relation('anchored_receipt')} as anchored
    where verdict = 'valid' and (${same})`
}

function hexOf(column: string): string {
  return `concat('0x', lower(hex(${column})))`
}

function literals(ids: readonly Hex[]): string {
  return [...new Set(ids)].map(hexLiteral).join(', ')
}
