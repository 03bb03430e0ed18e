import type { Hex } from '@foggara/schema'
import fc from 'fast-check'

import { account, asset } from '../test/small-economy.ts'
import type { HistoryLink, PassedRoyalty, RoyaltyHistory } from './royalty-history.ts'

export const TOKEN = account(0x70)

const ASSET_COUNT = 5
const WHOLE = 100_000_000n

/** What a vault's contract may be told to do. */
type Step =
  | { readonly type: 'pay'; readonly at: number; readonly amount: bigint }
  | { readonly type: 'settle' | 'claim'; readonly at: number }
  | { readonly type: 'link'; readonly at: number; readonly up: number; readonly shareE8: number }
  | { readonly type: 'end'; readonly at: number }

const place = fc.nat(ASSET_COUNT - 1)
const links = fc.record({
  type: fc.constant('link' as const),
  at: place,
  up: place,
  shareE8: fc.integer({ min: 0, max: 60_000_000 }),
})
const moves = fc.oneof(
  fc.record({ type: fc.constant('pay' as const), at: place, amount: fc.bigInt(1n, 1n << 40n) }),
  fc.record({ type: fc.constantFrom('settle' as const, 'claim' as const), at: place }),
)
const ends = fc.record({ type: fc.constant('end' as const), at: fc.nat(20) })

/** A history of vaults whose links stood before anything was paid. */
export const settledHistory = fc
  .tuple(fc.array(links, { maxLength: 12 }), fc.array(moves, { maxLength: 40 }))
  .map(([first, rest]) => vaultHistory([...first, ...rest]))

/** A history of vaults whose links come and go among the payments. */
export const relinkedHistory = fc
  .array(fc.oneof({ weight: 4, arbitrary: moves }, { weight: 3, arbitrary: links }, ends), {
    maxLength: 60,
    size: 'max',
  })
  .map(vaultHistory)

/**
 * What a RevenueVault makes of these steps, written from the contract: it keeps two balances a vault
 * and knows nothing of what was owed. A settling that would leave no event is left out.
 */
function vaultHistory(steps: readonly Step[]): RoyaltyHistory & { readonly left: bigint } {
  const unsettled = Array.from({ length: ASSET_COUNT }, () => 0n)
  const standing: Open[] = []
  const ended: HistoryLink[] = []
  const incomes: RoyaltyHistory['incomes'][number][] = []
  const royalties: PassedRoyalty[] = []
  const claims: { order: number; assetId: Hex }[] = []
  let order = ASSET_COUNT
  const settle = (child: number): number => {
    const amount = unsettled[child] ?? 0n
    unsettled[child] = 0n
    const parts = standing
      .filter((link) => link.child === child)
      .map((link) => ({ ...link, part: (amount * BigInt(link.shareE8)) / WHOLE }))
      .filter(({ part }) => part > 0n)
    for (const { parent, parentId, part } of parts) {
      unsettled[parent] = (unsettled[parent] ?? 0n) + part
      royalties.push({ order: ++order, childId: asset(child), parentId, amount: part })
    }
    return parts.length
  }
  for (const step of steps) {
    const { at } = step
    const assetId = asset(at)
    if (step.type === 'pay') {
      incomes.push({ order: ++order, assetId, amount: step.amount })
      unsettled[at] = (unsettled[at] ?? 0n) + step.amount
      settle(at)
    } else if (step.type === 'settle') {
      const held = unsettled[at] ?? 0n
      if (settle(at) === 0) unsettled[at] = held
    } else if (step.type === 'claim') {
      settle(at)
      claims.push({ order: ++order, assetId })
    } else if (step.type === 'link') {
      const { up, shareE8 } = step
      const own = standing.filter((link) => link.child === at)
      const total = own.reduce((sum, link) => sum + link.shareE8, shareE8)
      if (up >= at || total > Number(WHOLE) || own.some((link) => link.parent === up)) continue
      const pair = { childId: assetId, parentId: asset(up), relation: 'TRAINED_ON' as const }
      standing.push({ ...pair, child: at, parent: up, shareE8, linked: ++order })
    } else {
      const [link] = standing.splice(at % (standing.length + 1), 1)
      if (link !== undefined) ended.push({ ...historyLink(link), ended: ++order })
    }
  }
  const upTo = royalties.length
  for (let child = ASSET_COUNT - 1; child >= 0; child--) settle(child)
  const left = royalties.splice(upTo).reduce((sum, { amount }) => sum + amount, 0n)
  return {
    block: 1,
    blockHash: '0x',
    token: TOKEN,
    assets: unsettled.map((_, registered) => ({
      id: asset(registered),
      name: `asset ${registered}`,
      holder: account(registered + 1),
      registered,
    })),
    links: [...ended, ...standing.map(historyLink)],
    incomes,
    saleCount: 0,
    royalties,
    claims,
    left,
  }
}

type Open = Omit<HistoryLink, 'ended'> & { readonly child: number; readonly parent: number }

function historyLink({ childId, parentId, relation, shareE8, linked }: Open): HistoryLink {
  return { childId, parentId, relation, shareE8, linked, ended: undefined }
}
