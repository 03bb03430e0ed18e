// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Governed} from "../Governed.sol";
import {RewardDistributor} from "../RewardDistributor.sol";
import {AssetCore} from "./AssetCore.sol";

/// @title Disputes about assets
/// @notice An open or upheld dispute withholds an asset's rewards, so raising one puts a bond at
/// stake: it comes back when the dispute is upheld and funds the current epoch when it is not.
abstract contract AssetDisputes is AssetCore, Governed, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Dispute {
        bytes32 assetId;
        address raisedBy;
        bool open;
        uint256 bond;
    }

    /// @notice Where lost bonds go.
    RewardDistributor public immutable distributor;
    /// @notice The protocol's token, in which bonds are.
    IERC20 public immutable token;

    /// @notice How many disputes were raised; ids count from 1.
    uint256 public disputeCount;

    mapping(uint256 disputeId => Dispute) private _disputes;

    event DisputeRaised(
        uint64 sequence,
        uint256 indexed disputeId,
        bytes32 indexed assetId,
        address indexed raisedBy,
        bytes32 evidenceHash,
        string reason
    );
    event DisputeResolved(
        uint64 sequence,
        uint256 indexed disputeId,
        address indexed resolvedBy,
        bool upheld,
        bytes32 rulingHash
    );

    error DisputeNotOpen(uint256 disputeId);

    /// @param distributor_ Where lost bonds go.
    /// @param token_ The protocol's token, in which bonds are.
    constructor(RewardDistributor distributor_, IERC20 token_) {
        distributor = distributor_;
        token = token_;
        token_.forceApprove(address(distributor_), type(uint256).max);
    }

    /// @notice Raises a dispute about an asset and takes the bond from the caller.
    /// @param assetId The asset.
    /// @param evidenceHash The hash of the evidence.
    /// @param reason Why, for people.
    /// @return disputeId The id of the dispute.
    function raiseDispute(
        bytes32 assetId,
        bytes32 evidenceHash,
        string calldata reason
    ) external nonReentrant returns (uint256 disputeId) {
        _requireOwned(uint256(assetId));
        uint256 bond = parameters.disputeBond();
        disputeId = ++disputeCount;
        _disputes[disputeId] = Dispute(assetId, msg.sender, true, bond);
        emit DisputeRaised(
            _record(
                abi.encode(
                    DisputeRaised.selector,
                    disputeId,
                    assetId,
                    msg.sender,
                    evidenceHash,
                    reason
                )
            ),
            disputeId,
            assetId,
            msg.sender,
            evidenceHash,
            reason
        );
        if (bond > 0) token.safeTransferFrom(msg.sender, address(this), bond);
    }

    /// @notice Rules on a dispute; the arbiter or the governor only.
    /// @param disputeId The dispute.
    /// @param upheld Whether whoever raised it is right.
    /// @param rulingHash The hash of the ruling.
    function resolveDispute(
        uint256 disputeId,
        bool upheld,
        bytes32 rulingHash
    ) external onlyArbiter nonReentrant {
        Dispute storage dispute = _disputes[disputeId];
        if (!dispute.open) revert DisputeNotOpen(disputeId);
        dispute.open = false;
        emit DisputeResolved(
            _record(
                abi.encode(DisputeResolved.selector, disputeId, msg.sender, upheld, rulingHash)
            ),
            disputeId,
            msg.sender,
            upheld,
            rulingHash
        );
        uint256 bond = dispute.bond;
        if (bond == 0) return;
        if (upheld) token.safeTransfer(dispute.raisedBy, bond);
        else distributor.fund(bond);
    }

    /// @notice A dispute: which asset, who raised it, whether it is open, and the bond.
    /// @param disputeId The dispute.
    function disputeOf(uint256 disputeId) external view returns (Dispute memory) {
        return _disputes[disputeId];
    }
}
