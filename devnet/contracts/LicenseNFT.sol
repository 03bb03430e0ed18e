// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Accumulator} from "./Accumulator.sol";
import {Governed} from "./Governed.sol";
import {OwnershipNFT} from "./OwnershipNFT.sol";
import {ProtocolParameters} from "./ProtocolParameters.sol";
import {RevenueVault} from "./RevenueVault.sol";
import {SHARE_WHOLE_E8} from "./Words.sol";

/// @title Licence terms and licences
/// @notice An asset's owner offers terms; a licence under them is an ERC-721 of the licensee.
/// Terms never change: they are withdrawn and offered anew. Revoking a licence or its end does not
/// end edges that were made under it, but no new edge can use it.
contract LicenseNFT is ERC721, Governed, Accumulator, ReentrancyGuardTransient {
    struct Terms {
        bytes32 assetId;
        address licensor;
        uint32 royaltyShareE8;
        bool commercialUse;
        bool derivativesAllowed;
        bool withdrawn;
        uint64 durationSeconds;
        uint256 price;
    }

    struct Licence {
        uint256 termsId;
        /// 0 for never.
        uint64 expiresAtSeconds;
        bool revoked;
    }

    /// @notice The asset registry.
    OwnershipNFT public immutable registry;
    /// @notice Where licence payments go.
    RevenueVault public immutable vault;

    /// @notice How many terms were offered; ids count from 1.
    uint256 public termsCount;
    /// @notice How many licences were granted; ids count from 1.
    uint256 public licenceCount;

    mapping(uint256 termsId => Terms) private _terms;
    mapping(uint256 licenceId => Licence) private _licences;

    event LicenceTermsOffered(
        uint64 sequence,
        uint256 indexed termsId,
        bytes32 indexed assetId,
        address indexed licensor,
        uint256 price,
        uint32 royaltyShareE8,
        bool commercialUse,
        bool derivativesAllowed,
        uint64 durationSeconds,
        string uri
    );
    event LicenceTermsWithdrawn(uint64 sequence, uint256 indexed termsId);
    event LicenceGranted(
        uint64 sequence,
        uint256 indexed licenceId,
        uint256 indexed termsId,
        address indexed licensee,
        bytes32 assetId,
        uint256 price,
        uint64 expiresAtSeconds
    );
    event LicenceTransferred(
        uint64 sequence,
        uint256 indexed licenceId,
        address indexed sender,
        address indexed recipient
    );
    event LicenceRevoked(uint64 sequence, uint256 indexed licenceId, string reason);

    error NotAssetOwner(bytes32 assetId, address account);
    error NotLicensor(bytes32 assetId, address account);
    error RoyaltyShareTooLarge(uint32 royaltyShareE8);
    error TermsNotOpen(uint256 termsId);
    error LicenceUnknown(uint256 licenceId);
    error LicenceNotHeld(uint256 licenceId, address account);
    error LicenceOfOtherAsset(uint256 licenceId, bytes32 assetId);
    error LicenceIsRevoked(uint256 licenceId);
    error LicenceIsExpired(uint256 licenceId, uint64 expiresAtSeconds);
    error DerivativesNotAllowed(uint256 licenceId);

    /// @param parameters_ The protocol's parameters.
    /// @param registry_ The asset registry.
    /// @param vault_ Where licence payments go.
    constructor(
        ProtocolParameters parameters_,
        OwnershipNFT registry_,
        RevenueVault vault_
    ) ERC721("Foggara licence", "FOGL") Governed(parameters_) {
        registry = registry_;
        vault = vault_;
    }

    /// @notice Offers licence terms on the caller's asset.
    /// @param assetId The asset.
    /// @param price What a licence costs. Unit: token base units.
    /// @param royaltyShareE8 The share of a derivative's revenue that goes to the asset, parts per
    /// hundred million.
    /// @param commercialUse Whether the licensee may earn with it.
    /// @param derivativesAllowed Whether other assets may be made from it.
    /// @param durationSeconds How long a licence holds; 0 for ever.
    /// @param uri Where the text of the licence is.
    /// @return termsId The id of the terms.
    function offerTerms(
        bytes32 assetId,
        uint256 price,
        uint32 royaltyShareE8,
        bool commercialUse,
        bool derivativesAllowed,
        uint64 durationSeconds,
        string calldata uri
    ) external returns (uint256 termsId) {
        if (registry.ownerOf(uint256(assetId)) != msg.sender) {
            revert NotAssetOwner(assetId, msg.sender);
        }
        if (royaltyShareE8 > SHARE_WHOLE_E8) revert RoyaltyShareTooLarge(royaltyShareE8);
        termsId = ++termsCount;
        _terms[termsId] = Terms({
            assetId: assetId,
            licensor: msg.sender,
            royaltyShareE8: royaltyShareE8,
            commercialUse: commercialUse,
            derivativesAllowed: derivativesAllowed,
            withdrawn: false,
            durationSeconds: durationSeconds,
            price: price
        });
        _emitOffered(termsId, uri);
    }

    /// @notice Withdraws terms: no new licence can be had under them. Licences granted stay.
    /// @param termsId The terms, offered by the caller or on the caller's asset.
    function withdrawTerms(uint256 termsId) external {
        Terms storage terms = _terms[termsId];
        if (terms.licensor == address(0) || terms.withdrawn) revert TermsNotOpen(termsId);
        if (msg.sender != terms.licensor && msg.sender != registry.ownerOf(uint256(terms.assetId))) {
            revert NotLicensor(terms.assetId, msg.sender);
        }
        terms.withdrawn = true;
        emit LicenceTermsWithdrawn(
            _record(abi.encode(LicenceTermsWithdrawn.selector, termsId)),
            termsId
        );
    }

    /// @notice Buys a licence for the caller at the terms' price, which goes to the asset's vault.
    /// @param termsId The terms; their licensor must still own the asset.
    /// @return licenceId The id of the licence.
    function buyLicence(uint256 termsId) external nonReentrant returns (uint256 licenceId) {
        uint256 price = _terms[termsId].price;
        licenceId = _grant(termsId, msg.sender, price);
        if (price > 0) vault.payLicence(_terms[termsId].assetId, msg.sender, price, licenceId);
    }

    /// @notice Grants a licence without payment; the licensor only.
    /// @param termsId The terms.
    /// @param licensee Who receives the licence.
    /// @return licenceId The id of the licence.
    function grantLicence(uint256 termsId, address licensee) external returns (uint256 licenceId) {
        if (msg.sender != _terms[termsId].licensor) {
            revert NotLicensor(_terms[termsId].assetId, msg.sender);
        }
        return _grant(termsId, licensee, 0);
    }

    /// @notice Revokes a licence; the asset's owner or the arbiter.
    /// @param licenceId The licence.
    /// @param reason Why, for people.
    function revokeLicence(uint256 licenceId, string calldata reason) external {
        Licence storage licence = _licences[licenceId];
        if (licence.termsId == 0) revert LicenceUnknown(licenceId);
        if (licence.revoked) revert LicenceIsRevoked(licenceId);
        bytes32 assetId = _terms[licence.termsId].assetId;
        if (
            msg.sender != registry.ownerOf(uint256(assetId)) && !parameters.isArbiter(msg.sender)
        ) revert NotLicensor(assetId, msg.sender);
        licence.revoked = true;
        emit LicenceRevoked(
            _record(abi.encode(LicenceRevoked.selector, licenceId, reason)),
            licenceId,
            reason
        );
    }

    /// @notice The royalty share that a derivative of an asset owes under a licence; reverts, with
    /// the reason, when the licence does not allow this licensee a derivative now.
    /// @param licenceId The licence.
    /// @param licensee Who wants to make the derivative.
    /// @param assetId The asset it would be made from.
    /// @return royaltyShareE8 Parts per hundred million.
    function derivativeShareOf(
        uint256 licenceId,
        address licensee,
        bytes32 assetId
    ) external view returns (uint32 royaltyShareE8) {
        if (_ownerOf(licenceId) != licensee) revert LicenceNotHeld(licenceId, licensee);
        Licence storage licence = _licences[licenceId];
        Terms storage terms = _terms[licence.termsId];
        if (terms.assetId != assetId) revert LicenceOfOtherAsset(licenceId, assetId);
        if (licence.revoked) revert LicenceIsRevoked(licenceId);
        uint64 expiresAt = licence.expiresAtSeconds;
        if (expiresAt != 0 && expiresAt <= block.timestamp) {
            revert LicenceIsExpired(licenceId, expiresAt);
        }
        if (!terms.derivativesAllowed) revert DerivativesNotAllowed(licenceId);
        return terms.royaltyShareE8;
    }

    /// @notice Terms as they were offered.
    /// @param termsId The terms.
    function termsOf(uint256 termsId) external view returns (Terms memory) {
        return _terms[termsId];
    }

    /// @notice A licence: its terms, its end and whether it was revoked.
    /// @param licenceId The licence.
    function licenceOf(uint256 licenceId) external view returns (Licence memory) {
        return _licences[licenceId];
    }

    /// @dev Terms hold only while their licensor owns the asset: a former owner's cheap terms must
    /// not bind the next one.
    function _grant(
        uint256 termsId,
        address licensee,
        uint256 price
    ) private returns (uint256 licenceId) {
        Terms storage terms = _terms[termsId];
        bytes32 assetId = terms.assetId;
        bool open = terms.licensor != address(0) &&
            !terms.withdrawn &&
            registry.ownerOf(uint256(assetId)) == terms.licensor;
        if (!open) revert TermsNotOpen(termsId);
        licenceId = ++licenceCount;
        uint64 expiresAtSeconds = terms.durationSeconds == 0
            ? 0
            : uint64(block.timestamp) + terms.durationSeconds;
        _licences[licenceId] = Licence(termsId, expiresAtSeconds, false);
        emit LicenceGranted(
            _record(
                abi.encode(
                    LicenceGranted.selector,
                    licenceId,
                    termsId,
                    licensee,
                    assetId,
                    price,
                    expiresAtSeconds
                )
            ),
            licenceId,
            termsId,
            licensee,
            assetId,
            price,
            expiresAtSeconds
        );
        _mint(licensee, licenceId);
    }

    function _emitOffered(uint256 termsId, string calldata uri) private {
        Terms memory terms = _terms[termsId];
        bytes memory encoded = abi.encode(
            LicenceTermsOffered.selector,
            termsId,
            terms.assetId,
            terms.licensor,
            terms.price,
            terms.royaltyShareE8,
            terms.commercialUse,
            terms.derivativesAllowed,
            terms.durationSeconds,
            uri
        );
        emit LicenceTermsOffered(
            _record(encoded),
            termsId,
            terms.assetId,
            terms.licensor,
            terms.price,
            terms.royaltyShareE8,
            terms.commercialUse,
            terms.derivativesAllowed,
            terms.durationSeconds,
            uri
        );
    }

    /// @dev Emits the twin of ERC-721's Transfer (mints come from the zero address); a revoked
    /// licence cannot be passed on.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        if (_licences[tokenId].revoked) revert LicenceIsRevoked(tokenId);
        from = super._update(to, tokenId, auth);
        emit LicenceTransferred(
            _record(abi.encode(LicenceTransferred.selector, tokenId, from, to)),
            tokenId,
            from,
            to
        );
    }
}
