import { parseAbi } from 'viem'

/** Licence terms offered on assets, and licences granted under them (one ERC-721 token each). */
export const licenseNftAbi = parseAbi([
  'event LicenceTermsOffered(uint64 sequence, uint256 indexed termsId, bytes32 indexed assetId, address indexed licensor, uint256 price, uint32 royaltyShareE8, bool commercialUse, bool derivativesAllowed, uint64 durationSeconds, string uri)',
  'event LicenceTermsWithdrawn(uint64 sequence, uint256 indexed termsId)',
  'event LicenceGranted(uint64 sequence, uint256 indexed licenceId, uint256 indexed termsId, address indexed licensee, bytes32 assetId, uint256 price, uint64 expiresAtSeconds)',
  'event LicenceTransferred(uint64 sequence, uint256 indexed licenceId, address indexed sender, address indexed recipient)',
  'event LicenceRevoked(uint64 sequence, uint256 indexed licenceId, string reason)',
])
