import { ASSET_KINDS, type Hex, PAYMENT_KINDS, RELATIONS } from '@foggara/schema'

import type { EventArguments, ProtocolEvent } from './event.ts'
import { OPERATORS } from './participants.ts'
import type { World } from './world.ts'

/** Folds one event of block `blockNumber` into the world; events come in the order of the chain. */
export function foldEvent(world: World, event: ProtocolEvent, blockNumber: number): void {
  const handler = HANDLERS[event.eventName] as Handler<ProtocolEvent['args']> | undefined
  handler?.(world, event.args, blockNumber)
}

type Handler<Arguments> = (world: World, args: Arguments, blockNumber: number) => void

type Handlers = {
  readonly [Name in ProtocolEvent['eventName']]?: Handler<EventArguments<Name>>
}

const ASSET_HANDLERS: Handlers = {
  AssetRegistered(world, { assetId, creator, kind, name }) {
    world.assets.set(assetId, {
      id: assetId,
      kind: ASSET_KINDS[kind] ?? 'MODEL',
      name,
      creator,
      owner: creator,
      index: world.assets.size,
      versionCount: 0,
      parents: [],
      popularity: popularityOf(assetId),
      contributionShareE8: 0,
      disputed: false,
    })
    world.assetNames.add(name)
  },
  AssetTransferred(world, { assetId, recipient }) {
    const asset = world.assets.get(assetId)
    if (asset !== undefined) asset.owner = recipient
    for (const listing of world.listings.values()) {
      if (listing.assetId === assetId) world.listings.delete(listing.id)
    }
  },
  VersionPublished(world, { assetId, version }) {
    const asset = world.assets.get(assetId)
    if (asset !== undefined) asset.versionCount = version
  },
  EdgeLinked(world, { childId, parentId, relation, shareE8, licenceId }) {
    const found = RELATIONS[relation] ?? 'COMPOSED_OF'
    world.assets.get(childId)?.parents.push({ parentId, relation: found, shareE8 })
    const licence = world.licences.get(licenceId)
    if (licence !== undefined) licence.useCount += 1
  },
  EdgeEnded(world, { childId, parentId, relation }) {
    const parents = world.assets.get(childId)?.parents ?? []
    const index = parents.findIndex((edge) => {
      return edge.parentId === parentId && edge.relation === RELATIONS[relation]
    })
    if (index >= 0) parents.splice(index, 1)
  },
  AccessGranted(world, { assetId, account, scope }) {
    world.grants.set(`${assetId}${account}${scope}`, { assetId, account, scope })
  },
  AccessRevoked(world, { assetId, account, scope }) {
    world.grants.delete(`${assetId}${account}${scope}`)
  },
  DisputeRaised(world, { disputeId, assetId }, blockNumber) {
    world.disputes.set(disputeId, { id: disputeId, assetId, raisedAtBlock: blockNumber })
    world.disputeCount += 1
    const asset = world.assets.get(assetId)
    if (asset !== undefined) asset.disputed = true
  },
  DisputeResolved(world, { disputeId, upheld }) {
    const dispute = world.disputes.get(disputeId)
    world.disputes.delete(disputeId)
    const asset = world.assets.get(dispute?.assetId ?? '0x')
    if (asset !== undefined) asset.disputed = upheld
  },
  ContributionRecorded(world, { assetId, shareE8 }) {
    const asset = world.assets.get(assetId)
    if (asset !== undefined) asset.contributionShareE8 += shareE8
  },
}

