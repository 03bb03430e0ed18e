import { CLOCKS_APART_SECONDS } from '../standing.ts'
import type { Relations } from '../table/relation.ts'
import { EVIDENCE, type View, columns, evidenceOf } from './view.ts'

/** Receipts that a batch anchors by digest alone and that nobody has delivered. */
export const UNDELIVERED_RECEIPT_VIEW: View = {
  name: 'undelivered_receipt',
  key: ['block', 'log_index', 'position'],
  columns: columns({
    batch_id: 'UInt256',
    position: 'UInt32',
    provider: 'FixedString(20)',
    digest: 'FixedString(32)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select batch_id, position, provider, digest, block, log_index, transaction_hash, at_seconds
    from ${from.relation('anchored_receipt')}
    where verdict = 'bodyless'
      and ${isOpenAnchor(from)}
      and ${KEY} in (${unpaired(from)})
      and ${KEY} not in (
        select ${KEY}
        from ${from.relation('submitted_receipt')}
        where ${KEY} in (${unpaired(from)})
      )`,
}

/** Receipts that were delivered, alone or in a signed batch, and that no batch on chain anchors. */
export const UNANCHORED_RECEIPT_VIEW: View = {
  name: 'unanchored_receipt',
  key: ['provider', 'nonce'],
  columns: columns({
    provider: 'FixedString(20)',
    nonce: 'UInt64',
    digest: 'FixedString(32)',
    signer: 'FixedString(20)',
    signed_batch: 'FixedString(32)',
    since_seconds: 'UInt64',
  }),
  sql: (from) => `
    select
      provider,
      nonce,
      digest,
      signer,
      batch_digest as signed_batch,
      ${arrivalSeconds(from, 'received_at_seconds', 'finished_at_seconds')} as since_seconds
    from ${from.relation('submitted_receipt')}
    where ${isLooseDelivery(from)}
      and ${KEY} in (${unpaired(from)})
      and ${KEY} not in (
        select ${KEY}
        from ${from.relation('anchored_receipt')}
        where verdict in ('valid', 'bodyless') and ${KEY} in (${unpaired(from)})
      )`,
}

/**
 * Anchored batches against what was delivered. COMPLETE: every body is known. PARTIAL, NONE: some are
 * missing, or all. A batch that was delivered whole is known by its root, so its digests are not looked at.
 */
export const ANCHOR_DELIVERY_VIEW: View = {
  name: 'anchor_delivery',
  key: ['batch_id'],
  columns: columns({
    batch_id: 'UInt256',
    provider: 'FixedString(20)',
    root: 'FixedString(32)',
    delivery: 'String',
    receipt_count: 'UInt64',
    calldata_count: 'UInt64',
    missing_count: 'UInt64',
    refused_count: 'UInt64',
    missing_digest: 'FixedString(32)',
    signed_batch: 'FixedString(32)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      anchored.batch_id as batch_id,
      anchored.provider as provider,
      anchored.root as root,
      multiIf(
        missing_count = 0, 'COMPLETE',
        missing_count < receipt_count, 'PARTIAL',
        'NONE'
      ) as delivery,
      toUInt64(length(anchored.digests)) as receipt_count,
      judged.valid_count as calldata_count,
      missing.digest_count as missing_count,
      judged.refused as refused_count,
      missing.first_digest as missing_digest,
      by_root.batch as signed_batch,
      ${evidenceOf('anchored')}
    from ${from.relation('batch_anchored')} as anchored
    left join (
      select
        batch_id,
        countIf(verdict = 'valid') as valid_count,
        countIf(verdict not in ('valid', 'bodyless')) as refused
      from ${from.relation('anchored_receipt')}
      group by batch_id
    ) as judged on judged.batch_id = anchored.batch_id
    left join (
      select batch_id, count() as digest_count, min(digest) as first_digest
      from ${from.relation('undelivered_receipt')} as undelivered
      group by batch_id
    ) as missing on missing.batch_id = anchored.batch_id
    left join (
      select provider, root, argMin(digest, sequence) as batch
      from ${from.relation('signed_batch')}
      group by provider, root
    ) as by_root on by_root.provider = anchored.provider and by_root.root = anchored.root`,
}

/**
 * Signed batches that were delivered, against the chain. WHOLE: a batch with the same root is
 * anchored. PARTS: other batches anchor all of its receipts. PARTIAL, NONE: some wait, or all.
 */
export const DELIVERED_BATCH_VIEW: View = {
  name: 'delivered_batch',
  key: ['digest'],
  columns: columns({
    digest: 'FixedString(32)',
    provider: 'FixedString(20)',
    signer: 'FixedString(20)',
    sequence: 'UInt64',
    previous: 'FixedString(32)',
    root: 'FixedString(32)',
    receipt_count: 'UInt64',
    fee_total: 'UInt256',
    signature: 'Bytes',
    received_at_seconds: 'UInt64',
    anchoring: 'String',
    unanchored_count: 'UInt64',
    unanchored_digest: 'FixedString(32)',
    since_seconds: 'UInt64',
    waiting_blocks: 'UInt64',
    batch_id: 'UInt256',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      delivered.digest as digest,
      delivered.provider as provider,
      delivered.signer as signer,
      delivered.sequence as sequence,
      delivered.previous as previous,
      delivered.root as root,
      toUInt64(delivered.receipt_count) as receipt_count,
      delivered.fee_total as fee_total,
      delivered.signature as signature,
      delivered.received_at_seconds as received_at_seconds,
      multiIf(
        by_root.place.1 > 0, 'WHOLE',
        unanchored_count = 0, 'PARTS',
        unanchored_count < receipt_count, 'PARTIAL',
        'NONE'
      ) as anchoring,
      waiting.digest_count as unanchored_count,
      waiting.first_digest as unanchored_digest,
      waiting.since as since_seconds,
      toUInt64(if(
        unanchored_count = 0,
        0,
        ${newestBlock(from)} - least(waiting.since_block, ${newestBlock(from)})
      )) as waiting_blocks,
      by_root.batch as batch_id,
      by_root.place.1 as block,
      by_root.place.2 as log_index,
      by_root.transaction as transaction_hash,
      by_root.since as at_seconds
    from ${from.relation('signed_batch')} as delivered
    left join (
      select
        provider,
        root,
        argMin(batch_id, (block, log_index)) as batch,
        min((block, log_index)) as place,
        argMin(transaction_hash, (block, log_index)) as transaction,
        argMin(at_seconds, (block, log_index)) as since
      from ${from.relation('batch_anchored')}
      group by provider, root
    ) as by_root on by_root.provider = delivered.provider and by_root.root = delivered.root
    left join (
      select
        unanchored.signed_batch as signed_batch,
        unanchored.digest_count as digest_count,
        unanchored.first_digest as first_digest,
        unanchored.since as since,
        made.block as since_block
      from (
        select
          signed_batch,
          count() as digest_count,
          min(digest) as first_digest,
          min(since_seconds) as since,
          1 as chain
        from ${from.relation('unanchored_receipt')} as receipts
        group by signed_batch
      ) as unanchored
      asof left join ${blockTimes(from)} as made
        on made.chain = unanchored.chain and unanchored.since >= made.at_seconds
    ) as waiting on waiting.signed_batch = delivered.digest`,
}

/** Blocks by their time, to join what happened off the chain to them. */
export function blockTimes(from: Relations): string {
  return `(select block, at_seconds, 1 as chain from ${from.relation('block')})`
}

/**
 * When something arrived, by the chain's time: a wall clock that is far ahead of the chain says
 * nothing, and then the end of the usage, which speaks the chain's time, is taken.
 */
export function arrivalSeconds(from: Relations, received: string, finished: string): string {
  const { nowSeconds: now } = from
  const isApart = `${received} > ${now} + ${CLOCKS_APART_SECONDS}`
  return `least(if(${isApart}, ${finished}, greatest(${received}, ${finished})), ${now})`
}

function newestBlock(from: Relations): string {
  return `assumeNotNull((select max(block) from ${from.relation('block')}))`
}

/**
 * A provider's receipt as one number. Half of a digest is enough: to make two receipts that have it in
 * common takes 2^64 attempts, and would hide that one of them is missing.
 */
const KEY = `bitXor(
  reinterpretAsUInt128(substring(digest, 1, 16)), reinterpretAsUInt128(substring(provider, 1, 16))
)`

/**
 * The keys of receipts that are only anchored, without a body, or only delivered, as far as batches
 * whose roots do not tell. It is one set of numbers, however often a statement asks for it.
 */
function unpaired(from: Relations): string {
  return `
    select pair
    from (
      select ${KEY} as pair, if(verdict = 'bodyless', 1, 4) as side
      from ${from.relation('anchored_receipt')}
      where verdict in ('valid', 'bodyless') and ${isOpenAnchor(from)}
      union all
      select ${KEY} as pair, 2 as side
      from ${from.relation('submitted_receipt')}
      where ${isLooseDelivery(from)}
    )
    group by pair
    having groupBitOr(side) in (1, 2)`
}

/** Of a batch whose root no signed batch of its provider has. */
function isOpenAnchor(from: Relations): string {
  return `batch_id not in (
    select batch_id
    from ${from.relation('batch_anchored')}
    where (provider, root) in (select provider, root from ${from.relation('signed_batch')})
  )`
}

/** It came alone, or in a signed batch whose root is not anchored. */
function isLooseDelivery(from: Relations): string {
  return `batch_digest not in (
    select digest
    from ${from.relation('signed_batch')}
    where (provider, root) in (select provider, root from ${from.relation('batch_anchored')})
  )`
}

export const DELIVERY_VIEWS: readonly View[] = [
  UNDELIVERED_RECEIPT_VIEW,
  UNANCHORED_RECEIPT_VIEW,
  ANCHOR_DELIVERY_VIEW,
  DELIVERED_BATCH_VIEW,
]
