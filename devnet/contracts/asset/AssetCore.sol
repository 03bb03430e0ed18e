// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {Accumulator} from "../Accumulator.sol";
import {AssetKind} from "../Words.sol";

/// @title Assets, their versions and where their content lies
/// @notice Every asset is an ERC-721 whose token id is the asset id as an integer.
abstract contract AssetCore is ERC721, Accumulator {
    struct Asset {
        /// Assets count from 1 in order of registration.
        uint64 registrationIndex;
        uint64 transferCount;
        uint32 versionCount;
        string metadataUri;
    }

    /// @notice How many assets were registered.
    uint64 public assetCount;

    mapping(bytes32 assetId => Asset) private _assets;

    event AssetRegistered(
        uint64 sequence,
        bytes32 indexed assetId,
        address indexed creator,
        uint8 kind,
        string name,
        string metadataUri,
        bytes32 metadataHash
    );
    event VersionPublished(
        uint64 sequence,
        bytes32 indexed assetId,
        uint32 version,
        bytes32 contentHash,
        string metadataUri,
        bytes32 metadataHash
    );
    event AssetTransferred(
        uint64 sequence,
        bytes32 indexed assetId,
        address indexed sender,
        address indexed recipient
    );
    event StorageAnchored(
        uint64 sequence,
        bytes32 indexed assetId,
        uint32 version,
        bytes32 contentHash,
        string uri,
        uint64 byteLength
    );

    error AssetAlreadyRegistered(bytes32 assetId);
    error NotAssetOwner(bytes32 assetId, address account);
    error VersionUnknown(bytes32 assetId, uint32 version);

    modifier onlyAssetOwner(bytes32 assetId) {
        if (_requireOwned(uint256(assetId)) != msg.sender) {
            revert NotAssetOwner(assetId, msg.sender);
        }
        _;
    }

    /// @notice Registers an asset of the caller.
    /// @param kind What it is.
    /// @param name_ Its name for people.
    /// @param metadataUri Where its metadata is.
    /// @param metadataHash The hash of that metadata.
    /// @param salt Tells the caller's assets apart.
    /// @return assetId keccak256(abi.encode(chain id, this contract, caller, salt)).
    function register(
        AssetKind kind,
        string calldata name_,
        string calldata metadataUri,
        bytes32 metadataHash,
        bytes32 salt
    ) external returns (bytes32 assetId) {
        assetId = assetIdOf(msg.sender, salt);
        Asset storage asset = _assets[assetId];
        if (asset.registrationIndex != 0) revert AssetAlreadyRegistered(assetId);
        asset.registrationIndex = ++assetCount;
        asset.metadataUri = metadataUri;
        emit AssetRegistered(
            _record(
                abi.encode(
                    AssetRegistered.selector,
                    assetId,
                    msg.sender,
                    kind,
                    name_,
                    metadataUri,
                    metadataHash
                )
            ),
            assetId,
            msg.sender,
            uint8(kind),
            name_,
            metadataUri,
            metadataHash
        );
        _mint(msg.sender, uint256(assetId));
    }

    /// @notice Publishes the next version of the caller's asset.
    /// @param assetId The asset.
    /// @param contentHash The hash of the version's content.
    /// @param metadataUri Where the version's metadata is.
    /// @param metadataHash The hash of that metadata.
    /// @return version Versions count from 1.
    function publishVersion(
        bytes32 assetId,
        bytes32 contentHash,
        string calldata metadataUri,
        bytes32 metadataHash
    ) external onlyAssetOwner(assetId) returns (uint32 version) {
        Asset storage asset = _assets[assetId];
        version = ++asset.versionCount;
        asset.metadataUri = metadataUri;
        emit VersionPublished(
            _record(
                abi.encode(
                    VersionPublished.selector,
                    assetId,
                    version,
                    contentHash,
                    metadataUri,
                    metadataHash
                )
            ),
            assetId,
            version,
            contentHash,
            metadataUri,
            metadataHash
        );
    }

    /// @notice Anchors a stored copy of a version of the caller's asset.
    /// @param assetId The asset.
    /// @param version The version that was stored.
    /// @param contentHash The hash of the stored bytes (of the ciphertext where it is encrypted).
    /// @param uri Where the copy lies.
    /// @param byteLength How long it is.
    function anchorStorage(
        bytes32 assetId,
        uint32 version,
        bytes32 contentHash,
        string calldata uri,
        uint64 byteLength
    ) external onlyAssetOwner(assetId) {
        if (version == 0 || version > _assets[assetId].versionCount) {
            revert VersionUnknown(assetId, version);
        }
        emit StorageAnchored(
            _record(
                abi.encode(
                    StorageAnchored.selector,
                    assetId,
                    version,
                    contentHash,
                    uri,
                    byteLength
                )
            ),
            assetId,
            version,
            contentHash,
            uri,
            byteLength
        );
    }

    /// @notice The id that `register` gives to a creator's asset.
    /// @param creator Who registers it.
    /// @param salt What tells the creator's assets apart.
    function assetIdOf(address creator, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), creator, salt));
    }

    /// @notice The place of an asset in the order of registration, from 1; 0 when it is unknown.
    /// @param assetId The asset.
    function registrationIndexOf(bytes32 assetId) public view returns (uint64) {
        return _assets[assetId].registrationIndex;
    }

    /// @notice How often an asset has changed hands: what was agreed with one owner can be told
    /// from what a later one would agree to.
    /// @param assetId The asset.
    function transferCountOf(bytes32 assetId) external view returns (uint64) {
        return _assets[assetId].transferCount;
    }

    /// @notice How many versions of an asset were published.
    /// @param assetId The asset.
    function versionCountOf(bytes32 assetId) external view returns (uint32) {
        return _assets[assetId].versionCount;
    }

    /// @notice Where the metadata of the newest version is.
    /// @param tokenId The asset id as an integer.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        return _assets[bytes32(tokenId)].metadataUri;
    }

    /// @dev Emits the twin of ERC-721's Transfer (mints come from the zero address).
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        from = super._update(to, tokenId, auth);
        bytes32 assetId = bytes32(tokenId);
        if (from != address(0)) _assets[assetId].transferCount++;
        emit AssetTransferred(
            _record(abi.encode(AssetTransferred.selector, assetId, from, to)),
            assetId,
            from,
            to
        );
    }
}
