import { parseAbi } from 'viem'

/** Proposals and votes of the protocol's governor. */
export const protocolGovernorAbi = parseAbi([
  'event ProposalSubmitted(uint64 sequence, uint256 indexed proposalId, address indexed proposer, uint256 voteStartBlock, uint256 voteEndBlock, string description)',
  'event VoteRecorded(uint64 sequence, uint256 indexed proposalId, address indexed voter, uint8 support, uint256 weight, string reason)',
  'event ProposalSettled(uint64 sequence, uint256 indexed proposalId, uint8 outcome)',
])
