import { parseAbi } from 'viem'

/** Compute providers, their signing keys and stake, and the batches of receipts they anchor. */
export const computeRegistryAbi = parseAbi([
  'event ProviderRegistered(uint64 sequence, address indexed provider, string name, string endpoint)',
  'event SigningKeySet(uint64 sequence, address indexed provider, address indexed signer, bool active)',
  'event StakeChanged(uint64 sequence, address indexed provider, int256 change, uint256 stake)',
  'event ProviderSlashed(uint64 sequence, address indexed provider, uint256 amount, uint256 stake, bytes32 evidenceHash)',
  'event BatchAnchored(uint64 sequence, uint256 indexed batchId, address indexed provider, bytes32 root, uint256 feeTotal, bytes32[] digests, bytes receipts)',
])
