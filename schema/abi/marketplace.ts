import { parseAbi } from 'viem'

/** Listings and sales of assets. */
export const marketplaceAbi = parseAbi([
  'event ListingCreated(uint64 sequence, uint256 indexed listingId, bytes32 indexed assetId, address indexed seller, uint256 price)',
  'event ListingCancelled(uint64 sequence, uint256 indexed listingId)',
  'event SaleCompleted(uint64 sequence, uint256 indexed listingId, bytes32 indexed assetId, address indexed buyer, address seller, uint256 price, uint256 fee)',
])
