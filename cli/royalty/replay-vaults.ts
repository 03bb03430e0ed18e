import { type Hex, SHARE_WHOLE_E8, mulDivFloor } from '@foggara/schema'

import type { HistoryLink, RoyaltyHistory } from './royalty-history.ts'

/** What one pair of vaults comes to when the contract's rule is applied to the history. */
export type ReplayedPair = {
  readonly childId: Hex
  readonly parentId: Hex
  /** What the rule has passed on. Unit: token base units. */
  readonly passed: bigint
  /** What it still passes on once every vault is settled, the latest asset first. */
  readonly waiting: bigint
  /**
   * What payments would have passed on at once, less `passed` and `waiting`, all without any rounding:
   * the work of links made or ended between a payment and its settling. To the nearest unit.
   */
  readonly relinked: bigint
}

/**
 * Applies the rule of the RevenueVault to everything that happened. A vault settles when it is paid,
 * claimed or settled: then all that it took in since, royalties included, is shared along the links of
 * that moment, each part rounded down, one level up; the rest is its owner's.
 *
 * A settling that passes nothing on leaves no event. It is missed, which matters only to a vault that
 * had no link with a share, was settled by hand and then got its first one before it was paid.
 */
export function replayVaults(history: RoyaltyHistory): ReplayedPair[] {
  const vaults = createVaults()
  for (const { apply } of eventsOf(history, vaults)) apply()
  const registered = history.assets.toSorted((a, b) => b.registered - a.registered)
  vaults.isOver = true
  for (const { id } of registered) settle(vaults, id)
  return [...vaults.pairs.values()].map(({ childId, parentId, passed, waiting, fine }) => ({
    childId,
    parentId,
    passed,
    waiting,
    relinked: nearest(fine),
  }))
}

/** Amounts without rounding are kept in parts of 2^-128 of a base unit. */
const FINE_BITS = 128n
const FINE_HALF = 1n << (FINE_BITS - 1n)

type Vaults = {
  readonly links: Map<Hex, Set<HistoryLink>>
  readonly held: Map<Hex, { amount: bigint; fine: bigint }>
  readonly pairs: Map<string, Ledger>
  /** Whether everything that happened is behind: what moves now was waiting. */
  isOver: boolean
}

type Ledger = {
  readonly childId: Hex
  readonly parentId: Hex
  passed: bigint
  waiting: bigint
  fine: bigint
}

function createVaults(): Vaults {
  return { links: new Map(), held: new Map(), pairs: new Map(), isOver: false }
}

/** Everything that happened, in the order of events. */
function eventsOf(history: RoyaltyHistory, vaults: Vaults) {
  const { links, incomes, royalties, claims } = history
  const standing = links.filter(({ shareE8 }) => shareE8 > 0)
  const ranks = ranksOf(history)
  return [
    ...standing.map((link) => ({
      order: link.linked,
      apply: () => void linksOf(vaults, link.childId).add(link),
    })),
    ...standing.flatMap((link) => {
      const { ended } = link
      const apply = () => void linksOf(vaults, link.childId).delete(link)
      return ended === undefined ? [] : [{ order: ended, apply }]
    }),
    ...incomes.map(({ order, assetId, amount }) => ({
      order,
      apply: () => {
        const fine = amount << FINE_BITS
        passAtOnce(vaults, ranks, assetId, fine)
        put(vaults, assetId, amount, fine)
        settle(vaults, assetId)
      },
    })),
    // The first royalty of a vault that still holds something shows that it was settled just now.
    ...royalties.map(({ order, childId }) => ({ order, apply: () => settle(vaults, childId) })),
    ...claims.map(({ order, assetId }) => ({ order, apply: () => settle(vaults, assetId) })),
  ].toSorted((a, b) => a.order - b.order)
}

function ranksOf({ assets }: RoyaltyHistory): ReadonlyMap<Hex, number> {
  return new Map(assets.map(({ id, registered }) => [id, registered]))
}

function settle(vaults: Vaults, assetId: Hex): void {
  const held = vaults.held.get(assetId)
  if (held === undefined) return
  vaults.held.delete(assetId)
  for (const link of linksOf(vaults, assetId)) {
    const part = partOf(held.amount, link)
    const fine = partOf(held.fine, link)
    const ledger = ledgerOf(vaults, link)
    if (vaults.isOver) ledger.waiting += part
    else ledger.passed += part
    ledger.fine -= fine
    put(vaults, link.parentId, part, fine)
  }
}

/** What a payment owes all the way up by the links of its own moment, without rounding. */
function passAtOnce(
  vaults: Vaults,
  ranks: ReadonlyMap<Hex, number>,
  assetId: Hex,
  amount: bigint,
): void {
  const reached = new Map<Hex, bigint>([[assetId, amount]])
  for (const childId of upwards(vaults, ranks, assetId)) {
    const fine = reached.get(childId) ?? 0n
    for (const link of linksOf(vaults, childId)) {
      const part = partOf(fine, link)
      ledgerOf(vaults, link).fine += part
      reached.set(link.parentId, (reached.get(link.parentId) ?? 0n) + part)
    }
  }
}

/** An asset and its ancestors, the latest registration first: children before parents. */
function upwards(vaults: Vaults, ranks: ReadonlyMap<Hex, number>, assetId: Hex): Hex[] {
  const within = new Set([assetId])
  // A set lists what is added to it on the way.
  for (const childId of within) {
    for (const { parentId } of linksOf(vaults, childId)) within.add(parentId)
  }
  return [...within].toSorted((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0))
}

function put(vaults: Vaults, assetId: Hex, amount: bigint, fine: bigint): void {
  if (amount === 0n && fine === 0n) return
  const held = vaults.held.get(assetId) ?? { amount: 0n, fine: 0n }
  vaults.held.set(assetId, { amount: held.amount + amount, fine: held.fine + fine })
}

function linksOf(vaults: Vaults, childId: Hex): Set<HistoryLink> {
  const links = vaults.links.get(childId) ?? new Set()
  vaults.links.set(childId, links)
  return links
}

function ledgerOf(vaults: Vaults, { childId, parentId }: HistoryLink): Ledger {
  const key = `${childId} ${parentId}`
  const ledger = vaults.pairs.get(key) ?? { childId, parentId, passed: 0n, waiting: 0n, fine: 0n }
  vaults.pairs.set(key, ledger)
  return ledger
}

function partOf(amount: bigint, { shareE8 }: HistoryLink): bigint {
  return mulDivFloor(amount, BigInt(shareE8), SHARE_WHOLE_E8)
}

/** The nearest whole unit of a fine amount of either sign. */
function nearest(fine: bigint): bigint {
  return (fine + FINE_HALF) >> FINE_BITS
}
