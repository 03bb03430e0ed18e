// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessScope} from "../Words.sol";
import {AssetCore} from "./AssetCore.sol";

/// @title Access grants on assets
/// @notice Who may read, run or train on an asset whose content is not open.
abstract contract AssetAccess is AssetCore {
    mapping(bytes32 assetId => mapping(address account => mapping(AccessScope scope => uint64 until)))
        private _accessUntil;

    event AccessGranted(
        uint64 sequence,
        bytes32 indexed assetId,
        address indexed account,
        uint8 scope,
        uint64 expiresAtSeconds
    );
    event AccessRevoked(
        uint64 sequence,
        bytes32 indexed assetId,
        address indexed account,
        uint8 scope
    );

    error AccessAlreadyExpired(uint64 expiresAtSeconds);
    error AccessNotGranted(bytes32 assetId, address account, AccessScope scope);

    /// @notice Grants access to the caller's asset, or changes until when it is granted.
    /// @param assetId The asset.
    /// @param account Who receives access.
    /// @param scope What the grant opens.
    /// @param expiresAtSeconds When it ends, in seconds since 1970; 0 for never.
    function grantAccess(
        bytes32 assetId,
        address account,
        AccessScope scope,
        uint64 expiresAtSeconds
    ) external onlyAssetOwner(assetId) {
        if (expiresAtSeconds != 0 && expiresAtSeconds <= block.timestamp) {
            revert AccessAlreadyExpired(expiresAtSeconds);
        }
        _accessUntil[assetId][account][scope] = expiresAtSeconds == 0
            ? type(uint64).max
            : expiresAtSeconds;
        emit AccessGranted(
            _record(
                abi.encode(AccessGranted.selector, assetId, account, scope, expiresAtSeconds)
            ),
            assetId,
            account,
            uint8(scope),
            expiresAtSeconds
        );
    }

    /// @notice Takes access to the caller's asset back.
    /// @param assetId The asset.
    /// @param account Who loses access.
    /// @param scope What the grant opened.
    function revokeAccess(
        bytes32 assetId,
        address account,
        AccessScope scope
    ) external onlyAssetOwner(assetId) {
        if (_accessUntil[assetId][account][scope] == 0) {
            revert AccessNotGranted(assetId, account, scope);
        }
        delete _accessUntil[assetId][account][scope];
        emit AccessRevoked(
            _record(abi.encode(AccessRevoked.selector, assetId, account, scope)),
            assetId,
            account,
            uint8(scope)
        );
    }

    /// @notice Whether an account has access to an asset now; its owner always has.
    /// @param assetId The asset.
    /// @param account The account asked about.
    /// @param scope What it wants to do.
    function hasAccess(
        bytes32 assetId,
        address account,
        AccessScope scope
    ) external view returns (bool) {
        return
            ownerOf(uint256(assetId)) == account ||
            _accessUntil[assetId][account][scope] > block.timestamp;
    }
}
