import type { Reason } from '@foggara/gpu-analytics'
import { POOLS, type Pool, invariant, parseHex } from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Row } from '../../sql/row.ts'
import { ACCOUNT_REF } from '../account/ref.ts'
import { ASSET } from '../asset/asset.ts'
import { builder } from '../builder.ts'
import { RECEIPT } from '../compute/receipt.ts'
import { selectionColumns } from '../projection.ts'
import { ALLOCATION_PART } from './allocation.ts'

type ReasonShape = { readonly reason: Reason; readonly from: Reader }

const REASON_TYPE = builder.enumType('ReasonType', {
  description:
    'receipt: one receipt. child: an asset made from this one. reviews: votes and rulings. rule: the ruleset itself.',
  values: ['receipt', 'child', 'reviews', 'rule'] as const,
})

const REASON = builder.objectRef<ReasonShape>('Reason').implement({
  description: 'One of the things that an amount goes back to; the reasons of an amount sum to it.',
  fields: (t) => ({
    type: t.field({ type: REASON_TYPE, resolve: ({ reason }) => reason.type }),
    amount: t.field({
      type: 'BigInt',
      description: 'Unit: token base units.',
      resolve: ({ reason }) => reason.amount.toString(),
    }),
    weight: t.field({
      type: 'BigInt',
      description: 'The amounts of the reasons are in proportion to their weights.',
      resolve: ({ reason }) => reason.weight.toString(),
    }),
    digest: t.field({
      type: 'Bytes32',
      nullable: true,
      description: 'The receipt, when the reason is one.',
      resolve: ({ reason }) => (reason.type === 'receipt' ? reason.digest : null),
    }),
    receipt: t.field({
      type: RECEIPT.ref,
      nullable: true,
      extensions: { cost: { statements: 1 } },
      resolve: async ({ reason, from }, _args, _context, info) => {
        if (reason.type !== 'receipt') return null
        const columns = [...selectionColumns(info, RECEIPT.name), ...RECEIPT.source.key]
        const row = await from.lookup(RECEIPT.source, columns, 'digest', reason.digest)
        return row === null ? null : { row, from }
      },
    }),
    assetId: t.field({
      type: 'Bytes32',
      nullable: true,
      description: 'The asset made from this one, when the reason is one.',
      resolve: ({ reason }) => (reason.type === 'child' ? reason.assetId : null),
    }),
    asset: t.field({
      type: ASSET.ref,
      nullable: true,
      extensions: { cost: { statements: 1 } },
      resolve: async ({ reason, from }, _args, _context, info) => {
        if (reason.type !== 'child') return null
        const columns = [...selectionColumns(info, ASSET.name), ...ASSET.source.key]
        const row = await from.lookup(ASSET.source, columns, 'asset_id', reason.assetId)
        return row === null ? null : { row, from }
      },
    }),
    account: t.field({
      type: ACCOUNT_REF,
      nullable: true,
      description: 'The consumer of the receipt, the reviewer or the treasury.',
      resolve: ({ reason, from }) => {
        const account = accountOf(reason)
        return account === undefined ? null : { row: { account }, from }
      },
    }),
  }),
})

builder.objectFields(ALLOCATION_PART.ref, (t) => ({
  reasons: t.field({
    type: [REASON],
    description:
      'What the amount goes back to, down to receipts; recomputed from the snapshot. They sum to the amount.',
    extensions: {
      columns: ['epoch', 'pool', 'source_id', 'amount'],
      cost: { statements: 3, rows: 50 },
    },
    resolve: async ({ row, from }, _args, context) => {
      const reasons = await context.closedEpochs.reasons(from, Number(row['epoch']), partOf(row))
      return reasons.map((reason) => ({ reason, from }))
    },
  }),
}))

function partOf(row: Row) {
  const sourceId = String(row['sourceId'])
  return {
    pool: poolOf(row),
    sourceId: parseHex(sourceId, (sourceId.length - 2) / 2, 'source'),
    amount: BigInt(String(row['amount'])),
  }
}

function poolOf(row: Row): Pool {
  const pool = POOLS.find((candidate) => candidate === row['pool'])
  invariant(pool !== undefined, 'every part belongs to a pool')
  return pool
}

function accountOf(reason: Reason): string | undefined {
  switch (reason.type) {
    case 'receipt':
      return reason.consumer
    case 'reviews':
    case 'rule':
      return reason.account
    case 'child':
      return undefined
  }
}
