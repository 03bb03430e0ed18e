import type { AssetKind, Hex, Relation } from '@foggara/schema'

/** What the economy knows of the chain: a fold over its events, nothing else. */
export type World = {
  /** The newest block that was folded in. */
  head: { number: number; hash: Hex }
  /** The first block of epoch 1 and the length of an epoch, as deployed. */
  readonly epochs: { readonly firstBlock: number; readonly blockCount: number }
  /** In order of registration. */
  readonly assets: Map<Hex, WorldAsset>
  readonly assetNames: Set<string>
  readonly terms: Map<bigint, WorldTerms>
  readonly licences: Map<bigint, WorldLicence>
  /** Open ones only. */
  readonly listings: Map<bigint, WorldListing>
  /** Open ones only. */
  readonly disputes: Map<bigint, WorldDispute>
  disputeCount: number
  /** Grants that were not revoked, by asset, account and scope. */
  readonly grants: Map<string, WorldGrant>
  readonly providers: Map<Hex, WorldProvider>
  /** The votes tokens that accounts have locked. */
  readonly staked: Map<Hex, bigint>
  /** Assets whose vault has received something since its last claim. */
  readonly income: Set<Hex>
  /** Proposals that are neither executed nor cancelled. */
  readonly proposals: Map<bigint, WorldProposal>
  proposalCount: number
  rulesetCount: number
  /** Roots that were proposed and are not active, with the end of their challenge. */
  readonly pendingRoots: Map<number, { readonly endsAtSeconds: number; challenged: boolean }>
  lastActiveEpoch: number
  /** Epochs that the treasury has sponsored. */
  readonly sponsored: Set<number>
  slashCount: number
}

export type WorldAsset = {
  readonly id: Hex
  readonly kind: AssetKind
  readonly name: string
  readonly creator: Hex
  owner: Hex
  /** From 0 in order of registration. */
  readonly index: number
  versionCount: number
  readonly parents: { parentId: Hex; relation: Relation; shareE8: number }[]
  /** How much it is used, drawn from its id once: few assets are used a lot. */
  readonly popularity: number
  contributionShareE8: number
  disputed: boolean
}

export type WorldTerms = {
  readonly id: bigint
  readonly assetId: Hex
  readonly licensor: Hex
  readonly price: bigint
  readonly royaltyShareE8: number
  readonly derivativesAllowed: boolean
  withdrawn: boolean
}

export type WorldLicence = {
  readonly id: bigint
  readonly termsId: bigint
  readonly assetId: Hex
  holder: Hex
  readonly expiresAtSeconds: number
  revoked: boolean
  /** Edges made under it. */
  useCount: number
}

export type WorldListing = { readonly id: bigint; readonly assetId: Hex; readonly seller: Hex }

export type WorldDispute = {
  readonly id: bigint
  readonly assetId: Hex
  readonly raisedAtBlock: number
}

export type WorldGrant = { readonly assetId: Hex; readonly account: Hex; readonly scope: number }

export type WorldProvider = { stake: bigint; receiptCount: bigint; signing: boolean }

export type WorldProposal = {
  readonly id: bigint
  readonly proposer: Hex
  readonly targets: readonly Hex[]
  readonly values: readonly bigint[]
  readonly calldatas: readonly Hex[]
  readonly description: string
  readonly voteStartBlock: number
  readonly voteEndBlock: number
  readonly voters: Set<Hex>
  readonly weights: [against: bigint, support: bigint, abstain: bigint]
}

/** The world before the first event. */
export function emptyWorld(epochs: World['epochs']): World {
  return {
    head: { number: 0, hash: '0x' },
    epochs,
    assets: new Map(),
    assetNames: new Set(),
    terms: new Map(),
    licences: new Map(),
    listings: new Map(),
    disputes: new Map(),
    disputeCount: 0,
    grants: new Map(),
    providers: new Map(),
    staked: new Map(),
    income: new Set(),
    proposals: new Map(),
    proposalCount: 0,
    rulesetCount: 0,
    pendingRoots: new Map(),
    lastActiveEpoch: 0,
    sponsored: new Set(),
    slashCount: 0,
  }
}

/** The epoch that a block belongs to. */
export function epochOf(world: World, blockNumber: number): number {
  const { firstBlock, blockCount } = world.epochs
  return 1 + Math.max(0, Math.floor((blockNumber - firstBlock) / blockCount))
}

/** The terms that can be bought now: not withdrawn, and their licensor still owns the asset. */
export function openTerms(world: World): readonly WorldTerms[] {
  return [...world.terms.values()].filter((terms) => {
    return !terms.withdrawn && world.assets.get(terms.assetId)?.owner === terms.licensor
  })
}
