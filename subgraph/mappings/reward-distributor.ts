import { BigInt } from '@graphprotocol/graph-ts'

import {
  EpochFunded,
  EpochRootActivated,
  EpochRootChallenged,
  EpochRootProposed,
  EpochRootRejected,
  ExclusionSet,
  RewardClaimed,
  RulesetPublished,
} from '../generated/RewardDistributor/RewardDistributor'
import {
  AllocationClaim,
  Epoch,
  EpochChallenge,
  EpochFunding,
  Exclusion,
  Ruleset,
} from '../generated/schema'
import { account, addEvidence, countEvent, eventId, protocol } from './protocol'

const CONTRACT = 'RewardDistributor'

export function handleRulesetPublished(event: RulesetPublished): void {
  countEvent(CONTRACT, event)
  const ruleset = new Ruleset(event.params.version.toString())
  ruleset.activeFromEpoch = event.params.activeFromEpoch
  ruleset.hash = event.params.rulesetHash
  ruleset.json = event.params.ruleset
  ruleset.block = event.block.number
  ruleset.atSeconds = event.block.timestamp
  ruleset.save()
}

export function handleEpochFunded(event: EpochFunded): void {
  countEvent(CONTRACT, event)
  const funded = epoch(event.params.epoch)
  funded.budget = funded.budget.plus(event.params.amount)
  funded.save()
  const funding = new EpochFunding(eventId(event))
  funding.epoch = funded.id
  funding.funder = account(event.params.funder, event).id
  funding.amount = event.params.amount
  addEvidence(funding, event)
  funding.save()
}

export function handleEpochRootProposed(event: EpochRootProposed): void {
  countEvent(CONTRACT, event)
  const proposed = epoch(event.params.epoch)
  proposed.status = 'PROPOSED'
  proposed.root = event.params.root
  proposed.manifestHash = event.params.manifestHash
  proposed.cumulativeTotal = event.params.cumulativeTotal
  proposed.proposer = account(event.params.proposer, event).id
  proposed.proposedBlock = event.block.number
  proposed.challengeEndsAtSeconds = event.params.challengeEndsAtSeconds
  proposed.save()
}

export function handleEpochRootChallenged(event: EpochRootChallenged): void {
  countEvent(CONTRACT, event)
  const challenged = epoch(event.params.epoch)
  challenged.status = 'CHALLENGED'
  challenged.save()
  const challenge = new EpochChallenge(eventId(event))
  challenge.epoch = challenged.id
  challenge.challenger = account(event.params.challenger, event).id
  challenge.evidenceHash = event.params.evidenceHash
  addEvidence(challenge, event)
  challenge.save()
}

export function handleEpochRootRejected(event: EpochRootRejected): void {
  countEvent(CONTRACT, event)
  const rejected = epoch(event.params.epoch)
  rejected.status = 'REJECTED'
  rejected.save()
}

export function handleEpochRootActivated(event: EpochRootActivated): void {
  countEvent(CONTRACT, event)
  const activated = epoch(event.params.epoch)
  activated.status = 'ACTIVE'
  activated.activatedBlock = event.block.number
  activated.save()
}

export function handleRewardClaimed(event: RewardClaimed): void {
  countEvent(CONTRACT, event)
  const claimant = account(event.params.account, event)
  claimant.rewardTotal = claimant.rewardTotal.plus(event.params.amount)
  claimant.save()
  const claim = new AllocationClaim(eventId(event))
  claim.account = claimant.id
  claim.token = event.params.token
  claim.amount = event.params.amount
  claim.cumulative = event.params.cumulative
  addEvidence(claim, event)
  claim.save()
  const sums = protocol()
  sums.rewardTotal = sums.rewardTotal.plus(claim.amount)
  sums.save()
}

export function handleExclusionSet(event: ExclusionSet): void {
  countEvent(CONTRACT, event)
  const exclusion = new Exclusion(eventId(event))
  exclusion.account = account(event.params.account, event).id
  exclusion.proposal = event.params.proposalId.toString()
  exclusion.fromEpoch = event.params.fromEpoch
  exclusion.toEpoch = event.params.toEpoch
  exclusion.reason = event.params.reason
  addEvidence(exclusion, event)
  exclusion.save()
}

/** An epoch, new with the first event that names it. */
function epoch(number: BigInt): Epoch {
  const known = Epoch.load(number.toString())
  if (known != null) return known
  const created = new Epoch(number.toString())
  created.number = number
  created.status = 'FUNDED'
  created.budget = BigInt.zero()
  return created
}
