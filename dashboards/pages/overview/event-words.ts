/** A decoded argument of an event, as the API gives it. */
export type EventArgument = {
  readonly name: string
  readonly type: string
  readonly value: string
}

/** How an event is told: in words, about whom, and how much. */
export type Telling = {
  readonly words: string
  /** The arguments that it is about, by name. */
  readonly subjects: readonly string[]
  /** The argument that is an amount of the token. */
  readonly amount?: string
}

/** What the economy's events say. Transfers of the token are left out: each payment makes several. */
export const TELLINGS: Readonly<Record<string, Telling>> = {
  AccessGranted: { words: 'Access granted', subjects: ['assetId', 'account'] },
  AccessRevoked: { words: 'Access revoked', subjects: ['assetId', 'account'] },
  AssetRegistered: { words: 'Asset registered', subjects: ['assetId', 'creator'] },
  AssetTransferred: { words: 'Asset transferred', subjects: ['assetId', 'recipient'] },
  BatchAnchored: { words: 'Receipts anchored', subjects: ['provider'], amount: 'feeTotal' },
  ContributionRecorded: { words: 'Contribution recorded', subjects: ['assetId', 'contributor'] },
  DisputeRaised: { words: 'Dispute raised', subjects: ['assetId', 'raisedBy'] },
  DisputeResolved: { words: 'Dispute resolved', subjects: ['resolvedBy'] },
  EdgeEnded: { words: 'Provenance ended', subjects: ['childId', 'parentId'] },
  EdgeLinked: { words: 'Provenance linked', subjects: ['childId', 'parentId'] },
  EpochRootActivated: { words: 'Epoch root active', subjects: ['epoch'] },
  EpochRootChallenged: { words: 'Epoch root challenged', subjects: ['epoch', 'challenger'] },
  EpochRootProposed: {
    words: 'Epoch root proposed',
    subjects: ['epoch', 'proposer'],
    amount: 'cumulativeTotal',
  },
  EpochRootRejected: { words: 'Epoch root rejected', subjects: ['epoch'] },
  ExclusionSet: { words: 'Exclusion set', subjects: ['account'] },
  LicenceGranted: { words: 'Licence granted', subjects: ['assetId', 'licensee'], amount: 'price' },
  LicenceRevoked: { words: 'Licence revoked', subjects: ['licenceId'] },
  LicenceTermsOffered: {
    words: 'Licence terms offered',
    subjects: ['assetId', 'licensor'],
    amount: 'price',
  },
  ListingCreated: { words: 'Listed for sale', subjects: ['assetId', 'seller'], amount: 'price' },
  ParameterSet: { words: 'Parameter set', subjects: [] },
  PaymentMade: { words: 'Payment made', subjects: ['assetId', 'payer'], amount: 'amount' },
  ProposalSettled: { words: 'Proposal settled', subjects: [] },
  ProposalSubmitted: { words: 'Proposal submitted', subjects: ['proposer'] },
  ProviderRegistered: { words: 'Provider registered', subjects: ['provider'] },
  ProviderSlashed: { words: 'Provider slashed', subjects: ['provider'], amount: 'amount' },
  RevenueClaimed: { words: 'Revenue claimed', subjects: ['assetId', 'account'], amount: 'amount' },
  RewardClaimed: { words: 'Reward claimed', subjects: ['account'], amount: 'amount' },
  RoyaltyPaid: { words: 'Royalty paid', subjects: ['childId', 'parentId'], amount: 'amount' },
  RulesetPublished: { words: 'Ruleset published', subjects: [] },
  SaleCompleted: { words: 'Sale completed', subjects: ['assetId', 'buyer'], amount: 'price' },
  TokenStaked: { words: 'Tokens staked', subjects: ['account'] },
  VersionPublished: { words: 'Version published', subjects: ['assetId'] },
  VoteRecorded: { words: 'Vote cast', subjects: ['voter'] },
}

/** The events that are told, by name. */
export const TOLD_EVENTS = Object.keys(TELLINGS)

/** What page an argument leads to. */
export function subjectKind({ name, type }: EventArgument): 'asset' | 'account' | 'epoch' | 'text' {
  if (type === 'address') return 'account'
  if (name === 'epoch') return 'epoch'
  return /^(asset|child|parent)Id$/.test(name) ? 'asset' : 'text'
}

/** The ids of the assets that some events are about, each once, ascending. */
export function assetIdsOf(
  events: readonly { readonly event: string; readonly arguments: readonly EventArgument[] }[],
): readonly string[] {
  const ids = events
    .flatMap(({ arguments: values }) => values)
    .filter((argument) => subjectKind(argument) === 'asset')
    .map(({ value }) => value)
  return [...new Set(ids)].toSorted()
}
