// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Accumulator} from "./Accumulator.sol";
import {OwnershipNFT} from "./OwnershipNFT.sol";
import {RevenueVault} from "./RevenueVault.sol";

/// @title Listings and sales of assets
/// @notice A seller keeps the asset until it is sold; a listing dies with the first change of hands.
contract Marketplace is Accumulator, ReentrancyGuardTransient {
    struct Listing {
        bytes32 assetId;
        address seller;
        bool open;
        /// The asset's transfer count when it was listed.
        uint64 transferCount;
        uint256 price;
    }

    /// @notice The asset registry.
    OwnershipNFT public immutable registry;
    /// @notice The vault, which takes the price and the fee.
    RevenueVault public immutable vault;

    /// @notice How many listings were made; ids count from 1.
    uint256 public listingCount;

    mapping(uint256 listingId => Listing) private _listings;

    event ListingCreated(
        uint64 sequence,
        uint256 indexed listingId,
        bytes32 indexed assetId,
        address indexed seller,
        uint256 price
    );
    event ListingCancelled(uint64 sequence, uint256 indexed listingId);
    event SaleCompleted(
        uint64 sequence,
        uint256 indexed listingId,
        bytes32 indexed assetId,
        address indexed buyer,
        address seller,
        uint256 price,
        uint256 fee
    );

    error ZeroPrice();
    error NotAssetOwner(bytes32 assetId, address account);
    error MarketplaceNotApproved(bytes32 assetId);
    error ListingNotOpen(uint256 listingId);
    error ListingStale(uint256 listingId);
    error NotSeller(uint256 listingId, address account);

    /// @param registry_ The asset registry.
    /// @param vault_ The vault, which takes the price and the fee.
    constructor(OwnershipNFT registry_, RevenueVault vault_) {
        registry = registry_;
        vault = vault_;
    }

    /// @notice Lists the caller's asset for sale; the marketplace must be approved to transfer it.
    /// @param assetId The asset.
    /// @param price What it costs. Unit: token base units.
    /// @return listingId The id of the listing.
    function list(bytes32 assetId, uint256 price) external returns (uint256 listingId) {
        uint256 tokenId = uint256(assetId);
        if (price == 0) revert ZeroPrice();
        if (registry.ownerOf(tokenId) != msg.sender) revert NotAssetOwner(assetId, msg.sender);
        if (
            registry.getApproved(tokenId) != address(this) &&
            !registry.isApprovedForAll(msg.sender, address(this))
        ) revert MarketplaceNotApproved(assetId);
        listingId = ++listingCount;
        _listings[listingId] = Listing(
            assetId,
            msg.sender,
            true,
            registry.transferCountOf(assetId),
            price
        );
        emit ListingCreated(
            _record(abi.encode(ListingCreated.selector, listingId, assetId, msg.sender, price)),
            listingId,
            assetId,
            msg.sender,
            price
        );
    }

    /// @notice Cancels a listing: its seller may, and anybody once the asset has changed hands.
    /// @param listingId The listing.
    function cancel(uint256 listingId) external {
        Listing storage listing = _listings[listingId];
        if (!listing.open) revert ListingNotOpen(listingId);
        if (msg.sender != listing.seller && !_isStale(listing)) {
            revert NotSeller(listingId, msg.sender);
        }
        listing.open = false;
        emit ListingCancelled(
            _record(abi.encode(ListingCancelled.selector, listingId)),
            listingId
        );
    }

    /// @notice Buys a listed asset for the caller, who has approved the vault for the price.
    /// @param listingId The listing.
    function buy(uint256 listingId) external nonReentrant {
        Listing storage listing = _listings[listingId];
        if (!listing.open) revert ListingNotOpen(listingId);
        if (_isStale(listing)) revert ListingStale(listingId);
        listing.open = false;
        (bytes32 assetId, address seller, uint256 price) = (
            listing.assetId,
            listing.seller,
            listing.price
        );
        uint256 fee = vault.feeOf(price);
        emit SaleCompleted(
            _record(
                abi.encode(
                    SaleCompleted.selector,
                    listingId,
                    assetId,
                    msg.sender,
                    seller,
                    price,
                    fee
                )
            ),
            listingId,
            assetId,
            msg.sender,
            seller,
            price,
            fee
        );
        registry.transferFrom(seller, msg.sender, uint256(assetId));
        vault.paySale(assetId, msg.sender, seller, price, listingId);
    }

    /// @notice A listing.
    /// @param listingId The listing.
    function listingOf(uint256 listingId) external view returns (Listing memory) {
        return _listings[listingId];
    }

    function _isStale(Listing storage listing) private view returns (bool) {
        return registry.transferCountOf(listing.assetId) != listing.transferCount;
    }
}
