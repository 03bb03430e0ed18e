import { type OwedPaid, type RoyaltyRow, owedAgainstPaid } from '@foggara/gpu-analytics'
import { type Hex, compareIds, invariant, sum } from '@foggara/schema'

import { type RefusedHistoryLink, type ShareReading, owedByLinks } from './owed-by-links.ts'
import { replayVaults } from './replay-vaults.ts'
import type { RoyaltyHistory } from './royalty-history.ts'

/** Why owed and paid differ; the parts sum to the difference. Unit: token base units. */
export type Causes = {
  /** Still in vaults that nobody has settled: what passing it all up now would pay. */
  readonly waiting: bigint
  /** Links made or ended between a payment and its settling, which goes by the links of its moment. */
  readonly relinked: bigint
  /** Contracts round down at every settling, the graph once per period between changes of links. */
  readonly rounding: bigint
  /** Absolute shares owe other amounts than the relative ones that contracts pay. */
  readonly policy: bigint
  /** Royalty events that are not what the contract's rule gives. */
  readonly unexplained: bigint
}

/** The causes by name, in the order in which they are told. */
export const CAUSES = ['waiting', 'relinked', 'rounding', 'policy', 'unexplained'] as const

export type RoyaltySums = OwedPaid & Causes

/** What a token's revenue owes against what was paid. */
export type TokenReport = {
  readonly token: Hex
  /** What vaults took in after fees: `kept + dust`. */
  readonly revenue: bigint
  readonly kept: bigint
  readonly dust: bigint
  readonly totals: RoyaltySums
  /** Ascending by child, parent. */
  readonly pairs: readonly ({ readonly fromId: Hex; readonly toId: Hex } & RoyaltySums)[]
  /** By the asset that should receive, ascending. */
  readonly assets: readonly ({ readonly assetId: Hex } & RoyaltySums)[]
  /** By who holds that asset at the block, ascending; at last those that nobody holds. */
  readonly accounts: readonly ({ readonly account: Hex | undefined } & RoyaltySums)[]
}

export type RoyaltyReport = {
  readonly block: number
  readonly blockHash: Hex
  readonly reading: ShareReading
  readonly assetCount: number
  readonly linkCount: number
  /** How many links owe at the block. */
  readonly standingCount: number
  readonly paymentCount: number
  readonly saleCount: number
  readonly royaltyCount: number
  /** One per token; none before anything was paid. */
  readonly tokens: readonly TokenReport[]
  /** Links that owe nothing at the block, in canonical order. */
  readonly refused: readonly RefusedHistoryLink[]
}

/**
 * Compares what the graph owes with what contracts paid; every level sums to the totals exactly.
 *
 * @throws {RoyaltyAssetError | RoyaltyLinkError | AmountOutOfRangeError}
 */
export function royaltyReport(history: RoyaltyHistory, reading: ShareReading): RoyaltyReport {
  const { token = NO_TOKEN } = history
  const owed = owedByLinks(history, token, reading)
  const counts = {
    block: history.block,
    blockHash: history.blockHash,
    reading,
    assetCount: history.assets.length,
    linkCount: history.links.length,
    standingCount: owed.standingCount,
    paymentCount: history.incomes.length,
    saleCount: history.saleCount,
    royaltyCount: history.royalties.length,
    refused: owed.refused,
  }
  if (history.token === undefined) return { ...counts, tokens: [] }
  const relative =
    reading.policy === 'LRP' ? owed.rows : owedByLinks(history, token, { policy: 'LRP' }).rows
  const revenue = sum(history.incomes.map(({ amount }) => amount))
  invariant(owed.kept + owed.dust === revenue, 'expected royalties to lose nothing')
  return {
    ...counts,
    tokens: [
      {
        token,
        revenue,
        kept: owed.kept,
        dust: owed.dust,
        ...levels(history, token, owed.rows, relative),
      },
    ],
  }
}

const NO_TOKEN: Hex = '0x'

type PairCauses = { readonly fromId: Hex; readonly toId: Hex } & Causes

