import { WORKLOADS } from '../words.ts'
import { EVIDENCE, type View, columns, evidenceOf, wordOf } from './view.ts'

/**
 * Receipts by digest. ANCHORED ones count: their body is known and valid and a batch anchors them
 * (the first that does). PENDING ones came over HTTP and no batch has anchored them yet.
 */
export const RECEIPT_VIEW: View = {
  name: 'receipt',
  key: ['digest'],
  columns: columns({
    digest: 'FixedString(32)',
    status: 'String',
    provider: 'FixedString(20)',
    consumer: 'FixedString(20)',
    workload: 'String',
    nonce: 'UInt64',
    assets: 'Array(FixedString(32))',
    units: 'UInt256',
    fee: 'UInt256',
    started_at_seconds: 'UInt64',
    finished_at_seconds: 'UInt64',
    input_hash: 'FixedString(32)',
    output_hash: 'FixedString(32)',
    signature: 'Bytes',
    signer: 'FixedString(20)',
    batch_id: 'UInt256',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      body.digest as digest,
      if(anchored.block = 0, 'PENDING', 'ANCHORED') as status,
      body.provider as provider,
      body.consumer as consumer,
      ${wordOf(WORKLOADS, 'body.workload')} as workload,
      body.nonce as nonce,
      body.assets as assets,
      body.units as units,
      body.fee as fee,
      body.started_at_seconds as started_at_seconds,
      body.finished_at_seconds as finished_at_seconds,
      body.input_hash as input_hash,
      body.output_hash as output_hash,
      body.signature as signature,
      body.signer as signer,
      anchored.batch as batch_id,
      anchored.block as block,
      anchored.log_index as log_index,
      anchored.transaction_hash as transaction_hash,
      anchored.at_seconds as at_seconds
    from (
      select digest, provider, consumer, workload, nonce, assets, units, fee, started_at_seconds,
        finished_at_seconds, input_hash, output_hash, signature, signer
      from (
        select digest, provider, consumer, workload, nonce, assets, units, fee, started_at_seconds,
          finished_at_seconds, input_hash, output_hash, signature, signer, 0 as origin
        from ${from.relation('submitted_receipt')}
        union all
        select digest, provider, consumer, workload, nonce, assets, units, fee, started_at_seconds,
          finished_at_seconds, input_hash, output_hash, signature, signer, 1 as origin
        from ${from.relation('anchored_receipt')}
        where verdict = 'valid'
      )
      order by origin desc, signature
      limit 1 by digest
    ) as body
    left join (
      select digest, provider, batch_id as batch, block, log_index, transaction_hash, at_seconds
      from ${from.relation('anchored_receipt')}
      where verdict in ('valid', 'bodyless')
      order by block, log_index, position
      limit 1 by digest, provider
    ) as anchored on anchored.digest = body.digest and anchored.provider = body.provider`,
}

/** Anchored batches with how many of their receipts count, wait for their body or were refused. */
export const BATCH_VIEW: View = {
  name: 'batch',
  key: ['batch_id'],
  columns: columns({
    batch_id: 'UInt256',
    provider: 'FixedString(20)',
    root: 'FixedString(32)',
    fee_total: 'UInt256',
    receipt_count: 'UInt64',
    valid_count: 'UInt64',
    bodyless_count: 'UInt64',
    refused_count: 'UInt64',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      anchored.batch_id as batch_id,
      anchored.provider as provider,
      anchored.root as root,
      anchored.fee_total as fee_total,
      toUInt64(length(anchored.digests)) as receipt_count,
      counted.valid_count as valid_count,
      counted.bodyless_count as bodyless_count,
      toUInt64(receipt_count - valid_count - bodyless_count) as refused_count,
      ${evidenceOf('anchored')}
    from ${from.relation('batch_anchored')} as anchored
    left join (
      select
        batch_id,
        countIf(verdict = 'valid' or verdict = 'bodyless' and digest in (
          select digest from ${from.relation('submitted_receipt')}
        )) as valid_count,
        countIf(verdict = 'bodyless' and digest not in (
          select digest from ${from.relation('submitted_receipt')}
        )) as bodyless_count
      from ${from.relation('anchored_receipt')}
      group by batch_id
    ) as counted on counted.batch_id = anchored.batch_id`,
}

/** Compute providers with stake, slashings, active signing keys and work done. */
export const PROVIDER_VIEW: View = {
  name: 'provider',
  key: ['provider'],
  columns: columns({
    provider: 'FixedString(20)',
    name: 'String',
    endpoint: 'String',
    stake: 'UInt256',
    slashed: 'UInt256',
    signers: 'Array(FixedString(20))',
    receipt_count: 'UInt64',
    fee_total: 'UInt256',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      registered.provider as provider,
      registered.name as name,
      registered.endpoint as endpoint,
      staked.last_stake as stake,
      slashings.total as slashed,
      keyring.active_signers as signers,
      worked.receipts as receipt_count,
      worked.fees as fee_total,
      ${evidenceOf('registered')}
    from ${from.relation('provider_registered')} as registered
    left join (
      select provider, argMax(stake, (block, log_index)) as last_stake
      from (
        select provider, stake, block, log_index from ${from.relation('stake_changed')}
        union all
        select provider, stake, block, log_index from ${from.relation('provider_slashed')}
      )
      group by provider
    ) as staked on staked.provider = registered.provider
    left join (
      select provider, sum(amount) as total
      from ${from.relation('provider_slashed')}
      group by provider
    ) as slashings on slashings.provider = registered.provider
    left join (
      select provider, arraySort(groupArrayIf(signer, is_active)) as active_signers
      from (
        select provider, signer, argMax(active, (block, log_index)) as is_active
        from ${from.relation('signing_key_set')}
        group by provider, signer
      )
      group by provider
    ) as keyring on keyring.provider = registered.provider
    left join (
      select provider, count() as receipts, sum(fee) as fees
      from ${from.relation('receipt')}
      where status = 'ANCHORED'
      group by provider
    ) as worked on worked.provider = registered.provider`,
}

/** Slashings of providers. */
export const SLASHING_VIEW: View = {
  name: 'slashing',
  key: ['block', 'log_index'],
  columns: columns({
    provider: 'FixedString(20)',
    amount: 'UInt256',
    stake: 'UInt256',
    evidence_hash: 'FixedString(32)',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select provider, amount, stake, evidence_hash, block, log_index, transaction_hash, at_seconds
    from ${from.relation('provider_slashed')}`,
}

export const COMPUTE_VIEWS: readonly View[] = [
  RECEIPT_VIEW,
  BATCH_VIEW,
  PROVIDER_VIEW,
  SLASHING_VIEW,
]
