import { GAP_AFTER_SECONDS } from '../standing.ts'
import type { Relations } from '../table/relation.ts'
import { blockTimes } from './delivery-views.ts'
import { EVIDENCE_TYPES, NO_HASH, evidence } from './finding-columns.ts'
import { looseEnds } from './loose-ends.ts'
import { type View, columns } from './view.ts'

/** What providers are named for, fact by fact: every row can be checked by what it names. */
export const FINDING_EVIDENCE_VIEW: View = {
  name: 'finding_evidence',
  key: ['provider', 'code', 'item'],
  columns: columns(EVIDENCE_TYPES),
  sql: (from) =>
    [
      looseEnds(from),
      contradictingAnchors(from),
      conflicts(from),
      disorderedAnchors(from),
      nonceGaps(from),
      batchGaps(from),
    ].join('\nunion all\n'),
}

/** Providers and what they are named for, with when it was first seen. */
export const FINDING_VIEW: View = {
  name: 'provider_finding',
  key: ['provider', 'code'],
  columns: columns({
    provider: 'FixedString(20)',
    code: 'String',
    evidence_count: 'UInt64',
    receipt_count: 'UInt256',
    first_seconds: 'UInt64',
    last_seconds: 'UInt64',
    first_block: 'UInt64',
  }),
  sql: (from) => `
    select
      found.provider as provider,
      found.code as code,
      found.evidence_count as evidence_count,
      found.receipt_count as receipt_count,
      found.first_seconds as first_seconds,
      found.last_seconds as last_seconds,
      made.block as first_block
    from (
      select
        provider,
        code,
        count() as evidence_count,
        sum(receipts) as receipt_count,
        min(since_seconds) as first_seconds,
        max(since_seconds) as last_seconds,
        1 as chain
      from (
        select provider, code, since_seconds, receipt_count as receipts
        from ${from.relation('finding_evidence')} as evidence
      )
      group by provider, code
    ) as found
    asof left join ${blockTimes(from)} as made
      on made.chain = found.chain and found.first_seconds >= made.at_seconds`,
}

/** Delivered with one content and anchored, with its body, with another. */
function contradictingAnchors(from: Relations): string {
  return evidence(
    {
      provider: 'anchored.provider',
      code: `'ALTERED_RECEIPT'`,
      item: `concat('nonce-', toString(anchored.nonce))`,
      reason: `'NONCE_ANCHORED'`,
      receipt_count: '1',
      since_seconds: 'anchored.at_seconds',
      digest: 'anchored.digest',
      other_digest: 'delivered.digest',
      batch_id: 'anchored.batch_id',
      signed_batch: 'delivered.signed_batch',
      signer: 'anchored.signer',
      first_nonce: 'anchored.nonce',
      last_nonce: 'anchored.nonce',
      anchor_block: 'anchored.block',
      anchor_transaction: 'anchored.transaction_hash',
    },
    `(
      select provider, nonce, digest, signer, batch_id, block, transaction_hash, at_seconds
      from ${from.relation('anchored_receipt')}
      where verdict = 'valid'
      order by block, log_index, position
      limit 1 by provider, nonce
    ) as anchored
    inner join ${from.relation('unanchored_receipt')} as delivered
      on delivered.provider = anchored.provider and delivered.nonce = anchored.nonce`,
  )
}

/** What a valid key signed twice. A nonce that was used again after its anchor is an alteration. */
function conflicts(from: Relations): string {
  const ofBatches = (then: string, otherwise: string): string =>
    `if(conflict = 'NONCE_REUSED', ${otherwise}, ${then})`
  const anchored = `(
    select provider, digest, min(at_seconds) as seconds
    from ${from.relation('anchored_receipt')}
    where verdict in ('valid', 'bodyless') and digest in (
      select arrayJoin([digest, stored_digest]) from ${from.relation('signed_conflict')}
    )
    group by provider, digest
  )`
  return evidence(
    {
      provider: 'provider',
      code: `multiIf(
        conflict != 'NONCE_REUSED', 'REORDERED_BATCH',
        refused_anchor > 0 or stored_anchor between 1 and received, 'ALTERED_RECEIPT',
        'NONCE_REUSED'
      )`,
      item: `concat('refused-', lower(hex(refused)))`,
      reason: 'conflict',
      receipt_count: ofBatches('0', '1'),
      since_seconds: 'received',
      digest: ofBatches(NO_HASH, 'refused'),
      other_digest: ofBatches(NO_HASH, 'stored'),
      signed_batch: ofBatches('refused', NO_HASH),
      other_signed_batch: ofBatches('stored', NO_HASH),
      signer: 'key',
      first_nonce: 'number',
      last_nonce: 'number',
      sequence: 'place',
    },
    `(
      select
        pair.provider as provider,
        pair.conflict as conflict,
        pair.refused as refused,
        pair.stored as stored,
        pair.key as key,
        pair.number as number,
        pair.place as place,
        pair.received as received,
        anchored_refused.seconds as refused_anchor,
        anchored_stored.seconds as stored_anchor
      from (
        select provider, toString(code) as conflict, digest as refused, stored_digest as stored,
          signer as key, nonce as number, sequence as place, received_at_seconds as received
        from ${from.relation('signed_conflict')}
        order by received, conflict, stored
        limit 1 by provider, refused
      ) as pair
      left join ${anchored} as anchored_refused
        on anchored_refused.provider = pair.provider and anchored_refused.digest = pair.refused
      left join ${anchored} as anchored_stored
        on anchored_stored.provider = pair.provider and anchored_stored.digest = pair.stored
    )`,
  )
}

