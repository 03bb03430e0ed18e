import type { Hex } from '@foggara/schema'

import { offerTerms } from './assets.ts'
import { OPERATORS } from './participants.ts'
import { type Plan, tokens } from './plan.ts'
import type { Draws } from './random.ts'
import { type WorldAsset, openTerms } from './world.ts'

/** Licences: bought, granted, passed on, revoked; terms withdrawn and offered anew. */
export function planLicences(plan: Plan): void {
  const draws = plan.draws('licences')
  const terms = openTerms(plan.world)
  const assetOf = (assetId: Hex) => plan.world.assets.get(assetId)
  const buyCount = plan.isLive ? draws.below(2) : 2
  for (let bought = 0; bought < buyCount; bought += 1) {
    const chosen = draws.weighted(terms, (one) => 8 + (assetOf(one.assetId)?.popularity ?? 0))
    const buyer = draws.pick(plan.participants.all)
    if (chosen === undefined || buyer === chosen.licensor || !plan.reserve(chosen.assetId)) continue
    plan.add(buyer, 'LicenseNFT', 'buyLicence', chosen.id)
  }
  const given = draws.chance(1, 10) ? draws.maybe(terms) : undefined
  if (given !== undefined && plan.reserve(given.assetId)) {
    const licensee = draws.pick(plan.participants.researchers)
    plan.add(given.licensor, 'LicenseNFT', 'grantLicence', given.id, licensee)
  }
  const replaced = draws.chance(1, 14) ? draws.maybe(terms) : undefined
  if (replaced !== undefined && plan.reserve(replaced.assetId)) {
    plan.add(replaced.licensor, 'LicenseNFT', 'withdrawTerms', replaced.id)
    offerTerms(plan, replaced.licensor, replaced.assetId, draws)
  }
  endSomeLicence(plan, draws)
}

/** Assets: listed, delisted, sold, given away. */
export function planMarket(plan: Plan): void {
  const draws = plan.draws('market')
  const { world, participants } = plan
  const assets = [...world.assets.values()]
  const listed = new Set([...world.listings.values()].map((listing) => listing.assetId))
  const offered = draws.chance(1, 4) ? draws.maybe(assets) : undefined
  if (offered !== undefined && !listed.has(offered.id) && plan.reserve(offered.id)) {
    const price = tokens(draws.between(5, 200) * (20 + offered.popularity))
    plan.add(offered.owner, 'Marketplace', 'list', offered.id, price)
  }
  const listings = [...world.listings.values()]
  const sold = draws.chance(1, 6) ? draws.maybe(listings) : undefined
  if (sold !== undefined && plan.reserve(sold.assetId)) {
    const buyer = draws.pick([...participants.businesses, ...participants.developers])
    if (buyer !== sold.seller) plan.add(buyer, 'Marketplace', 'buy', sold.id)
  }
  const cancelled = draws.chance(1, 24) ? draws.maybe(listings) : undefined
  if (cancelled !== undefined && plan.reserve(cancelled.assetId)) {
    plan.add(cancelled.seller, 'Marketplace', 'cancel', cancelled.id)
  }
  const given = draws.chance(1, 20) ? draws.maybe(assets) : undefined
  if (given !== undefined && plan.reserve(given.id)) giveAway(plan, given, draws)
}

function giveAway(plan: Plan, asset: WorldAsset, draws: Draws): void {
  const recipient = draws.pick(plan.participants.all)
  if (recipient === asset.owner) return
  const parameters = [asset.owner, recipient, BigInt(asset.id)]
  plan.add(asset.owner, 'OwnershipNFT', 'transferFrom', ...parameters)
}

const REVOCATION_REASONS = [
  'Used outside of the licensed field',
  'Attribution missing in a published derivative',
  'Redistribution of the raw data',
]

function endSomeLicence(plan: Plan, draws: Draws): void {
  const licence = draws.chance(1, 7) ? draws.maybe([...plan.world.licences.values()]) : undefined
  const owner = plan.world.assets.get(licence?.assetId ?? '0x')?.owner
  if (licence === undefined || owner === undefined || licence.revoked) return
  if (!plan.reserve(`licence ${licence.id}`) || !plan.reserve(licence.assetId)) return
  if (draws.chance(1, 3)) {
    const recipient = draws.pick(plan.participants.businesses)
    const parameters = [licence.holder, recipient, licence.id]
    plan.add(licence.holder, 'LicenseNFT', 'transferFrom', ...parameters)
    return
  }
  const by = draws.chance(1, 6) ? OPERATORS.arbiter : owner
  plan.add(by, 'LicenseNFT', 'revokeLicence', licence.id, draws.pick(REVOCATION_REASONS))
}
