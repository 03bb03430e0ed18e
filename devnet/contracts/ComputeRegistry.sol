// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Accumulator} from "./Accumulator.sol";
import {Governed} from "./Governed.sol";
import {ProtocolParameters} from "./ProtocolParameters.sol";
import {RewardDistributor} from "./RewardDistributor.sol";

/// @title Compute providers, their stake and their batches of receipts
/// @notice A provider signs receipts off chain with its signing keys and anchors their digests
/// here. Its stake answers for them: it is slashed into the current epoch's budget.
contract ComputeRegistry is Governed, Accumulator, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Provider {
        bool registered;
        uint64 lastAnchoredAtSeconds;
        uint256 stake;
    }

    /// @notice The most receipts of one batch.
    uint256 public constant BATCH_COUNT_MAX = 512;

    /// @notice Where slashed stake goes.
    RewardDistributor public immutable distributor;
    /// @notice The protocol's token, in which stakes are.
    IERC20 public immutable token;

    /// @notice How many batches were anchored; ids count from 1.
    uint256 public batchCount;

    mapping(address provider => Provider) private _providers;
    mapping(address provider => mapping(address signer => bool active)) private _signers;
    mapping(uint256 batchId => bytes32 root) private _batchRoots;

    event ProviderRegistered(
        uint64 sequence,
        address indexed provider,
        string name,
        string endpoint
    );
    event SigningKeySet(
        uint64 sequence,
        address indexed provider,
        address indexed signer,
        bool active
    );
    event StakeChanged(
        uint64 sequence,
        address indexed provider,
        int256 change,
        uint256 stake
    );
    event ProviderSlashed(
        uint64 sequence,
        address indexed provider,
        uint256 amount,
        uint256 stake,
        bytes32 evidenceHash
    );
    event BatchAnchored(
        uint64 sequence,
        uint256 indexed batchId,
        address indexed provider,
        bytes32 root,
        uint256 feeTotal,
        bytes32[] digests,
        bytes receipts
    );

    error ZeroAmount();
    error ZeroSigner();
    error ProviderAlreadyRegistered(address provider);
    error ProviderNotRegistered(address provider);
    error SigningKeyUnchanged(address provider, address signer);
    error StakeTooLow(address provider, uint256 stake, uint256 stakeMin);
    error StakeExceeded(address provider, uint256 amount, uint256 stake);
    error StakeStillLiable(address provider, uint256 untilSeconds);
    error BatchCountOutOfBounds(uint256 count);
    error LeavesNotAscending(uint256 index);
    error RootMismatch(bytes32 expected, bytes32 found);

    modifier onlyProvider() {
        if (!_providers[msg.sender].registered) revert ProviderNotRegistered(msg.sender);
        _;
    }

    /// @param parameters_ The protocol's parameters.
    /// @param distributor_ Where slashed stake goes.
    /// @param token_ The protocol's token, in which stakes are.
    constructor(
        ProtocolParameters parameters_,
        RewardDistributor distributor_,
        IERC20 token_
    ) Governed(parameters_) {
        distributor = distributor_;
        token = token_;
        token_.forceApprove(address(distributor_), type(uint256).max);
    }

    /// @notice Registers the caller as a provider.
    /// @param name Its name for people.
    /// @param endpoint Where it takes jobs.
    function registerProvider(string calldata name, string calldata endpoint) external {
        if (_providers[msg.sender].registered) revert ProviderAlreadyRegistered(msg.sender);
        _providers[msg.sender].registered = true;
        emit ProviderRegistered(
            _record(abi.encode(ProviderRegistered.selector, msg.sender, name, endpoint)),
            msg.sender,
            name,
            endpoint
        );
    }

    /// @notice Adds or removes a key that signs receipts for the caller. A key may sign for several
    /// providers: a receipt names its provider, so no signature can be used by another.
    /// @param signer The key's address.
    /// @param active Whether the key signs from now on.
    function setSigningKey(address signer, bool active) external onlyProvider {
        if (signer == address(0)) revert ZeroSigner();
        if (_signers[msg.sender][signer] == active) revert SigningKeyUnchanged(msg.sender, signer);
        _signers[msg.sender][signer] = active;
        emit SigningKeySet(
            _record(abi.encode(SigningKeySet.selector, msg.sender, signer, active)),
            msg.sender,
            signer,
            active
        );
    }

    /// @notice Adds to the caller's stake.
    /// @param amount How much, taken from the caller. Unit: token base units.
    function addStake(uint256 amount) external onlyProvider nonReentrant {
        if (amount == 0) revert ZeroAmount();
        _changeStake(
            msg.sender,
            SafeCast.toInt256(amount),
            _providers[msg.sender].stake + amount
        );
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Takes back a part of the caller's stake, once it no longer answers for a batch.
    /// @param amount How much. Unit: token base units.
    function withdrawStake(uint256 amount) external onlyProvider nonReentrant {
        Provider storage provider = _providers[msg.sender];
        if (amount == 0) revert ZeroAmount();
        if (amount > provider.stake) revert StakeExceeded(msg.sender, amount, provider.stake);
        uint256 until = provider.lastAnchoredAtSeconds + parameters.withdrawalDelaySeconds();
        if (block.timestamp < until) revert StakeStillLiable(msg.sender, until);
        _changeStake(msg.sender, -SafeCast.toInt256(amount), provider.stake - amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice Takes a part of a provider's stake for the current epoch's budget; the arbiter or
    /// the governor only. The change is reported as a change of stake as well.
    /// @param provider The provider.
    /// @param amount How much. Unit: token base units.
    /// @param evidenceHash The hash of the evidence.
    function slash(
        address provider,
        uint256 amount,
        bytes32 evidenceHash
    ) external onlyArbiter nonReentrant {
        uint256 stake = _providers[provider].stake;
        if (amount == 0) revert ZeroAmount();
        if (amount > stake) revert StakeExceeded(provider, amount, stake);
        _changeStake(provider, -SafeCast.toInt256(amount), stake - amount);
        emit ProviderSlashed(
            _record(
                abi.encode(
                    ProviderSlashed.selector,
                    provider,
                    amount,
                    stake - amount,
                    evidenceHash
                )
            ),
            provider,
            amount,
            stake - amount,
            evidenceHash
        );
        distributor.fund(amount);
    }

    /// @notice Anchors a batch of the caller's receipts.
    /// @dev The root is that of OpenZeppelin's standard tree over [bytes32 digest]; digests come in
    /// the order of their leaves, so none is there twice and the tree is built without sorting.
    /// @param root The Merkle root, which must be that of `digests`.
    /// @param feeTotal The sum of the receipts' fees. Unit: token base units.
    /// @param digests The EIP-712 digests of the receipts, by ascending leaf.
    /// @param receipts The encoded receipts in the order of `digests`; empty when the bodies travel
    /// off chain.
    /// @return batchId The id of the batch.
    function anchorBatch(
        bytes32 root,
        uint256 feeTotal,
        bytes32[] calldata digests,
        bytes calldata receipts
    ) external onlyProvider returns (uint256 batchId) {
        Provider storage provider = _providers[msg.sender];
        uint256 stakeMin = parameters.providerStakeMin();
        if (provider.stake < stakeMin) revert StakeTooLow(msg.sender, provider.stake, stakeMin);
        bytes32 found = batchRootOf(digests);
        if (root != found) revert RootMismatch(root, found);
        provider.lastAnchoredAtSeconds = uint64(block.timestamp);
        batchId = ++batchCount;
        _batchRoots[batchId] = root;
        _emitAnchored(batchId, root, feeTotal, digests, receipts);
    }

    /// @notice The root of OpenZeppelin's standard tree over digests given by ascending leaf.
    /// @param digests 1 to BATCH_COUNT_MAX digests.
    function batchRootOf(bytes32[] calldata digests) public pure returns (bytes32) {
        uint256 count = digests.length;
        if (count == 0 || count > BATCH_COUNT_MAX) revert BatchCountOutOfBounds(count);
        bytes32[] memory tree = new bytes32[](2 * count - 1);
        for (uint256 i = 0; i < count; i++) {
            bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(digests[i]))));
            if (i > 0 && tree[2 * count - 1 - i] >= leaf) revert LeavesNotAscending(i);
            tree[2 * count - 2 - i] = leaf;
        }
        for (uint256 i = count - 1; i > 0; i--) {
            tree[i - 1] = Hashes.commutativeKeccak256(tree[2 * i - 1], tree[2 * i]);
        }
        return tree[0];
    }

    /// @notice The root of a batch; 0 when it is unknown.
    /// @param batchId The batch.
    function batchRootById(uint256 batchId) external view returns (bytes32) {
        return _batchRoots[batchId];
    }

    /// @notice A provider: whether it is registered, when it last anchored, and its stake.
    /// @param provider The provider.
    function providerOf(address provider) external view returns (Provider memory) {
        return _providers[provider];
    }

    /// @notice Whether a key signs for a provider now.
    /// @param provider The provider.
    /// @param signer The key's address.
    function isSigner(address provider, address signer) external view returns (bool) {
        return _signers[provider][signer];
    }

    function _changeStake(address provider, int256 change, uint256 stake) private {
        _providers[provider].stake = stake;
        emit StakeChanged(
            _record(abi.encode(StakeChanged.selector, provider, change, stake)),
            provider,
            change,
            stake
        );
    }

    function _emitAnchored(
        uint256 batchId,
        bytes32 root,
        uint256 feeTotal,
        bytes32[] calldata digests,
        bytes calldata receipts
    ) private {
        bytes memory encoded = abi.encode(
            BatchAnchored.selector,
            batchId,
            msg.sender,
            root,
            feeTotal,
            digests,
            receipts
        );
        emit BatchAnchored(
            _record(encoded),
            batchId,
            msg.sender,
            root,
            feeTotal,
            digests,
            receipts
        );
    }
}