/** Signed batches that are anchored after a later one of their signer. */
function disorderedAnchors(from: Relations): string {
  return evidence(
    {
      provider: 'provider',
      code: `'REORDERED_BATCH'`,
      item: `concat('anchor-', toString(batch))`,
      reason: `'ANCHORED_LATER'`,
      receipt_count: 'receipts',
      since_seconds: 'since',
      batch_id: 'batch',
      signed_batch: 'own_digest',
      other_signed_batch: 'next_digest',
      signer: 'key',
      sequence: 'place',
      anchor_block: 'anchor.1',
      anchor_transaction: 'transaction',
    },
    `(
      select
        signed.provider as provider,
        signed.signer as key,
        signed.sequence as place,
        signed.digest as own_digest,
        signed.receipt_count as receipts,
        first.batch as batch,
        first.anchor as anchor,
        first.since as since,
        first.transaction as transaction,
        leadInFrame(signed.digest) over following as next_digest,
        leadInFrame(first.anchor) over following as next_anchor
      from ${from.relation('signed_batch')} as signed
      inner join (
        select
          provider,
          root,
          min((block, log_index)) as anchor,
          argMin(batch_id, (block, log_index)) as batch,
          argMin(at_seconds, (block, log_index)) as since,
          argMin(transaction_hash, (block, log_index)) as transaction
        from ${from.relation('batch_anchored')}
        group by provider, root
      ) as first on first.provider = signed.provider and first.root = signed.root
      window following as (
        partition by signed.provider, signed.signer
        order by signed.sequence
        rows between unbounded preceding and unbounded following
      )
    )
    where next_anchor.1 > 0 and next_anchor < anchor`,
  )
}

function nonceGaps(from: Relations): string {
  return evidence(
    {
      provider: 'provider',
      code: `'NONCE_GAP'`,
      item: `concat('nonces-', toString(first_missing), '-', toString(last_missing))`,
      reason: `'NONCES_MISSING'`,
      receipt_count: 'missing',
      since_seconds: 'since',
      digest: 'next_digest',
      signer: 'next_signer',
      first_nonce: 'first_missing',
      last_nonce: 'last_missing',
    },
    `(
      select provider, first_nonce as first_missing, last_nonce as last_missing,
        missing_count as missing, since_seconds as since, digest as next_digest,
        signer as next_signer
      from ${from.relation('nonce_gap')} as gaps
      where since_seconds + ${GAP_AFTER_SECONDS} <= ${from.nowSeconds}
    )`,
  )
}

/** Batches that were found to be signed by a valid key, and whose predecessor has not come. */
function batchGaps(from: Relations): string {
  const word = (place: number): string =>
    `reinterpretAsUInt64(reverse(substring(body, ${6 + 32 * place - 7}, 8)))`
  return evidence(
    {
      provider: 'provider',
      code: `'BATCH_GAP'`,
      item: `concat('batch-', lower(hex(own_digest)))`,
      reason: `'GAP_BEFORE'`,
      receipt_count: 'receipts',
      since_seconds: 'received',
      signed_batch: 'own_digest',
      other_signed_batch: 'previous',
      sequence: 'place',
    },
    `(
      select
        provider,
        digest as own_digest,
        min(received_at_seconds) as received,
        any(${word(3)}) as place,
        any(toFixedString(substring(body, ${6 + 32 * 3 + 1}, 32), 32)) as previous,
        any(${word(5)}) as receipts
      from ${from.relation('quarantined_receipt')}
      where code = 'GAP_BEFORE'
        and received_at_seconds + ${GAP_AFTER_SECONDS} <= ${from.nowSeconds}
        and id not in (
          select id from ${from.relation('quarantine_release')} where outcome != 'rejected'
        )
        and digest not in (select digest from ${from.relation('signed_batch')})
      group by provider, own_digest
    )`,
  )
}

export const FINDING_VIEWS: readonly View[] = [FINDING_EVIDENCE_VIEW, FINDING_VIEW]
