// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {Governed} from "./Governed.sol";
import {LicenseNFT} from "./LicenseNFT.sol";
import {ProtocolParameters} from "./ProtocolParameters.sol";
import {RewardDistributor} from "./RewardDistributor.sol";
import {AssetAccess} from "./asset/AssetAccess.sol";
import {AssetDisputes} from "./asset/AssetDisputes.sol";
import {AssetEdges} from "./asset/AssetEdges.sol";

/// @title The asset registry
/// @notice Registrations, versions, provenance edges, storage anchors, access grants and disputes.
contract OwnershipNFT is AssetEdges, AssetAccess, AssetDisputes {
    /// @param parameters_ The protocol's parameters.
    /// @param licenses_ The licences that allow edges to other people's assets.
    /// @param distributor_ Where the bonds of lost disputes go.
    /// @param token_ The protocol's token.
    constructor(
        ProtocolParameters parameters_,
        LicenseNFT licenses_,
        RewardDistributor distributor_,
        IERC20 token_
    )
        ERC721("Foggara asset", "FOGA")
        Governed(parameters_)
        AssetEdges(licenses_)
        AssetDisputes(distributor_, token_)
    {}
}
