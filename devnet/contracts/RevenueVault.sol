// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Accumulator} from "./Accumulator.sol";
import {Governed} from "./Governed.sol";
import {OwnershipNFT} from "./OwnershipNFT.sol";
import {ProtocolParameters} from "./ProtocolParameters.sol";
import {RewardDistributor} from "./RewardDistributor.sol";
import {AssetEdges} from "./asset/AssetEdges.sol";
import {BPS_WHOLE, PaymentKind, SHARE_WHOLE_E8} from "./Words.sol";

/// @title The vaults of all assets
/// @notice Every payment of the protocol passes here: the fee goes to the reward distributor, what
/// is left goes to the asset's vault (a sale's to the seller). A vault passes its parents' shares
/// on when it settles; one settlement moves money one level up, so its gas is bounded. What a vault
/// holds goes with the asset when that is sold.
contract RevenueVault is Governed, Accumulator, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The asset registry.
    OwnershipNFT public immutable registry;
    /// @notice Where fees go.
    RewardDistributor public immutable distributor;
    /// @notice The protocol's token.
    IERC20 public immutable token;
    /// @notice The only account that reports licence payments.
    address public immutable licenses;
    /// @notice The only account that reports sales.
    address public immutable marketplace;

    mapping(bytes32 assetId => uint256 amount) private _unsettled;
    mapping(bytes32 assetId => uint256 amount) private _claimable;

    event PaymentMade(
        uint64 sequence,
        bytes32 indexed assetId,
        address indexed payer,
        uint8 kind,
        uint256 amount,
        uint256 fee,
        bytes32 subject
    );
    event RoyaltyPaid(
        uint64 sequence,
        bytes32 indexed childId,
        bytes32 indexed parentId,
        uint256 amount
    );
    event RevenueClaimed(
        uint64 sequence,
        bytes32 indexed assetId,
        address indexed account,
        uint256 amount
    );

    error ZeroAmount();
    error NotLicenses(address account);
    error NotMarketplace(address account);
    error NotAssetOwner(bytes32 assetId, address account);
    error PaymentKindNotOpen(PaymentKind kind);
    error NothingToClaim(bytes32 assetId);

    /// @param parameters_ The protocol's parameters.
    /// @param registry_ The asset registry.
    /// @param distributor_ Where fees go.
    /// @param token_ The protocol's token.
    /// @param licenses_ The only account that reports licence payments.
    /// @param marketplace_ The only account that reports sales.
    constructor(
        ProtocolParameters parameters_,
        OwnershipNFT registry_,
        RewardDistributor distributor_,
        IERC20 token_,
        address licenses_,
        address marketplace_
    ) Governed(parameters_) {
        registry = registry_;
        distributor = distributor_;
        token = token_;
        licenses = licenses_;
        marketplace = marketplace_;
        token_.forceApprove(address(distributor_), type(uint256).max);
    }

    /// @notice Pays for the use of an asset, or tips it (a tip carries no fee).
    /// @param assetId The asset.
    /// @param kind USAGE or TIP.
    /// @param amount What the caller pays, fee included. Unit: token base units.
    /// @param subject What was paid for, a receipt's digest for example; 0 for nothing named.
    function pay(
        bytes32 assetId,
        PaymentKind kind,
        uint256 amount,
        bytes32 subject
    ) external nonReentrant {
        if (kind != PaymentKind.USAGE && kind != PaymentKind.TIP) revert PaymentKindNotOpen(kind);
        uint256 fee = kind == PaymentKind.TIP ? 0 : feeOf(amount);
        _receive(assetId, msg.sender, kind, amount, fee, subject);
    }

    /// @notice Takes the payment for a licence; the licence contract only.
    /// @param assetId The licensed asset.
    /// @param payer Who pays, having approved this contract.
    /// @param amount The price, fee included. Unit: token base units.
    /// @param licenceId The licence that was bought.
    function payLicence(
        bytes32 assetId,
        address payer,
        uint256 amount,
        uint256 licenceId
    ) external nonReentrant {
        if (msg.sender != licenses) revert NotLicenses(msg.sender);
        _receive(
            assetId,
            payer,
            PaymentKind.LICENCE,
            amount,
            feeOf(amount),
            bytes32(licenceId)
        );
    }

    /// @notice Takes the price of a sale and passes it on to the seller; the marketplace only.
    /// @param assetId The asset that was sold.
    /// @param buyer Who pays, having approved this contract.
    /// @param seller Who receives the price less the fee.
    /// @param price The price, fee included. Unit: token base units.
    /// @param listingId The listing.
    function paySale(
        bytes32 assetId,
        address buyer,
        address seller,
        uint256 price,
        uint256 listingId
    ) external nonReentrant {
        if (msg.sender != marketplace) revert NotMarketplace(msg.sender);
        uint256 fee = feeOf(price);
        _emitPayment(assetId, buyer, PaymentKind.SALE, price, fee, bytes32(listingId));
        _collect(buyer, price, fee);
        token.safeTransfer(seller, price - fee);
    }

    /// @notice Passes what a vault received on to its parents' vaults, one level up. Anybody may.
    /// @param assetId The asset.
    function settle(bytes32 assetId) external nonReentrant {
        _settle(assetId);
    }

    /// @notice Pays what the caller's asset has earned, after its parents' shares.
    /// @param assetId The asset.
    function claim(bytes32 assetId) external nonReentrant {
        if (registry.ownerOf(uint256(assetId)) != msg.sender) {
            revert NotAssetOwner(assetId, msg.sender);
        }
        _settle(assetId);
        uint256 amount = _claimable[assetId];
        if (amount == 0) revert NothingToClaim(assetId);
        _claimable[assetId] = 0;
        emit RevenueClaimed(
            _record(abi.encode(RevenueClaimed.selector, assetId, msg.sender, amount)),
            assetId,
            msg.sender,
            amount
        );
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice What a vault holds: not yet shared with its parents, and ready to claim.
    /// @param assetId The asset.
    function vaultOf(
        bytes32 assetId
    ) external view returns (uint256 unsettled, uint256 claimable) {
        return (_unsettled[assetId], _claimable[assetId]);
    }

    /// @notice The protocol's fee on an amount, rounded down. Unit: token base units.
    /// @param amount The amount, fee included.
    function feeOf(uint256 amount) public view returns (uint256) {
        return (amount * parameters.feeBps()) / BPS_WHOLE;
    }

    function _receive(
        bytes32 assetId,
        address payer,
        PaymentKind kind,
        uint256 amount,
        uint256 fee,
        bytes32 subject
    ) private {
        if (amount == 0) revert ZeroAmount();
        registry.ownerOf(uint256(assetId));
        _unsettled[assetId] += amount - fee;
        _emitPayment(assetId, payer, kind, amount, fee, subject);
        _settle(assetId);
        _collect(payer, amount, fee);
    }

    /// @dev Each parent's part is rounded down; what rounding leaves stays with the child.
    function _settle(bytes32 assetId) private {
        uint256 amount = _unsettled[assetId];
        if (amount == 0) return;
        _unsettled[assetId] = 0;
        AssetEdges.Edge[] memory edges = registry.parentsOf(assetId);
        uint256 rest = amount;
        for (uint256 i = 0; i < edges.length; i++) {
            uint256 part = (amount * edges[i].shareE8) / SHARE_WHOLE_E8;
            if (part == 0) continue;
            bytes32 parentId = edges[i].parentId;
            rest -= part;
            _unsettled[parentId] += part;
            emit RoyaltyPaid(
                _record(abi.encode(RoyaltyPaid.selector, assetId, parentId, part)),
                assetId,
                parentId,
                part
            );
        }
        _claimable[assetId] += rest;
    }

    function _collect(address payer, uint256 amount, uint256 fee) private {
        token.safeTransferFrom(payer, address(this), amount);
        if (fee > 0) distributor.fund(fee);
    }

    function _emitPayment(
        bytes32 assetId,
        address payer,
        PaymentKind kind,
        uint256 amount,
        uint256 fee,
        bytes32 subject
    ) private {
        emit PaymentMade(
            _record(
                abi.encode(PaymentMade.selector, assetId, payer, kind, amount, fee, subject)
            ),
            assetId,
            payer,
            uint8(kind),
            amount,
            fee,
            subject
        );
    }
}
