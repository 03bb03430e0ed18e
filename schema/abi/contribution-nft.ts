import { parseAbi } from 'viem'

/** Contributions: an ERC-721 that cannot be transferred and carries a share of the asset's rewards. */
export const contributionNftAbi = parseAbi([
  'event ContributionRecorded(uint64 sequence, uint256 indexed contributionId, bytes32 indexed assetId, address indexed contributor, uint8 role, uint32 shareE8, bytes32 evidenceHash)',
])
