import { parseAbi } from 'viem'

/** The asset registry: an ERC-721 whose token id is the asset id as an integer. */
export const ownershipNftAbi = parseAbi([
  'event AssetRegistered(uint64 sequence, bytes32 indexed assetId, address indexed creator, uint8 kind, string name, string metadataUri, bytes32 metadataHash)',
  'event VersionPublished(uint64 sequence, bytes32 indexed assetId, uint32 version, bytes32 contentHash, string metadataUri, bytes32 metadataHash)',
  'event EdgeLinked(uint64 sequence, bytes32 indexed childId, bytes32 indexed parentId, uint8 relation, uint32 shareE8, uint256 licenceId)',
  'event EdgeEnded(uint64 sequence, bytes32 indexed childId, bytes32 indexed parentId, uint8 relation)',
  'event AssetTransferred(uint64 sequence, bytes32 indexed assetId, address indexed sender, address indexed recipient)',
  'event StorageAnchored(uint64 sequence, bytes32 indexed assetId, uint32 version, bytes32 contentHash, string uri, uint64 byteLength)',
  'event AccessGranted(uint64 sequence, bytes32 indexed assetId, address indexed account, uint8 scope, uint64 expiresAtSeconds)',
  'event AccessRevoked(uint64 sequence, bytes32 indexed assetId, address indexed account, uint8 scope)',
  'event DisputeRaised(uint64 sequence, uint256 indexed disputeId, bytes32 indexed assetId, address indexed raisedBy, bytes32 evidenceHash, string reason)',
  'event DisputeResolved(uint64 sequence, uint256 indexed disputeId, address indexed resolvedBy, bool upheld, bytes32 rulingHash)',
])
