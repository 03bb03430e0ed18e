import {
  ASSET_KINDS,
  CONTRIBUTION_ROLES,
  type ContributionRole,
  type Hex,
  RELATIONS,
} from '@foggara/schema'
import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'

import { ipfsUri } from './names.ts'
import { type Origin, derivedOrigin, rootOrigin } from './origin.ts'
import { type EconomySize, type Plan, tokens } from './plan.ts'
import type { Draws } from './random.ts'
import type { WorldAsset } from './world.ts'

/** Registers as many assets as the economy should have by this block. */
export function planRegistrations(plan: Plan): void {
  const missing = assetTarget(plan.size, plan.number) - plan.world.assets.size
  for (let ordinal = 0; ordinal < missing; ordinal += 1) {
    const draws = plan.draws(`registration ${ordinal}`)
    const derived = draws.chance(6, 10) ? derivedOrigin(plan, draws) : undefined
    registerAsset(plan, derived ?? rootOrigin(plan, draws), ordinal, draws)
  }
}

/** New versions, stored copies, access, contributions and edges of assets that are there. */
export function planMaintenance(plan: Plan): void {
  const draws = plan.draws('maintenance')
  const assets = [...plan.world.assets.values()]
  const pace = plan.isLive ? 4 : 1
  const owned = (numerator: number, denominator: number) => {
    const asset = draws.chance(numerator, denominator * pace) ? draws.maybe(assets) : undefined
    return asset !== undefined && plan.reserve(asset.id) ? asset : undefined
  }
  const released = owned(1, 3)
  if (released !== undefined) {
    publishVersion(plan, released.owner, released.id, released.versionCount + 1, draws)
  }
  const stored = owned(1, 4)
  if (stored !== undefined) anchorCopy(plan, stored.owner, stored.id, stored.versionCount, draws)
  const opened = owned(1, 3)
  if (opened !== undefined) grantAccess(plan, opened.owner, opened.id, draws)
  const helped = owned(1, 6)
  if (helped !== undefined) {
    recordContributions(plan, helped.owner, helped.id, helped.contributionShareE8, draws)
  }
  revokeSomeAccess(plan, draws)
  const unlinked = owned(1, 12)
  if (unlinked !== undefined) endFreeEdge(plan, unlinked)
}

/** Offers licence terms on an asset. */
export function offerTerms(plan: Plan, owner: Hex, assetId: Hex, draws: Draws): void {
  const price = tokens(draws.pick([0, 20, 50, 100, 250, 500, 1200]))
  const royaltyShareE8 = draws.between(20, 150) * 100_000
  const days = draws.pick([0, 0, 0, 1, 7, 30])
  plan.add(
    owner,
    'LicenseNFT',
    'offerTerms',
    assetId,
    price,
    royaltyShareE8,
    draws.chance(7, 10),
    draws.chance(8, 10),
    BigInt(days * 86_400),
    ipfsUri(draws.bytes32()),
  )
}

/** How many assets there should be at a block: evenly over the history, then one every 6 blocks. */
function assetTarget(size: EconomySize, number: number): number {
  const first = 4
  const last = Math.max(first, size.blockCount - 6)
  if (number > size.blockCount) {
    return size.assetCount + Math.floor((number - size.blockCount) / 6)
  }
  const reached = Math.min(number, last) - first + 1
  return Math.floor((size.assetCount * reached) / (last - first + 1))
}

function registerAsset(plan: Plan, origin: Origin, ordinal: number, draws: Draws): void {
  const { owner, kind, name } = origin
  const metadataHash = draws.bytes32()
  const salt = toHex(plan.world.assets.size + ordinal, { size: 32 })
  const assetId = assetIdOf(plan, owner, salt)
  const uri = ipfsUri(metadataHash)
  const kindIndex = ASSET_KINDS.indexOf(kind)
  plan.add(owner, 'OwnershipNFT', 'register', kindIndex, name, uri, metadataHash, salt)
  publishVersion(plan, owner, assetId, 1, draws)
  if (draws.chance(3, 4)) anchorCopy(plan, owner, assetId, 1, draws)
  for (const { asset, relation, shareE8, licenceId } of origin.parents) {
    const relationIndex = RELATIONS.indexOf(relation)
    const parameters = [assetId, asset.id, relationIndex, shareE8, licenceId]
    plan.add(owner, 'OwnershipNFT', 'linkEdge', ...parameters)
  }
  if (draws.chance(8, 10)) offerTerms(plan, owner, assetId, draws)
  recordContributions(plan, owner, assetId, 0, draws)
  if (kind === 'DATASET' && draws.chance(1, 2)) grantAccess(plan, owner, assetId, draws)
}

