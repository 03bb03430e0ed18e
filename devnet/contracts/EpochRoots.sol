// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Accumulator} from "./Accumulator.sol";
import {Governed} from "./Governed.sol";

/// @title The funding of epochs and the life of their roots
/// @notice proposed -> challengeable -> active. Roots are proposed and activated in the order of
/// their epochs; an upheld challenge drops the root and every later one that built on it.
abstract contract EpochRoots is Governed, Accumulator, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    enum Status {
        NONE,
        PROPOSED,
        CHALLENGED,
        ACTIVE,
        REJECTED
    }

    struct Root {
        Status status;
        uint64 challengeEndsAtSeconds;
        address challenger;
        uint256 bond;
        bytes32 root;
        bytes32 manifestHash;
        /// The sum of the leaves' cumulative amounts.
        uint256 cumulativeTotal;
        /// The funding of this and all earlier epochs: what may be paid at most.
        uint256 fundedTotal;
    }

    /// @notice The most roots that may wait for activation: it bounds the gas of a rejection.
    uint32 public constant PENDING_COUNT_MAX = 16;

    /// @notice The token that rewards and bonds are in.
    IERC20 public immutable token;
    /// @notice The first block of epoch 1; what is funded before counts for epoch 1.
    uint64 public immutable firstBlock;
    /// @notice How many blocks an epoch has.
    uint64 public immutable epochBlockCount;

    /// @notice The newest epoch whose root was proposed and not rejected.
    uint32 public lastProposedEpoch;
    /// @notice The newest epoch whose root is active.
    uint32 public lastActiveEpoch;

    mapping(uint32 epoch => uint256 amount) private _funded;
    mapping(uint32 epoch => Root) private _roots;

    event EpochFunded(
        uint64 sequence,
        uint32 indexed epoch,
        address indexed funder,
        uint256 amount
    );
    event EpochRootProposed(
        uint64 sequence,
        uint32 indexed epoch,
        address indexed proposer,
        bytes32 root,
        bytes32 manifestHash,
        uint256 cumulativeTotal,
        uint64 challengeEndsAtSeconds
    );
    event EpochRootChallenged(
        uint64 sequence,
        uint32 indexed epoch,
        address indexed challenger,
        bytes32 evidenceHash
    );
    event EpochRootRejected(uint64 sequence, uint32 indexed epoch, bytes32 root);
    event EpochRootActivated(uint64 sequence, uint32 indexed epoch, bytes32 root);

    error ZeroAmount();
    error ZeroRoot();
    error ZeroEpochBlockCount();
    error NotProposer(address account);
    error EpochNotNext(uint32 epoch, uint32 expected);
    error EpochNotClosed(uint32 epoch, uint256 lastBlock);
    error PendingCountExceeded();
    error CumulativeDecreased(uint256 cumulativeTotal, uint256 previous);
    error CumulativeExceedsFunds(uint256 cumulativeTotal, uint256 funds);
    error RootNotProposed(uint32 epoch);
    error RootNotChallenged(uint32 epoch);
    error ChallengeStillOpen(uint32 epoch, uint64 challengeEndsAtSeconds);
    error ChallengeOver(uint32 epoch, uint64 challengeEndsAtSeconds);

    /// @param token_ The token that rewards and bonds are in.
    /// @param firstBlock_ The first block of epoch 1.
    /// @param epochBlockCount_ How many blocks an epoch has.
    constructor(IERC20 token_, uint64 firstBlock_, uint64 epochBlockCount_) {
        if (epochBlockCount_ == 0) revert ZeroEpochBlockCount();
        token = token_;
        firstBlock = firstBlock_;
        epochBlockCount = epochBlockCount_;
    }

    /// @notice Adds to the budget of the current epoch.
    /// @param amount How much, taken from the caller. Unit: token base units.
    function fund(uint256 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        _fund(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Proposes the root of the next closed epoch; the proposer only.
    /// @param epoch The epoch after the last proposed one.
    /// @param root The Merkle root over [account, token, cumulative].
    /// @param manifestHash The hash of the manifest of the calculation.
    /// @param cumulativeTotal The sum of all leaves' cumulative amounts: it never decreases and
    /// never exceeds what the epochs up to this one were funded with.
    function proposeRoot(
        uint32 epoch,
        bytes32 root,
        bytes32 manifestHash,
        uint256 cumulativeTotal
    ) external {
        if (msg.sender != proposerOf()) revert NotProposer(msg.sender);
        if (root == 0) revert ZeroRoot();
        uint32 expected = lastProposedEpoch + 1;
        if (epoch != expected) revert EpochNotNext(epoch, expected);
        uint256 lastBlock = firstBlock + uint256(epoch) * epochBlockCount - 1;
        if (block.number <= lastBlock) revert EpochNotClosed(epoch, lastBlock);
        if (lastProposedEpoch - lastActiveEpoch >= PENDING_COUNT_MAX) revert PendingCountExceeded();
        Root storage previous = _roots[epoch - 1];
        uint256 fundedTotal = previous.fundedTotal + _funded[epoch];
        _requirePayable(cumulativeTotal, previous.cumulativeTotal, fundedTotal);
        uint64 endsAt = uint64(block.timestamp + parameters.challengeSeconds());
        lastProposedEpoch = epoch;
        _roots[epoch] = Root({
            status: Status.PROPOSED,
            challengeEndsAtSeconds: endsAt,
            challenger: address(0),
            bond: 0,
            root: root,
            manifestHash: manifestHash,
            cumulativeTotal: cumulativeTotal,
            fundedTotal: fundedTotal
        });
        emit EpochRootProposed(
            _record(
                abi.encode(
                    EpochRootProposed.selector,
                    epoch,
                    msg.sender,
                    root,
                    manifestHash,
                    cumulativeTotal,
                    endsAt
                )
            ),
            epoch,
            msg.sender,
            root,
            manifestHash,
            cumulativeTotal,
            endsAt
        );
    }

    /// @notice Challenges a proposed root while that is possible, and takes the bond from the
    /// caller.
    /// @param epoch The epoch.
    /// @param evidenceHash The hash of the evidence.
    function challengeRoot(uint32 epoch, bytes32 evidenceHash) external nonReentrant {
        Root storage proposed = _roots[epoch];
        if (proposed.status != Status.PROPOSED) revert RootNotProposed(epoch);
        uint64 endsAt = proposed.challengeEndsAtSeconds;
        if (block.timestamp >= endsAt) revert ChallengeOver(epoch, endsAt);
        uint256 bond = parameters.disputeBond();
        proposed.status = Status.CHALLENGED;
        proposed.challenger = msg.sender;
        proposed.bond = bond;
        emit EpochRootChallenged(
            _record(
                abi.encode(EpochRootChallenged.selector, epoch, msg.sender, evidenceHash)
            ),
            epoch,
            msg.sender,
            evidenceHash
        );
        if (bond > 0) token.safeTransferFrom(msg.sender, address(this), bond);
    }

    /// @notice Rules on a challenge; the arbiter or the governor only. Upheld, the root and every
    /// later one are rejected and the bond comes back; refused, the bond funds the current epoch.
    /// @param epoch The epoch.
    /// @param upheld Whether the challenger is right.
    function resolveChallenge(uint32 epoch, bool upheld) external onlyArbiter nonReentrant {
        Root storage challenged = _roots[epoch];
        if (challenged.status != Status.CHALLENGED) revert RootNotChallenged(epoch);
        if (!upheld) {
            uint256 bond = challenged.bond;
            address challenger = challenged.challenger;
            challenged.status = Status.PROPOSED;
            challenged.bond = 0;
            challenged.challenger = address(0);
            if (bond > 0) _fund(challenger, bond);
            return;
        }
        uint32 last = lastProposedEpoch;
        lastProposedEpoch = epoch - 1;
        for (uint32 dropped = epoch; dropped <= last; dropped++) {
            _reject(dropped);
        }
    }

    /// @notice Activates the next root once its challenge is over and it stands unchallenged.
    /// Anybody may.
    /// @param epoch The epoch after the last active one.
    function activateRoot(uint32 epoch) external {
        uint32 expected = lastActiveEpoch + 1;
        if (epoch != expected) revert EpochNotNext(epoch, expected);
        Root storage proposed = _roots[epoch];
        if (proposed.status != Status.PROPOSED) revert RootNotProposed(epoch);
        uint64 endsAt = proposed.challengeEndsAtSeconds;
        if (block.timestamp < endsAt) revert ChallengeStillOpen(epoch, endsAt);
        proposed.status = Status.ACTIVE;
        lastActiveEpoch = epoch;
        emit EpochRootActivated(
            _record(abi.encode(EpochRootActivated.selector, epoch, proposed.root)),
            epoch,
            proposed.root
        );
    }

    /// @notice The root that claims are checked against; 0 before the first.
    function activeRoot() public view returns (bytes32) {
        return _roots[lastActiveEpoch].root;
    }

    /// @notice The epoch of the current block, from 1.
    function currentEpoch() public view returns (uint32) {
        if (block.number < firstBlock) return 1;
        return uint32(1 + (block.number - firstBlock) / epochBlockCount);
    }

    /// @notice The account that proposes epoch roots.
    function proposerOf() public view returns (address) {
        return parameters.rootProposer();
    }

    /// @notice What an epoch was funded with. Unit: token base units.
    /// @param epoch The epoch.
    function fundedOf(uint32 epoch) external view returns (uint256) {
        return _funded[epoch];
    }

    /// @notice The newest root that was proposed for an epoch, and what became of it.
    /// @param epoch The epoch.
    function rootOf(uint32 epoch) public view returns (Root memory) {
        return _roots[epoch];
    }

    /// @dev Everything ever claimed.
    function _claimedTotal() internal view virtual returns (uint256);

    function _fund(address funder, uint256 amount) private {
        uint32 epoch = currentEpoch();
        _funded[epoch] += amount;
        emit EpochFunded(
            _record(abi.encode(EpochFunded.selector, epoch, funder, amount)),
            epoch,
            funder,
            amount
        );
    }

    /// @dev The second bound follows from the first; it is checked against the real balance so
    /// that no fault in the books can promise more than is there.
    function _requirePayable(
        uint256 cumulativeTotal,
        uint256 previousTotal,
        uint256 fundedTotal
    ) private view {
        if (cumulativeTotal < previousTotal) {
            revert CumulativeDecreased(cumulativeTotal, previousTotal);
        }
        if (cumulativeTotal > fundedTotal) {
            revert CumulativeExceedsFunds(cumulativeTotal, fundedTotal);
        }
        uint256 held = _claimedTotal() + token.balanceOf(address(this));
        if (cumulativeTotal > held) revert CumulativeExceedsFunds(cumulativeTotal, held);
    }

    function _reject(uint32 epoch) private {
        Root storage dropped = _roots[epoch];
        uint256 bond = dropped.bond;
        dropped.status = Status.REJECTED;
        dropped.bond = 0;
        emit EpochRootRejected(
            _record(abi.encode(EpochRootRejected.selector, epoch, dropped.root)),
            epoch,
            dropped.root
        );
        if (bond > 0) token.safeTransfer(dropped.challenger, bond);
    }
}
