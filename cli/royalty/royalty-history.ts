import { type RoyaltyAsset, eventOrder } from '@foggara/gpu-analytics'
import {
  ASSET_VIEW,
  EDGE_VIEW,
  FatalError,
  type Hex,
  PAYMENT_KINDS,
  PAYMENT_VIEW,
  type Pin,
  RELATIONS,
  ROYALTY_VIEW,
  type Relation,
  type Relations,
  type View,
  ZERO_ADDRESS,
  camelCase,
  pinnedRelations,
  selectText,
  wordOf,
} from '@foggara/schema'
import { z } from 'zod'

import { type Rows, hexText, integerText, readRows, smallNumber } from '../score/rows.ts'

/** An asset with what a report says about it. */
export type HistoryAsset = RoyaltyAsset & {
  readonly name: string
  /** Who holds it at the pinned block. */
  readonly holder: Hex | undefined
}

/** A link as the registry recorded it. Places are those of `eventOrder`. */
export type HistoryLink = {
  readonly childId: Hex
  readonly parentId: Hex
  readonly relation: Relation
  /** Parts per hundred million. */
  readonly shareE8: number
  readonly linked: number
  /** Where it ended; undefined while it stands. */
  readonly ended: number | undefined
}

/** What a vault took in, after the fee. Unit: token base units. */
export type VaultIncome = { readonly order: number; readonly assetId: Hex; readonly amount: bigint }

/** What a vault passed on to a parent's. Unit: token base units. */
export type PassedRoyalty = {
  readonly order: number
  readonly childId: Hex
  readonly parentId: Hex
  readonly amount: bigint
}

/** Everything about royalties up to one block. */
export type RoyaltyHistory = {
  readonly block: number
  readonly blockHash: Hex
  /** The token that the vaults hold; undefined before any of it moved. */
  readonly token: Hex | undefined
  readonly assets: readonly HistoryAsset[]
  readonly links: readonly HistoryLink[]
  /** Payments into vaults: for usage, for licences, tips. In the order of events, as the rest. */
  readonly incomes: readonly VaultIncome[]
  /** Sales go to the seller and never see a vault. */
  readonly saleCount: number
  readonly royalties: readonly PassedRoyalty[]
  /** Claims, which settle a vault first. */
  readonly claims: readonly { readonly order: number; readonly assetId: Hex }[]
}

/**
 * Reads everything about royalties as of a pinned block.
 *
 * @throws {RoyaltyTokenMissingError | RowMalformedError}
 */
export async function readRoyaltyHistory(rows: Rows, pin: Pin): Promise<RoyaltyHistory> {
  const from = pinnedRelations(pin)
  const [token, assets, linked, ended, payments, royalties, claims] = await Promise.all([
    readToken(rows, from),
    readView(rows, from, ASSET_VIEW, assetRow),
    readView(rows, from, EDGE_VIEW, edgeRow),
    readRows(rows, endedRow, endedSql(from)),
    readView(rows, from, PAYMENT_VIEW, paymentRow),
    readView(rows, from, ROYALTY_VIEW, royaltyRow),
    readRows(rows, claimRow, claimsSql(from)),
  ])
  if (token === undefined && payments.length > 0) throw new RoyaltyTokenMissingError(pin.block)
  const incomes = payments.filter(({ kind }) => kind !== 'SALE')
  return {
    block: pin.block,
    blockHash: pin.blockHash,
    token,
    assets: assets.map(({ assetId, name, holder, ...place }) => ({
      id: assetId,
      name,
      holder: holder === ZERO_ADDRESS ? undefined : holder,
      registered: orderOf(place),
    })),
    links: withEnds(linked, ended),
    incomes: incomes.map(({ assetId, amount, fee, ...place }) => ({
      order: orderOf(place),
      assetId,
      amount: amount - fee,
    })),
    saleCount: payments.length - incomes.length,
    royalties: royalties.map(({ childId, parentId, amount, ...place }) => ({
      order: orderOf(place),
      childId,
      parentId,
      amount,
    })),
    claims: claims.map(({ assetId, ...place }) => ({ order: orderOf(place), assetId })),
  }
}

type EventPlace = { readonly block: number; readonly logIndex: number }

function orderOf({ block, logIndex }: EventPlace): number {
  return eventOrder(block, logIndex)
}

const place = { block: smallNumber, logIndex: smallNumber }
const assetRow = z.object({ assetId: hexText, name: z.string(), holder: hexText, ...place })
const link = { childId: hexText, parentId: hexText, relation: z.enum(RELATIONS) }
const edgeRow = z.object({ ...link, shareE8: smallNumber, ...place })
const endedRow = z.object({ ...link, ...place })
const paymentRow = z.object({
  assetId: hexText,
  kind: z.enum(PAYMENT_KINDS),
  amount: integerText,
  fee: integerText,
  ...place,
})
const royaltyRow = z.object({ childId: hexText, parentId: hexText, amount: integerText, ...place })
const claimRow = z.object({ assetId: hexText, ...place })

/** The columns that a row has, of every row of a view, in the order of events. */
function readView<Schema extends z.ZodObject>(
  rows: Rows,
  from: Relations,
  view: View,
  row: Schema,
): Promise<z.output<Schema>[]> {
  const columns = view.columns.filter(({ name }) => camelCase(name) in row.shape)
  const select = selectText(columns, from.relation(view.name))
  return readRows(rows, row, `${select} order by source.block, source.log_index`)
}

async function readToken(rows: Rows, from: Relations): Promise<Hex | undefined> {
  const [first] = await readRows(
    rows,
    z.object({ token: hexText }),
    `select ${hex('source.address')} as "token" from ${from.relation('log')} as source
    where source.contract = 'VotesToken'
    order by source.block, source.log_index
    limit 1`,
  )
  return first?.token
}

/** The view of edges ends them by block; within a block the order of events decides. */
function endedSql(from: Relations): string {
  return `
    select ${hex('source.child_id')} as "childId", ${hex('source.parent_id')} as "parentId",
      ${wordOf(RELATIONS, 'source.relation')} as "relation",
      source.block as "block", source.log_index as "logIndex"
    from ${from.relation('edge_ended')} as source
    order by source.block, source.log_index`
}

function claimsSql(from: Relations): string {
  return `
    select ${hex('source.asset_id')} as "assetId",
      source.block as "block", source.log_index as "logIndex"
    from ${from.relation('revenue_claimed')} as source
    order by source.block, source.log_index`
}

function hex(expression: string): string {
  return `concat('0x', lower(hex(${expression})))`
}

function withEnds(
  linked: readonly z.output<typeof edgeRow>[],
  ended: readonly z.output<typeof endedRow>[],
): HistoryLink[] {
  const keyOf = (row: z.output<typeof endedRow>) => `${row.childId} ${row.parentId} ${row.relation}`
  const ends = Map.groupBy(ended, keyOf)
  return linked.map((row) => {
    const { childId, parentId, relation, shareE8 } = row
    const order = orderOf(row)
    const end = ends.get(keyOf(row))?.find((one) => orderOf(one) > order)
    return {
      childId,
      parentId,
      relation,
      shareE8,
      linked: order,
      ended: end === undefined ? undefined : orderOf(end),
    }
  })
}

/** There are payments and no log of the token they were made in. */
export class RoyaltyTokenMissingError extends FatalError {
  constructor(block: number) {
    super(
      'ROYALTY_TOKEN_MISSING',
      `block ${block}: expected a log of the token that payments were made in, found none`,
      { hint: 'The index is older than its tables; index the chain again.' },
    )
  }
}