function assetIdOf(plan: Plan, creator: Hex, salt: Hex): Hex {
  const { chainId, contracts } = plan.devnet.deployment
  return keccak256(
    encodeAbiParameters(parseAbiParameters('uint256, address, address, bytes32'), [
      BigInt(chainId),
      contracts.OwnershipNFT,
      creator,
      salt,
    ]),
  )
}

function publishVersion(plan: Plan, owner: Hex, assetId: Hex, version: number, draws: Draws): void {
  const metadataHash = draws.bytes32()
  const uri = `${ipfsUri(metadataHash)}/v${version}.json`
  plan.add(owner, 'OwnershipNFT', 'publishVersion', assetId, draws.bytes32(), uri, metadataHash)
}

function anchorCopy(plan: Plan, owner: Hex, assetId: Hex, version: number, draws: Draws): void {
  if (version === 0) return
  const contentHash = draws.bytes32()
  const byteLength = BigInt(draws.between(1, 70_000)) * 1_000_003n
  const store = draws.pick(['ar://', 's3://foggara-', 'ipfs'])
  const uri = store === 'ipfs' ? ipfsUri(contentHash) : `${store}${contentHash.slice(2, 45)}`
  const parameters = [assetId, version, contentHash, uri, byteLength]
  plan.add(owner, 'OwnershipNFT', 'anchorStorage', ...parameters)
}

function recordContributions(
  plan: Plan,
  owner: Hex,
  assetId: Hex,
  shareTotalE8: number,
  draws: Draws,
): void {
  let total = shareTotalE8
  for (const contributor of draws.sample(plan.participants.all, draws.between(0, 3))) {
    const shareE8 = draws.between(5, 80) * 100_000
    if (contributor === owner || total + shareE8 > 50_000_000) continue
    total += shareE8
    const role = CONTRIBUTION_ROLES.indexOf(roleOf(plan, contributor))
    const parameters = [assetId, contributor, role, shareE8, draws.bytes32()]
    plan.add(owner, 'ContributionNFT', 'record', ...parameters)
  }
}

function roleOf(plan: Plan, account: Hex): ContributionRole {
  const { developers, dataProviders, businesses, researchers } = plan.participants
  if (developers.includes(account)) return 'DEVELOPER'
  if (dataProviders.includes(account)) return 'DATA_PROVIDER'
  if (businesses.includes(account)) return 'BUSINESS'
  return researchers.includes(account) ? 'RESEARCHER' : 'REVIEWER'
}

function grantAccess(plan: Plan, owner: Hex, assetId: Hex, draws: Draws): void {
  const account = draws.pick(plan.participants.all)
  const until = draws.chance(1, 2) ? 0n : BigInt(plan.seconds + draws.between(1, 60) * 86_400)
  const parameters = [assetId, account, draws.below(3), until]
  plan.add(owner, 'OwnershipNFT', 'grantAccess', ...parameters)
}

function revokeSomeAccess(plan: Plan, draws: Draws): void {
  if (!draws.chance(1, 12)) return
  const grant = draws.maybe([...plan.world.grants.values()])
  const owner = plan.world.assets.get(grant?.assetId ?? '0x')?.owner
  if (grant === undefined || owner === undefined || !plan.reserve(grant.assetId)) return
  const parameters = [grant.assetId, grant.account, grant.scope]
  plan.add(owner, 'OwnershipNFT', 'revokeAccess', ...parameters)
}

function endFreeEdge(plan: Plan, child: WorldAsset): void {
  const edge = child.parents.find((parent) => parent.shareE8 === 0)
  if (edge === undefined) return
  const parameters = [child.id, edge.parentId, RELATIONS.indexOf(edge.relation)]
  plan.add(child.owner, 'OwnershipNFT', 'endEdge', ...parameters)
}
