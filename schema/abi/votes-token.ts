import { parseAbi } from 'viem'

/** The protocol's ERC-20 votes token; staked tokens stay in their owner's balance, locked. */
export const votesTokenAbi = parseAbi([
  'event TokenTransferred(uint64 sequence, address indexed sender, address indexed recipient, uint256 amount)',
  'event TokenStaked(uint64 sequence, address indexed account, int256 change, uint256 staked)',
  'function balanceOf(address account) view returns (uint256)',
])
