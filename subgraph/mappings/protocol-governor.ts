import { BigInt } from '@graphprotocol/graph-ts'

import {
  ProposalSettled,
  ProposalSubmitted,
  VoteRecorded,
} from '../generated/ProtocolGovernor/ProtocolGovernor'
import { Proposal, Vote } from '../generated/schema'
import { account, addEvidence, countEvent, eventId, protocol } from './protocol'
import { PROPOSAL_OUTCOMES, VOTE_SUPPORTS, word } from './words'

const CONTRACT = 'ProtocolGovernor'

export function handleProposalSubmitted(event: ProposalSubmitted): void {
  countEvent(CONTRACT, event)
  const proposal = new Proposal(event.params.proposalId.toString())
  proposal.proposer = account(event.params.proposer, event).id
  proposal.voteStartBlock = event.params.voteStartBlock
  proposal.voteEndBlock = event.params.voteEndBlock
  proposal.description = event.params.description
  proposal.status = 'OPEN'
  proposal.forWeight = BigInt.zero()
  proposal.againstWeight = BigInt.zero()
  proposal.abstainWeight = BigInt.zero()
  proposal.voteCount = 0
  proposal.submittedBlock = event.block.number
  proposal.save()
  const sums = protocol()
  sums.proposalCount = sums.proposalCount.plus(BigInt.fromI32(1))
  sums.save()
}

export function handleVoteRecorded(event: VoteRecorded): void {
  countEvent(CONTRACT, event)
  const voter = account(event.params.voter, event)
  voter.voteCount += 1
  voter.save()
  const vote = new Vote(eventId(event))
  vote.proposal = event.params.proposalId.toString()
  vote.voter = voter.id
  vote.support = word(VOTE_SUPPORTS, event.params.support)
  vote.weight = event.params.weight
  vote.reason = event.params.reason
  addEvidence(vote, event)
  vote.save()
  const proposal = Proposal.load(vote.proposal)!
  addWeight(proposal, vote)
  proposal.voteCount += 1
  proposal.save()
}

export function handleProposalSettled(event: ProposalSettled): void {
  countEvent(CONTRACT, event)
  const proposal = Proposal.load(event.params.proposalId.toString())!
  proposal.status = word(PROPOSAL_OUTCOMES, event.params.outcome)
  proposal.settledBlock = event.block.number
  proposal.save()
}

function addWeight(proposal: Proposal, vote: Vote): void {
  if (vote.support == 'FOR') proposal.forWeight = proposal.forWeight.plus(vote.weight)
  else if (vote.support == 'AGAINST') {
    proposal.againstWeight = proposal.againstWeight.plus(vote.weight)
  } else proposal.abstainWeight = proposal.abstainWeight.plus(vote.weight)
  const cast = proposal.forWeight.plus(proposal.againstWeight).plus(proposal.abstainWeight)
  if (cast.isZero()) return
  proposal.approval = proposal.forWeight.divDecimal(cast.toBigDecimal())
}