function levels(
  history: RoyaltyHistory,
  token: Hex,
  owed: readonly RoyaltyRow[],
  relative: readonly RoyaltyRow[],
): Pick<TokenReport, 'totals' | 'pairs' | 'assets' | 'accounts'> {
  const holders = new Map(history.assets.map(({ id, holder }) => [id, holder]))
  const accountOf = (assetId: Hex) => holders.get(assetId)
  const paid = history.royalties.map(({ childId, parentId, amount }) => ({
    token,
    fromId: childId,
    toId: parentId,
    amount,
  }))
  const causes = causesOf(history, owed, relative, paid)
  // A pair that neither owes nor paid anything is listed when its causes only cancel out.
  const silent = causes.filter((pair) => CAUSES.some((cause) => pair[cause] !== 0n))
  const known = silent.map(({ fromId, toId }) => ({ token, fromId, toId, amount: 0n }))
  const report = owedAgainstPaid([...owed, ...known], paid, accountOf)
  const byPair = causesBy(causes, ({ fromId, toId }) => `${fromId} ${toId}`)
  const byAsset = causesBy(causes, ({ toId }) => toId)
  const byAccount = causesBy(causes, ({ toId }) => accountOf(toId))
  const byToken = causesBy(causes, () => token)
  const [totals = NOTHING] = report.totals
  return {
    totals: explained(totals, byToken.get(token)),
    pairs: report.pairs.map(({ fromId, toId, ...sums }) => ({
      fromId,
      toId,
      ...explained(sums, byPair.get(`${fromId} ${toId}`)),
    })),
    assets: report.assets.map(({ assetId, ...sums }) => ({
      assetId,
      ...explained(sums, byAsset.get(assetId)),
    })),
    accounts: report.accounts.map(({ account, ...sums }) => ({
      account,
      ...explained(sums, byAccount.get(account)),
    })),
  }
}

/** Per pair that anything is known of, why owed and paid differ; ascending by child, parent. */
function causesOf(
  history: RoyaltyHistory,
  owed: readonly RoyaltyRow[],
  relative: readonly RoyaltyRow[],
  paid: readonly RoyaltyRow[],
): PairCauses[] {
  const keyOf = ({ fromId, toId }: Pick<RoyaltyRow, 'fromId' | 'toId'>) => `${fromId} ${toId}`
  const sums = (rows: readonly RoyaltyRow[]) => {
    const amounts = new Map<string, bigint>()
    for (const row of rows) amounts.set(keyOf(row), (amounts.get(keyOf(row)) ?? 0n) + row.amount)
    return (key: string) => amounts.get(key) ?? 0n
  }
  const [owedOf, relativeOf, paidOf] = [sums(owed), sums(relative), sums(paid)]
  const replayed = new Map(
    replayVaults(history).map((pair) => [
      keyOf({ fromId: pair.childId, toId: pair.parentId }),
      pair,
    ]),
  )
  const pairs = new Map(
    [...owed, ...relative, ...paid].map(({ fromId, toId }) => [
      keyOf({ fromId, toId }),
      { fromId, toId },
    ]),
  )
  for (const { childId, parentId } of replayed.values()) {
    const pair = { fromId: childId, toId: parentId }
    pairs.set(keyOf(pair), pair)
  }
  return [...pairs]
    .toSorted(([a], [b]) => compareIds(a, b))
    .map(([key, pair]) => {
      const { passed = 0n, waiting = 0n, relinked = 0n } = replayed.get(key) ?? {}
      return {
        ...pair,
        waiting,
        relinked,
        rounding: relativeOf(key) - passed - waiting - relinked,
        policy: owedOf(key) - relativeOf(key),
        unexplained: passed - paidOf(key),
      }
    })
}

function causesBy<Key>(
  causes: readonly PairCauses[],
  keyOf: (pair: PairCauses) => Key,
): ReadonlyMap<Key, Causes> {
  const groups = Map.groupBy(causes, keyOf)
  return new Map(
    [...groups].map(([key, group]) => [
      key,
      {
        waiting: sum(group.map((one) => one.waiting)),
        relinked: sum(group.map((one) => one.relinked)),
        rounding: sum(group.map((one) => one.rounding)),
        policy: sum(group.map((one) => one.policy)),
        unexplained: sum(group.map((one) => one.unexplained)),
      },
    ]),
  )
}

const NO_CAUSES: Causes = {
  waiting: 0n,
  relinked: 0n,
  rounding: 0n,
  policy: 0n,
  unexplained: 0n,
}
const NOTHING: OwedPaid = { owed: 0n, paid: 0n, difference: 0n }

function explained(sums: OwedPaid, causes: Causes = NO_CAUSES): RoyaltySums {
  const { owed, paid, difference } = sums
  const { waiting, relinked, rounding, policy, unexplained } = causes
  invariant(
    waiting + relinked + rounding + policy + unexplained === difference,
    'expected the causes to sum to the difference',
  )
  return { owed, paid, difference, ...causes }
}