const TRADE_HANDLERS: Handlers = {
  LicenceTermsOffered(world, args) {
    const { assetId, licensor, price, royaltyShareE8, derivativesAllowed } = args
    const id = args.termsId
    const terms = { assetId, licensor, price, royaltyShareE8, derivativesAllowed }
    world.terms.set(id, { id, ...terms, withdrawn: false })
  },
  LicenceTermsWithdrawn(world, { termsId }) {
    const terms = world.terms.get(termsId)
    if (terms !== undefined) terms.withdrawn = true
  },
  LicenceGranted(world, { licenceId, termsId, licensee, assetId, expiresAtSeconds }) {
    world.licences.set(licenceId, {
      id: licenceId,
      termsId,
      assetId,
      holder: licensee,
      expiresAtSeconds: Number(expiresAtSeconds),
      revoked: false,
      useCount: 0,
    })
  },
  LicenceTransferred(world, { licenceId, recipient }) {
    const licence = world.licences.get(licenceId)
    if (licence !== undefined) licence.holder = recipient
  },
  LicenceRevoked(world, { licenceId }) {
    const licence = world.licences.get(licenceId)
    if (licence !== undefined) licence.revoked = true
  },
  ListingCreated(world, { listingId, assetId, seller }) {
    world.listings.set(listingId, { id: listingId, assetId, seller })
  },
  ListingCancelled(world, { listingId }) {
    world.listings.delete(listingId)
  },
  SaleCompleted(world, { listingId }) {
    world.listings.delete(listingId)
  },
  PaymentMade(world, { assetId, kind }) {
    if (PAYMENT_KINDS[kind] !== 'SALE') world.income.add(assetId)
  },
  RoyaltyPaid(world, { parentId }) {
    world.income.add(parentId)
  },
  RevenueClaimed(world, { assetId }) {
    world.income.delete(assetId)
  },
}

const PROTOCOL_HANDLERS: Handlers = {
  ProviderRegistered(world, { provider }) {
    world.providers.set(provider, { stake: 0n, receiptCount: 0n, signing: false })
  },
  SigningKeySet(world, { provider, active }) {
    const found = world.providers.get(provider)
    if (found !== undefined) found.signing = active
  },
  StakeChanged(world, { provider, stake }) {
    const found = world.providers.get(provider)
    if (found !== undefined) found.stake = stake
  },
  ProviderSlashed(world) {
    world.slashCount += 1
  },
  BatchAnchored(world, { provider, digests }) {
    const found = world.providers.get(provider)
    if (found !== undefined) found.receiptCount += BigInt(digests.length)
  },
  TokenStaked(world, { account, staked }) {
    world.staked.set(account, staked)
  },
  ProposalCreated(world, args) {
    world.proposalCount += 1
    world.proposals.set(args.proposalId, {
      id: args.proposalId,
      proposer: args.proposer,
      targets: args.targets,
      values: args.values,
      calldatas: args.calldatas,
      description: args.description,
      voteStartBlock: Number(args.voteStart),
      voteEndBlock: Number(args.voteEnd),
      voters: new Set(),
      weights: [0n, 0n, 0n],
    })
  },
  VoteRecorded(world, { proposalId, voter, support, weight }) {
    const proposal = world.proposals.get(proposalId)
    if (proposal === undefined || support > 2) return
    proposal.voters.add(voter)
    proposal.weights[support as 0 | 1 | 2] += weight
  },
  ProposalSettled(world, { proposalId }) {
    world.proposals.delete(proposalId)
  },
  RulesetPublished(world, { version }) {
    world.rulesetCount = version
  },
  EpochFunded(world, { epoch, funder }) {
    if (funder === OPERATORS.treasury) world.sponsored.add(epoch)
  },
  EpochRootProposed(world, { epoch, challengeEndsAtSeconds }) {
    const endsAtSeconds = Number(challengeEndsAtSeconds)
    world.pendingRoots.set(epoch, { endsAtSeconds, challenged: false })
  },
  EpochRootChallenged(world, { epoch }) {
    const root = world.pendingRoots.get(epoch)
    if (root !== undefined) root.challenged = true
  },
  EpochRootRejected(world, { epoch }) {
    world.pendingRoots.delete(epoch)
  },
  EpochRootActivated(world, { epoch }) {
    world.pendingRoots.delete(epoch)
    world.lastActiveEpoch = epoch
  },
}

const HANDLERS: Handlers = { ...ASSET_HANDLERS, ...TRADE_HANDLERS, ...PROTOCOL_HANDLERS }

/** A heavy-tailed weight from 1 to 256: half of all assets get 2 or less. */
function popularityOf(assetId: Hex): number {
  const byte = Number.parseInt(assetId.slice(2, 4), 16)
  return Math.floor(256 / (1 + byte))
}
