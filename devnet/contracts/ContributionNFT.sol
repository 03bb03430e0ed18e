// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {Accumulator} from "./Accumulator.sol";
import {OwnershipNFT} from "./OwnershipNFT.sol";
import {ContributionRole, SHARE_WHOLE_E8} from "./Words.sol";

/// @title Contributions to assets
/// @notice A contribution is an ERC-721 that cannot be transferred; it carries a share of the
/// asset's rewards.
contract ContributionNFT is ERC721, Accumulator {
    /// @notice The asset registry.
    OwnershipNFT public immutable registry;

    /// @notice How many contributions were recorded; ids count from 1.
    uint256 public contributionCount;

    mapping(bytes32 assetId => uint256 shareE8) private _shareTotals;

    event ContributionRecorded(
        uint64 sequence,
        uint256 indexed contributionId,
        bytes32 indexed assetId,
        address indexed contributor,
        uint8 role,
        uint32 shareE8,
        bytes32 evidenceHash
    );

    error NotAssetOwner(bytes32 assetId, address account);
    error NotTransferable(uint256 contributionId);
    error ShareTotalExceeded(bytes32 assetId, uint256 shareTotalE8);

    /// @param registry_ The asset registry.
    constructor(OwnershipNFT registry_) ERC721("Foggara contribution", "FOGC") {
        registry = registry_;
    }

    /// @notice Records what somebody contributed to the caller's asset.
    /// @param assetId The asset, owned by the caller.
    /// @param contributor Who contributed, and who receives the token.
    /// @param role What was done.
    /// @param shareE8 The share of the asset's rewards, parts per hundred million; the shares of an
    /// asset sum to at most 100 %.
    /// @param evidenceHash The hash of what shows the contribution.
    /// @return contributionId The id of the new contribution.
    function record(
        bytes32 assetId,
        address contributor,
        ContributionRole role,
        uint32 shareE8,
        bytes32 evidenceHash
    ) external returns (uint256 contributionId) {
        if (registry.ownerOf(uint256(assetId)) != msg.sender) {
            revert NotAssetOwner(assetId, msg.sender);
        }
        uint256 shareTotalE8 = _shareTotals[assetId] + shareE8;
        if (shareTotalE8 > SHARE_WHOLE_E8) revert ShareTotalExceeded(assetId, shareTotalE8);
        _shareTotals[assetId] = shareTotalE8;
        contributionId = ++contributionCount;
        emit ContributionRecorded(
            _record(
                abi.encode(
                    ContributionRecorded.selector,
                    contributionId,
                    assetId,
                    contributor,
                    role,
                    shareE8,
                    evidenceHash
                )
            ),
            contributionId,
            assetId,
            contributor,
            uint8(role),
            shareE8,
            evidenceHash
        );
        _mint(contributor, contributionId);
    }

    /// @notice The sum of the shares that an asset's contributions carry, parts per hundred million.
    /// @param assetId The asset asked about.
    function shareTotalOf(bytes32 assetId) external view returns (uint256) {
        return _shareTotals[assetId];
    }

    /// @dev Only mints pass: a contribution stays with who made it.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address) {
        if (_ownerOf(tokenId) != address(0)) revert NotTransferable(tokenId);
        return super._update(to, tokenId, auth);
    }
}
