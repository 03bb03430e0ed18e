import { BACK_DATED_SECONDS } from '../standing.ts'
import type { Relations } from '../table/relation.ts'
import { arrivalSeconds } from './delivery-views.ts'
import { EVIDENCE, type View, columns } from './view.ts'

/** Signing keys of providers, each time they were set: valid from a block, and until one or still. */
export const SIGNING_KEY_VIEW: View = {
  name: 'signing_key',
  key: ['block', 'log_index'],
  columns: columns({
    provider: 'FixedString(20)',
    signer: 'FixedString(20)',
    is_valid: 'Bool',
    until_block: 'Nullable(UInt64)',
    until_seconds: 'Nullable(UInt64)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      provider,
      signer,
      cast(next_block = 0, 'Bool') as is_valid,
      nullIf(next_block, 0) as until_block,
      nullIf(next_seconds, 0) as until_seconds,
      block,
      log_index,
      transaction_hash,
      at_seconds
    from (
      select
        provider, signer, active, block, log_index, transaction_hash, at_seconds,
        leadInFrame(block) over following as next_block,
        leadInFrame(at_seconds) over following as next_seconds
      from ${from.relation('signing_key_set')}
      window following as (
        partition by provider, signer
        order by block, log_index
        rows between unbounded preceding and unbounded following
      )
    )
    where active`,
}

/** What each signing key delivered, and how timely. */
export const SIGNER_DELIVERY_VIEW: View = {
  name: 'signer_delivery',
  key: ['provider', 'signer'],
  columns: columns({
    provider: 'FixedString(20)',
    signer: 'FixedString(20)',
    receipt_count: 'UInt64',
    batched_count: 'UInt64',
    late_count: 'UInt64',
    back_dated_count: 'UInt64',
    disordered_count: 'UInt64',
    first_nonce: 'UInt64',
    last_nonce: 'UInt64',
    first_received_seconds: 'UInt64',
    last_received_seconds: 'UInt64',
  }),
  sql: (from) => `
    select
      provider,
      signer,
      count() as receipt_count,
      countIf(is_batched) as batched_count,
      countIf(late) as late_count,
      countIf(received > finished + ${BACK_DATED_SECONDS}
        and finished < ${from.nowSeconds} - ${BACK_DATED_SECONDS}) as back_dated_count,
      countIf(next_received > 0 and next_received < received) as disordered_count,
      min(nonce) as first_nonce,
      max(nonce) as last_nonce,
      min(received) as first_received_seconds,
      max(received) as last_received_seconds
    from (
      select
        provider,
        signer,
        nonce,
        late,
        received_at_seconds as received,
        finished_at_seconds as finished,
        batch_digest != toFixedString('', 32) as is_batched,
        leadInFrame(received_at_seconds) over following as next_received
      from ${from.relation('submitted_receipt')}
      window following as (
        partition by provider
        order by nonce
        rows between unbounded preceding and unbounded following
      )
    )
    group by provider, signer`,
}

/**
 * Nonces that a provider left out between those of its receipts, as ranges. Providers whose receipts
 * are as many as their nonces span have none, so their receipts are not put in order.
 */
export const NONCE_GAP_VIEW: View = {
  name: 'nonce_gap',
  key: ['provider', 'first_nonce'],
  columns: columns({
    provider: 'FixedString(20)',
    first_nonce: 'UInt64',
    last_nonce: 'UInt64',
    missing_count: 'UInt64',
    signer: 'FixedString(20)',
    digest: 'FixedString(32)',
    since_seconds: 'UInt64',
  }),
  sql: (from) => `
    select
      provider,
      before + 1 as first_nonce,
      toUInt64(nonce - 1) as last_nonce,
      toUInt64(nonce - before - 1) as missing_count,
      signer,
      digest,
      since as since_seconds
    from (
      select
        provider,
        nonce,
        signer,
        digest,
        since,
        lagInFrame(nonce) over earlier as before,
        row_number() over earlier as place
      from (
        select provider, nonce, signer, digest,
          ${arrivalSeconds(from, 'received_at_seconds', 'finished_at_seconds')} as since
        from ${from.relation('submitted_receipt')}
        where provider in (${sparseProviders(from)})
        union all
        select provider, nonce, signer, digest, at_seconds as since
        from ${from.relation('anchored_receipt')}
        where verdict = 'valid' and provider in (${sparseProviders(from)})
      )
      window earlier as (
        partition by provider
        order by nonce, since, digest
        rows between unbounded preceding and current row
      )
    )
    where place > 1 and nonce > before and toUInt64(nonce - 1) > before`,
}

/** Providers of whom a count cannot tell that no nonce is missing. */
function sparseProviders(from: Relations): string {
  return `
    select provider
    from (
      select provider, count() as delivered, min(nonce) as low, max(nonce) as high, 0 as anchored,
        18446744073709551615 as anchored_low, 0 as anchored_high
      from ${from.relation('submitted_receipt')}
      group by provider
      union all
      select provider, 0, 18446744073709551615, 0, count(), min(nonce), max(nonce)
      from ${from.relation('anchored_receipt')}
      where verdict = 'valid'
      group by provider
    )
    group by provider
    having not (
      max(high) - min(low) = sum(delivered) - 1
        and (sum(anchored) = 0 or min(anchored_low) >= min(low) and max(anchored_high) <= max(high))
      or sum(delivered) = 0 and max(anchored_high) - min(anchored_low) = sum(anchored) - 1
    )`
}

export const SIGNER_VIEWS: readonly View[] = [
  SIGNING_KEY_VIEW,
  SIGNER_DELIVERY_VIEW,
  NONCE_GAP_VIEW,
]
