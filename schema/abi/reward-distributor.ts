import { parseAbi } from 'viem'

/** Rulesets, epoch budgets, epoch roots (proposed → challengeable → active) and claims. */
export const rewardDistributorAbi = parseAbi([
  'event RulesetPublished(uint64 sequence, uint32 indexed version, uint32 activeFromEpoch, bytes32 rulesetHash, string ruleset)',
  'event EpochFunded(uint64 sequence, uint32 indexed epoch, address indexed funder, uint256 amount)',
  'event EpochRootProposed(uint64 sequence, uint32 indexed epoch, address indexed proposer, bytes32 root, bytes32 manifestHash, uint256 cumulativeTotal, uint64 challengeEndsAtSeconds)',
  'event EpochRootChallenged(uint64 sequence, uint32 indexed epoch, address indexed challenger, bytes32 evidenceHash)',
  'event EpochRootRejected(uint64 sequence, uint32 indexed epoch, bytes32 root)',
  'event EpochRootActivated(uint64 sequence, uint32 indexed epoch, bytes32 root)',
  'event RewardClaimed(uint64 sequence, address indexed account, address indexed token, uint256 amount, uint256 cumulative)',
  'event ExclusionSet(uint64 sequence, address indexed account, uint256 indexed proposalId, uint32 fromEpoch, uint32 toEpoch, string reason)',
  'function proposeRoot(uint32 epoch, bytes32 root, bytes32 manifestHash, uint256 cumulativeTotal)',
  'function activateRoot(uint32 epoch)',
  'function challengeRoot(uint32 epoch, bytes32 evidenceHash)',
  'function resolveChallenge(uint32 epoch, bool upheld)',
  'function claim(address account, address token, uint256 cumulative, bytes32[] proof)',
  'function claimed(address account, address token) view returns (uint256)',
  'function activeRoot() view returns (bytes32)',
  'function lastProposedEpoch() view returns (uint32)',
  'function lastActiveEpoch() view returns (uint32)',
  'function proposerOf() view returns (address)',
])
