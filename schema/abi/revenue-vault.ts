import { parseAbi } from 'viem'

/** One contract holding a vault per asset: payments in, royalties to parents' vaults, claims out. */
export const revenueVaultAbi = parseAbi([
  'event PaymentMade(uint64 sequence, bytes32 indexed assetId, address indexed payer, uint8 kind, uint256 amount, uint256 fee, bytes32 subject)',
  'event RoyaltyPaid(uint64 sequence, bytes32 indexed childId, bytes32 indexed parentId, uint256 amount)',
  'event RevenueClaimed(uint64 sequence, bytes32 indexed assetId, address indexed account, uint256 amount)',
])
