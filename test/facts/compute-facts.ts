import type { Hex } from '@foggara/schema'

import { type Fact, eventId, hexed, keyed, plain, struct, text, texts } from './fact.ts'

const PROVIDERS: Fact = {
  name: 'providers, their stakes and signing keys',
  ofEntities: (live) => {
    const keys = Map.groupBy(
      live('SigningKey').filter(({ isActive }) => isActive === 'true'),
      ({ provider }) => provider ?? '',
    )
    const fields = ['name', 'endpoint', 'stake', 'slashed', 'receiptCount', 'feeTotal', 'signers']
    return keyed(
      live('Provider').map((provider) => ({
        ...provider,
        slashed: provider['slashedTotal'] ?? '',
        signers: (keys.get(provider['id'] ?? '') ?? [])
          .map(({ signer }) => signer)
          .toSorted((a = '', b = '') => (a < b ? -1 : 1))
          .join(),
      })),
      fields,
    )
  },
  ofViews: (from) => `
    select ${hexed('provider.provider')} as id, ${texts({
      name: 'name',
      endpoint: 'endpoint',
      stake: text('stake'),
      slashed: text('slashed'),
      receiptCount: text('batches.receipts'),
      feeTotal: text('batches.fees'),
      signers: `arrayStringConcat(arrayMap(one -> ${hexed('one')}, signers), ',')`,
    })}
    from ${from.relation('provider')} as provider
    left join (
      select provider, sum(receipt_count) as receipts, sum(fee_total) as fees
      from ${from.relation('batch')}
      group by provider
    ) as batches on batches.provider = provider.provider`,
  ofContracts: async (call, id, said) => {
    const provider = await call('ComputeRegistry', 'providerOf', [id])
    const signers = (said['signers'] ?? '').split(',').filter((signer) => signer !== '')
    const active: string[] = []
    for (const signer of signers) {
      const isActive = await call('ComputeRegistry', 'isSigner', [id, signer])
      if (isActive === true) active.push(signer)
    }
    return { ...struct(provider, { stake: 'stake' }), signers: active.join() }
  },
}

const SIGNING_KEYS: Fact = {
  name: 'signing keys, those taken back too',
  ofEntities: (live) => keyed(live('SigningKey'), ['isActive']),
  ofViews: (from) => `
    select concat(${hexed('provider')}, lower(hex(signer))) as id, ${texts({
      isActive: text('argMax(active, (block, log_index))'),
    })}
    from ${from.relation('signing_key_set')}
    group by provider, signer`,
  ofContracts: async (call, id) => {
    const [provider, signer] = [id.slice(0, 42), `0x${id.slice(42)}`]
    return { isActive: plain(await call('ComputeRegistry', 'isSigner', [provider, signer])) }
  },
}

const SLASHINGS: Fact = {
  name: 'slashings',
  ofEntities: (live) => keyed(live('Slashing'), ['provider', 'amount', 'stake', 'evidenceHash']),
  ofViews: (from) => `
    select ${eventId('slashing')} as id, ${texts({
      provider: hexed('provider'),
      amount: text('amount'),
      stake: text('stake'),
      evidenceHash: hexed('evidence_hash'),
    })}
    from ${from.relation('slashing')} as slashing`,
}

const BATCHES: Fact = {
  name: 'batches and how many receipts they anchor',
  ofEntities: (live) =>
    keyed(
      live('ReceiptBatch').map((batch) => ({
        ...batch,
        receiptCount: `${(batch['digests'] ?? '').split(',').filter(Boolean).length}`,
      })),
      ['provider', 'root', 'feeTotal', 'receiptCount', 'block', 'atSeconds'],
    ),
  ofViews: (from) => `
    select toString(batch_id) as id, ${texts({
      provider: hexed('provider'),
      root: hexed('root'),
      feeTotal: text('fee_total'),
      receiptCount: text('receipt_count'),
      block: text('block'),
      atSeconds: text('at_seconds'),
    })}
    from ${from.relation('batch')}`,
  ofContracts: async (call, id) => ({
    root: plain(await call('ComputeRegistry', 'batchRootById', [BigInt(id)])),
  }),
  countOfContracts: (call) => call('ComputeRegistry', 'batchCount'),
}

/** The root is that of the digests that both tell. */
const BATCH_DIGESTS: Fact = {
  name: 'the digests of batches',
  ofEntities: (live) => keyed(live('ReceiptBatch'), ['digests', 'root']),
  ofViews: (from) => `
    select toString(batch_id) as id, ${texts({
      digests: `arrayStringConcat(arrayMap(one -> ${hexed('one')}, digests), ',')`,
      root: hexed('root'),
    })}
    from ${from.relation('batch_anchored')}`,
  ofContracts: async (call, _id, said) => {
    const digests = (said['digests'] ?? '').split(',') as readonly Hex[]
    return { root: plain(await call('ComputeRegistry', 'batchRootOf', [digests])) }
  },
}

/** A mapping cannot check signatures: it keeps every body, the view those of receipts that count. */
const RECEIPTS: Fact = {
  name: 'receipts that count',
  ofEntities: (live) => {
    const batches = new Map(live('ReceiptBatch').map((batch) => [batch['id'], batch]))
    return keyed(
      live('AnchoredReceipt').map((receipt) => ({
        ...receipt,
        block: batches.get(receipt['batch'])?.['block'] ?? '',
      })),
      [
        'batch',
        'provider',
        'consumer',
        'workload',
        'nonce',
        'assets',
        'units',
        'fee',
        'startedAtSeconds',
        'finishedAtSeconds',
        'inputHash',
        'outputHash',
        'block',
      ],
      ({ digest }) => digest ?? '',
    )
  },
  ofViews: (from) => `
    select ${hexed('digest')} as id, ${texts({
      batch: text('batch_id'),
      provider: hexed('provider'),
      consumer: hexed('consumer'),
      workload: 'workload',
      nonce: text('nonce'),
      assets: `arrayStringConcat(arrayMap(one -> ${hexed('one')}, assets), ',')`,
      units: text('units'),
      fee: text('fee'),
      startedAtSeconds: text('started_at_seconds'),
      finishedAtSeconds: text('finished_at_seconds'),
      inputHash: hexed('input_hash'),
      outputHash: hexed('output_hash'),
      block: text('block'),
    })}
    from ${from.relation('receipt')}
    where status = 'ANCHORED'`,
}

/** Facts about compute. */
export const COMPUTE_FACTS: readonly Fact[] = [
  PROVIDERS,
  SIGNING_KEYS,
  SLASHINGS,
  BATCHES,
  BATCH_DIGESTS,
  RECEIPTS,
]
