import { CLAIM_VIEW, type Pin, pinnedRelations } from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Row } from '../../sql/row.ts'
import type { Statement } from '../../sql/statement.ts'
import { ACCOUNT_REF } from '../account/ref.ts'
import { builder } from '../builder.ts'
import { selectionColumns } from '../projection.ts'
import { ALLOCATION } from './allocation.ts'
import { ALLOCATION_SOURCE } from './sources.ts'

builder.objectFields(ALLOCATION.ref, (t) => ({
  claimed: t.field({
    type: 'BigInt',
    description: 'Everything that the account had claimed at the block. Unit: token base units.',
    extensions: { columns: ['account'], cost: { statements: 1 } },
    resolve: async ({ row, from }) => (await claimedBy(from, row)).toString(),
  }),
  claimable: t.field({
    type: 'BigInt',
    description:
      'What a claim with this proof gives at the block: cumulative - claimed when the epoch is the newest active one, else 0. Unit: token base units.',
    extensions: { columns: ['account', 'cumulative', 'epoch'], cost: { statements: 2 } },
    resolve: async ({ row, from }) => {
      if ((await newestActiveEpoch(from)) !== Number(row['epoch'])) return '0'
      const rest = BigInt(String(row['cumulative'])) - (await claimedBy(from, row))
      return (rest > 0n ? rest : 0n).toString()
    },
  }),
}))

builder.objectFields(ACCOUNT_REF, (t) => ({
  claimableAllocation: t.field({
    type: ALLOCATION.ref,
    nullable: true,
    description:
      'The allocation whose proof can be claimed with at the block: that of the newest active epoch.',
    extensions: { columns: ['account'], cost: { statements: 2 } },
    resolve: async ({ row, from }, _args, _context, info) => {
      const epoch = await newestActiveEpoch(from)
      if (epoch === undefined) return null
      const columns = selectionColumns(info, ALLOCATION.name)
      const found = await allocationIn(from, epoch, String(row['account']), columns)
      return found === undefined ? null : { row: found, from }
    },
  }),
}))

const NEWEST = new WeakMap<Reader, Promise<number | undefined>>()

function newestActiveEpoch(from: Reader): Promise<number | undefined> {
  const known = NEWEST.get(from) ?? from.rows(newestActiveStatement(from.pin)).then(epochOf)
  NEWEST.set(from, known)
  return known
}

function epochOf(rows: readonly Row[]): number | undefined {
  const epoch = Number(rows[0]?.['epoch'] ?? 0)
  return epoch === 0 ? undefined : epoch
}

function newestActiveStatement(pin: Pin): Statement {
  const activated = pinnedRelations(pin).relation('epoch_root_activated')
  return { sql: `select max(epoch) as "epoch" from ${activated}`, parameters: {} }
}

async function allocationIn(
  from: Reader,
  epoch: number,
  account: string,
  columns: readonly string[],
): Promise<Row | undefined> {
  const selection = {
    source: ALLOCATION_SOURCE,
    columns: [...columns, ...ALLOCATION_SOURCE.key],
    conditions: [{ column: 'epoch', operator: 'equals' as const, value: epoch }],
    order: { columns: [], direction: 'ASC' as const },
    after: undefined,
    limit: 1,
  }
  const rows = await from.page(selection, { column: 'account', value: account })
  return rows[0]
}

/** Each claim says what was claimed in all, so the newest one tells. */
async function claimedBy(from: Reader, row: Row): Promise<bigint> {
  const newest = {
    source: CLAIM_VIEW,
    columns: ['cumulative'],
    conditions: [],
    order: { columns: ['block', 'log_index'], direction: 'DESC' as const },
    after: undefined,
    limit: 1,
  }
  const claims = await from.page(newest, { column: 'account', value: String(row['account']) })
  return BigInt(String(claims[0]?.['cumulative'] ?? '0'))
}
