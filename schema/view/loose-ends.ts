import { HIDDEN_AFTER_SECONDS, UNANCHORED_AFTER_SECONDS } from '../standing.ts'
import type { Relations } from '../table/relation.ts'
import { NO_HASH, evidence } from './finding-columns.ts'

/**
 * Anchored and not delivered in time, or delivered and not anchored in time. When a signed batch of
 * the same length holds the others of an anchored batch's receipts, and some that nothing anchors,
 * then what is missing was altered.
 */
export function looseEnds(from: Relations): string {
  const isAltered = `pair.1 != ${NO_HASH}`
  const isAlone = `batch = ${NO_HASH}`
  const either = (anchored: string, delivered: string): string =>
    `if(anchor > 0, ${anchored}, ${delivered})`
  return evidence(
    {
      provider: 'provider',
      code: either(`if(${isAltered}, 'ALTERED_RECEIPT', 'HIDES_ANCHORED')`, `'UNANCHORED_LATE'`),
      item: either(
        `concat('anchor-', toString(anchor))`,
        `if(${isAlone}, 'receipts', concat('batch-', lower(hex(batch))))`,
      ),
      reason: either(
        `if(${isAltered}, 'DELIVERED_OTHERS', 'NOT_DELIVERED')`,
        `if(${isAlone}, 'CAME_ALONE', 'CAME_IN_BATCH')`,
      ),
      receipt_count: 'receipts',
      since_seconds: 'since',
      digest: 'first_digest',
      other_digest: 'pair.2',
      batch_id: 'anchor',
      signed_batch: either('pair.1', 'batch'),
      first_nonce: 'low',
      last_nonce: 'high',
      anchor_block: 'since_block',
      anchor_transaction: 'transaction',
    },
    `(
      select
        ends.provider as provider,
        ends.anchor as anchor,
        ends.batch as batch,
        ends.receipts as receipts,
        ends.since as since,
        ends.first_digest as first_digest,
        ends.low as low,
        ends.high as high,
        ends.since_block as since_block,
        ends.transaction as transaction,
        arrayFirst(extra -> has(shares.batches, extra.1), ends.extras) as pair
      from (
        select *, groupArrayIf(${EXTRAS_MAX})((batch, first_digest), anchor = 0 and batch != ${NO_HASH})
          over (partition by provider) as extras
        from (${looseEndsByBatch(from)})
      ) as ends
      left join (${sharedBatches(from)}) as shares on shares.anchor = ends.anchor
    )
    where since + ${either(String(HIDDEN_AFTER_SECONDS), String(UNANCHORED_AFTER_SECONDS))}
      <= ${from.nowSeconds}`,
  )
}

/** Of a provider's signed batches that wait for their anchor, as many are compared with anchored ones. */
const EXTRAS_MAX = 256

function looseEndsByBatch(from: Relations): string {
  return `
    select
      provider,
      anchor,
      batch,
      count() as receipts,
      min(seconds) as since,
      argMin(digest, (seconds, nonce, digest)) as first_digest,
      min(nonce) as low,
      max(nonce) as high,
      any(made) as since_block,
      any(transaction_hash) as transaction
    from (
      select provider, batch_id as anchor, ${NO_HASH} as batch, digest, at_seconds as seconds,
        toUInt64(0) as nonce, block as made, transaction_hash
      from ${from.relation('undelivered_receipt')} as undelivered
      union all
      select provider, toUInt256(0), signed_batch, digest, since_seconds, nonce, 0, ${NO_HASH}
      from ${from.relation('unanchored_receipt')} as unanchored
    )
    group by provider, anchor, batch`
}

/** By anchored batch: the signed batches of the same length that hold some of its receipts. */
function sharedBatches(from: Relations): string {
  const open = `(provider, root) not in (
    select provider, root from ${from.relation('signed_batch')}
  )`
  const loose = `(provider, root) not in (
    select provider, root from ${from.relation('batch_anchored')}
  )`
  return `
    select anchored.batch_id as anchor, groupUniqArray(delivered.batch_digest) as batches
    from ${from.relation('anchored_receipt')} as anchored
    inner join (
      select provider, digest, batch_digest
      from ${from.relation('submitted_receipt')}
      where batch_digest in (select digest from ${from.relation('signed_batch')} where ${loose})
    ) as delivered
      on delivered.provider = anchored.provider and delivered.digest = anchored.digest
    inner join (
      select digest, receipt_count from ${from.relation('signed_batch')} where ${loose}
    ) as signed on signed.digest = delivered.batch_digest
    inner join (
      select batch_id, length(digests) as digest_count
      from ${from.relation('batch_anchored')}
      where ${open}
    ) as entire on entire.batch_id = anchored.batch_id
    where entire.digest_count = signed.receipt_count
    group by anchor`
}
