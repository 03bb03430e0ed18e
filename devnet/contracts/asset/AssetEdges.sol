// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Governed} from "../Governed.sol";
import {LicenseNFT} from "../LicenseNFT.sol";
import {Relation, SHARE_WHOLE_E8} from "../Words.sol";
import {AssetCore} from "./AssetCore.sol";

/// @title Provenance edges between assets
/// @notice An edge says that a child was made from a parent, and which share of the child's revenue
/// is the parent's.
abstract contract AssetEdges is AssetCore, Governed {
    struct Edge {
        bytes32 parentId;
        Relation relation;
        /// The parent's share of what the child receives, parts per hundred million.
        uint32 shareE8;
        /// The licence under which the edge was made; 0 when the child's owner owned the parent.
        uint256 licenceId;
    }

    /// @notice The most parents an asset may have: it bounds the gas of a payment.
    uint256 public constant PARENT_COUNT_MAX = 32;

    /// @notice The licences that allow edges to other people's assets.
    LicenseNFT public immutable licenses;

    mapping(bytes32 childId => Edge[]) private _edges;

    event EdgeLinked(
        uint64 sequence,
        bytes32 indexed childId,
        bytes32 indexed parentId,
        uint8 relation,
        uint32 shareE8,
        uint256 licenceId
    );
    event EdgeEnded(
        uint64 sequence,
        bytes32 indexed childId,
        bytes32 indexed parentId,
        uint8 relation
    );

    error EdgeToItself(bytes32 assetId);
    error EdgeAlreadyLinked(bytes32 childId, bytes32 parentId, Relation relation);
    error EdgeUnknown(bytes32 childId, bytes32 parentId, Relation relation);
    error EdgeNotYours(bytes32 childId, bytes32 parentId, address account);
    error ParentCountExceeded(bytes32 childId);
    error ParentRegisteredLater(bytes32 childId, bytes32 parentId);
    error EvaluationCarriesNoShare(uint32 shareE8);
    error LicenceNeeded(bytes32 parentId, address account);
    error ShareNotLicensed(uint32 shareE8, uint32 licensedShareE8);
    error ShareStackExceeded(bytes32 childId, uint256 shareTotalE8);

    /// @param licenses_ The licences that allow edges to other people's assets.
    constructor(LicenseNFT licenses_) {
        licenses = licenses_;
    }

    /// @notice Links the caller's asset to a parent that it was made from.
    /// @dev A share above 0 flows to an earlier registration only, so royalties cannot run in
    /// circles.
    /// @param childId The caller's asset.
    /// @param parentId What it was made from.
    /// @param relation How. An evaluation carries no share and needs no licence.
    /// @param shareE8 The parent's share of the child's revenue, parts per hundred million: the
    /// licence's royalty share, or what the owner of both decides.
    /// @param licenceId The licence that the caller holds on the parent; 0 for the caller's own
    /// parents and for evaluations.
    function linkEdge(
        bytes32 childId,
        bytes32 parentId,
        Relation relation,
        uint32 shareE8,
        uint256 licenceId
    ) external onlyAssetOwner(childId) {
        if (childId == parentId) revert EdgeToItself(childId);
        _requireRight(parentId, relation, shareE8, licenceId);
        _requireRoom(childId, parentId, relation, shareE8);
        _edges[childId].push(Edge(parentId, relation, shareE8, licenceId));
        emit EdgeLinked(
            _record(
                abi.encode(EdgeLinked.selector, childId, parentId, relation, shareE8, licenceId)
            ),
            childId,
            parentId,
            uint8(relation),
            shareE8,
            licenceId
        );
    }

    /// @notice Ends an edge. The parent's owner and the arbiter may; the child's owner only where
    /// the edge carries no share, or it could shed its royalties.
    /// @param childId The child.
    /// @param parentId The parent.
    /// @param relation The relation of the edge.
    function endEdge(bytes32 childId, bytes32 parentId, Relation relation) external {
        Edge[] storage edges = _edges[childId];
        (bool found, uint256 index) = _find(edges, parentId, relation);
        if (!found) revert EdgeUnknown(childId, parentId, relation);
        bool allowed = ownerOf(uint256(parentId)) == msg.sender ||
            (edges[index].shareE8 == 0 && ownerOf(uint256(childId)) == msg.sender) ||
            parameters.isArbiter(msg.sender);
        if (!allowed) revert EdgeNotYours(childId, parentId, msg.sender);
        edges[index] = edges[edges.length - 1];
        edges.pop();
        emit EdgeEnded(
            _record(abi.encode(EdgeEnded.selector, childId, parentId, relation)),
            childId,
            parentId,
            uint8(relation)
        );
    }

    /// @notice The edges of an asset to its parents, in no particular order.
    /// @param childId The asset.
    function parentsOf(bytes32 childId) external view returns (Edge[] memory) {
        return _edges[childId];
    }

    /// @dev Reverts unless the caller may use `parentId` in this way for this share.
    function _requireRight(
        bytes32 parentId,
        Relation relation,
        uint32 shareE8,
        uint256 licenceId
    ) private view {
        address parentOwner = _requireOwned(uint256(parentId));
        if (relation == Relation.EVALUATED_ON && shareE8 != 0) {
            revert EvaluationCarriesNoShare(shareE8);
        }
        if (licenceId != 0) {
            uint32 licensed = licenses.derivativeShareOf(licenceId, msg.sender, parentId);
            bool evaluation = relation == Relation.EVALUATED_ON;
            if (!evaluation && shareE8 != licensed) revert ShareNotLicensed(shareE8, licensed);
        } else if (relation != Relation.EVALUATED_ON && parentOwner != msg.sender) {
            revert LicenceNeeded(parentId, msg.sender);
        }
    }

    /// @dev Reverts unless the child can take one more edge with this share.
    function _requireRoom(
        bytes32 childId,
        bytes32 parentId,
        Relation relation,
        uint32 shareE8
    ) private view {
        if (shareE8 > 0 && registrationIndexOf(parentId) >= registrationIndexOf(childId)) {
            revert ParentRegisteredLater(childId, parentId);
        }
        Edge[] storage edges = _edges[childId];
        if (edges.length >= PARENT_COUNT_MAX) revert ParentCountExceeded(childId);
        (bool found, ) = _find(edges, parentId, relation);
        if (found) revert EdgeAlreadyLinked(childId, parentId, relation);
        uint256 shareTotalE8 = shareE8;
        for (uint256 i = 0; i < edges.length; i++) {
            shareTotalE8 += edges[i].shareE8;
        }
        if (shareTotalE8 > SHARE_WHOLE_E8) revert ShareStackExceeded(childId, shareTotalE8);
    }

    function _find(
        Edge[] storage edges,
        bytes32 parentId,
        Relation relation
    ) private view returns (bool found, uint256 index) {
        for (uint256 i = 0; i < edges.length; i++) {
            if (edges[i].parentId == parentId && edges[i].relation == relation) return (true, i);
        }
        return (false, 0);
    }
}
