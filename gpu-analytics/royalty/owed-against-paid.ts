import {
  FatalError,
  type Hex,
  SHARE_WHOLE_E8,
  compareIds,
  invariant,
  mulDivFloor,
  sum,
} from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type RoyaltyFlow, checkRevenue } from './royalty-flow.ts'
import type { RoyaltyGraph } from './royalty-graph.ts'

/** A royalty from one asset to another, owed or paid. Unit: token base units. */
export type RoyaltyRow = {
  readonly token: Hex
  readonly fromId: Hex
  readonly toId: Hex
  readonly amount: bigint
}

export type OwedPaid = {
  readonly owed: bigint
  readonly paid: bigint
  /** `owed - paid`: positive when something is still due, negative when more was paid than owed. */
  readonly difference: bigint
}

/** What the graph owes beside what contracts paid; every level sums to the totals exactly. */
export type OwedAgainstPaid = {
  /** Ascending by token, from, to. */
  readonly pairs: readonly ({
    readonly token: Hex
    readonly fromId: Hex
    readonly toId: Hex
  } & OwedPaid)[]
  /** By the asset that should receive, ascending by token, asset. */
  readonly assets: readonly ({ readonly token: Hex; readonly assetId: Hex } & OwedPaid)[]
  /** By the account that should receive, ascending by token, account; at last those without one. */
  readonly accounts: readonly ({
    readonly token: Hex
    readonly account: Hex | undefined
  } & OwedPaid)[]
  /** Ascending by token. */
  readonly totals: readonly ({ readonly token: Hex } & OwedPaid)[]
}

/**
 * Lists what is owed against what was paid. Rows of the same pair are summed; a pair that only one
 * side knows has 0 on the other. `accountOf` says who receives for an asset.
 *
 * @throws {RoyaltyRowError} for a negative amount.
 */
export function owedAgainstPaid(
  owed: readonly RoyaltyRow[],
  paid: readonly RoyaltyRow[],
  accountOf: (assetId: Hex) => Hex | undefined,
): OwedAgainstPaid {
  const sides = [
    ...owed.map((row) => ({ row: checkRow(row), owed: row.amount, paid: 0n })),
    ...paid.map((row) => ({ row: checkRow(row), owed: 0n, paid: row.amount })),
  ]
  const grouped = <Key extends readonly (Hex | undefined)[]>(keyOf: (row: RoyaltyRow) => Key) => {
    const groups = new Map<string, { key: Key; owed: bigint; paid: bigint }>()
    for (const side of sides) {
      const key = keyOf(side.row)
      const group = groups.get(key.join()) ?? { key, owed: 0n, paid: 0n }
      group.owed += side.owed
      group.paid += side.paid
      groups.set(key.join(), group)
    }
    return [...groups.values()]
      .toSorted((a, b) => compareKeys(a.key, b.key))
      .map((group) => ({
        key: group.key,
        sums: { owed: group.owed, paid: group.paid, difference: group.owed - group.paid },
      }))
  }
  const report = {
    pairs: grouped(({ token, fromId, toId }) => [token, fromId, toId] as const).map(
      ({ key: [token, fromId, toId], sums }) => ({ token, fromId, toId, ...sums }),
    ),
    assets: grouped(({ token, toId }) => [token, toId] as const).map(
      ({ key: [token, assetId], sums }) => ({ token, assetId, ...sums }),
    ),
    accounts: grouped(({ token, toId }) => [token, accountOf(toId)] as const).map(
      ({ key: [token, account], sums }) => ({ token, account, ...sums }),
    ),
    totals: grouped(({ token }) => [token] as const).map(({ key: [token], sums }) => ({
      token,
      ...sums,
    })),
  }
  const difference = sum(report.totals.map((row) => row.difference))
  for (const level of [report.pairs, report.assets, report.accounts]) {
    invariant(sum(level.map((row) => row.difference)) === difference, 'expected levels to agree')
  }
  return report
}

/** What a flow owes, link by link: parallel links have a row each. */
export function owedRows(graph: RoyaltyGraph, token: Hex, flow: RoyaltyFlow): RoyaltyRow[] {
  return graph.links.flatMap((link, index) => {
    const amount = at(flow.amounts, index)
    return amount > 0n ? [{ token, fromId: link.childId, toId: link.parentId, amount }] : []
  })
}

/**
 * What each asset owes relatively on what it really has: its revenue and the royalties that were paid
 * to it, whatever was owed to it. Beside the owed amounts it tells who is behind: the asset itself, or
 * those that it waits for. In the order of the graph's links.
 *
 * @throws {RoyaltyRevenueError | RoyaltyRowError}
 */
export function dueOnReceived(
  graph: RoyaltyGraph,
  token: Hex,
  revenue: readonly bigint[],
  paid: readonly RoyaltyRow[],
): RoyaltyRow[] {
  checkRevenue(graph, revenue)
  const received = [...revenue]
  for (const row of paid) {
    const place = graph.places.get(checkRow(row).toId)
    if (row.token !== token || place === undefined) continue
    received[place] = at(received, place) + row.amount
  }
  return graph.links.flatMap((link) => {
    if (link.policy !== 'LRP') return []
    const base = at(received, graph.places.get(link.childId) ?? -1)
    const amount = mulDivFloor(base, BigInt(link.shareE8), SHARE_WHOLE_E8)
    return amount > 0n ? [{ token, fromId: link.childId, toId: link.parentId, amount }] : []
  })
}

function compareKeys(a: readonly (Hex | undefined)[], b: readonly (Hex | undefined)[]): number {
  for (const [place, left] of a.entries()) {
    const right = b[place]
    const order =
      left === undefined || right === undefined
        ? Number(left === undefined) - Number(right === undefined)
        : compareIds(left, right)
    if (order !== 0) return order
  }
  return 0
}

function checkRow(row: RoyaltyRow): RoyaltyRow {
  if (row.amount < 0n) throw new RoyaltyRowError(row)
  return row
}

/** An amount owed or paid is negative. */
export class RoyaltyRowError extends FatalError {
  constructor(row: RoyaltyRow) {
    super(
      'ROYALTY_ROW_NEGATIVE',
      `${row.fromId} to ${row.toId}: expected an amount of at least 0, found ${row.amount}`,
    )
  }
}
