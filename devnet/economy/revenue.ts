import { PAYMENT_KINDS } from '@foggara/schema'
import { zeroHash } from 'viem'

import { type Plan, tokens } from './plan.ts'

/** Payments that no receipt names, tips, and owners who empty their vaults. */
export function planRevenue(plan: Plan): void {
  const draws = plan.draws('revenue')
  const { participants, world } = plan
  const assets = [...world.assets.values()]
  const payCount = plan.isLive ? 1 : 2
  for (let paid = 0; paid < payCount; paid += 1) {
    const asset = draws.weighted(assets, (one) => one.popularity)
    if (asset === undefined) continue
    const payer = draws.pick(participants.businesses)
    const parameters = [asset.id, USAGE, tokens(draws.between(5, 150)), zeroHash]
    plan.add(payer, 'RevenueVault', 'pay', ...parameters)
  }
  const tipped = draws.chance(1, 4) ? draws.maybe(assets) : undefined
  if (tipped !== undefined) {
    const payer = draws.pick(participants.all)
    const parameters = [tipped.id, TIP, tokens(draws.between(1, 20)), zeroHash]
    plan.add(payer, 'RevenueVault', 'pay', ...parameters)
  }
  const income = [...world.income].toSorted()
  const settled = draws.chance(1, 5) ? draws.maybe(income) : undefined
  if (settled !== undefined) {
    plan.add(draws.pick(participants.all), 'RevenueVault', 'settle', settled)
  }
  for (const assetId of draws.sample(income, draws.between(0, 2))) {
    const owner = world.assets.get(assetId)?.owner
    if (owner === undefined || !plan.reserve(assetId)) continue
    plan.add(owner, 'RevenueVault', 'claim', assetId)
  }
}

const USAGE = PAYMENT_KINDS.indexOf('USAGE')
const TIP = PAYMENT_KINDS.indexOf('TIP')
