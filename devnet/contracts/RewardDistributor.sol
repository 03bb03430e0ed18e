// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {Governed} from "./Governed.sol";
import {EpochRoots} from "./EpochRoots.sol";
import {ProtocolGovernor} from "./ProtocolGovernor.sol";
import {ProtocolParameters} from "./ProtocolParameters.sol";

/// @title Rulesets, epoch rewards and claims
/// @notice Fees and donations fund the current epoch. Off chain, the rewards of a closed epoch are
/// computed under the published ruleset; on chain, their root waits out its challenge and is then
/// claimed against. Leaves are cumulative: one proof pays everything that is still owed.
contract RewardDistributor is EpochRoots {
    using SafeERC20 for IERC20;

    /// @notice The number of the newest ruleset; 0 before the first.
    uint32 public rulesetVersion;
    /// @notice The first epoch under the newest ruleset: a later version starts later.
    uint32 public rulesetActiveFromEpoch;
    /// @notice Who publishes the first ruleset; later ones are the governor's.
    address public immutable publisher;
    /// @notice Everything ever claimed. Unit: token base units.
    uint256 public claimedTotal;

    mapping(uint32 version => bytes32 hash) private _rulesetHashes;
    mapping(address account => mapping(address token => uint256 amount)) private _claimed;

    event RulesetPublished(
        uint64 sequence,
        uint32 indexed version,
        uint32 activeFromEpoch,
        bytes32 rulesetHash,
        string ruleset
    );
    event RewardClaimed(
        uint64 sequence,
        address indexed account,
        address indexed token,
        uint256 amount,
        uint256 cumulative
    );
    event ExclusionSet(
        uint64 sequence,
        address indexed account,
        uint256 indexed proposalId,
        uint32 fromEpoch,
        uint32 toEpoch,
        string reason
    );

    error NotPublisher(address account);
    error EpochOver(uint32 epoch, uint32 currentEpoch);
    error RulesetOutOfOrder(uint32 activeFromEpoch, uint32 previousActiveFromEpoch);
    error EpochRangeEmpty(uint32 fromEpoch, uint32 toEpoch);
    error TokenNotRewarded(address token);
    error NothingToClaim(address account, uint256 cumulative, uint256 claimed);
    error ProofInvalid(address account, uint256 cumulative);
    error ClaimsExceedTotal(uint256 claimedTotal, uint256 cumulativeTotal);

    /// @param parameters_ The protocol's parameters.
    /// @param token_ The token that rewards are paid in.
    /// @param publisher_ Who publishes the first ruleset.
    /// @param firstBlock_ The first block of epoch 1.
    /// @param epochBlockCount_ How many blocks an epoch has.
    constructor(
        ProtocolParameters parameters_,
        IERC20 token_,
        address publisher_,
        uint64 firstBlock_,
        uint64 epochBlockCount_
    ) Governed(parameters_) EpochRoots(token_, firstBlock_, epochBlockCount_) {
        publisher = publisher_;
    }

    /// @notice Publishes the next ruleset: the first by the publisher, later ones by the governor.
    /// A ruleset is never edited; but for the first, it starts in an epoch that has not begun and
    /// after its predecessor.
    /// @param activeFromEpoch The first epoch computed under it.
    /// @param ruleset Its canonical JSON, whose keccak256 is recorded.
    function publishRuleset(uint32 activeFromEpoch, string calldata ruleset) external {
        uint32 version = ++rulesetVersion;
        if (version == 1) {
            if (msg.sender != publisher) revert NotPublisher(msg.sender);
        } else {
            if (msg.sender != parameters.governor()) revert NotGovernor(msg.sender);
            uint32 epoch = currentEpoch();
            if (activeFromEpoch <= epoch) revert EpochOver(activeFromEpoch, epoch);
            if (activeFromEpoch <= rulesetActiveFromEpoch) {
                revert RulesetOutOfOrder(activeFromEpoch, rulesetActiveFromEpoch);
            }
        }
        rulesetActiveFromEpoch = activeFromEpoch;
        bytes32 rulesetHash = keccak256(bytes(ruleset));
        _rulesetHashes[version] = rulesetHash;
        emit RulesetPublished(
            _record(
                abi.encode(
                    RulesetPublished.selector,
                    version,
                    activeFromEpoch,
                    rulesetHash,
                    ruleset
                )
            ),
            version,
            activeFromEpoch,
            rulesetHash,
            ruleset
        );
    }

    /// @notice Excludes an account from the rewards of some epochs; only as an act of a proposal,
    /// whose id is recorded.
    /// @param account Who is excluded.
    /// @param fromEpoch The first epoch.
    /// @param toEpoch The last epoch.
    /// @param reason Why, for people.
    function setExclusion(
        address account,
        uint32 fromEpoch,
        uint32 toEpoch,
        string calldata reason
    ) external onlyGovernor {
        if (fromEpoch == 0 || fromEpoch > toEpoch) revert EpochRangeEmpty(fromEpoch, toEpoch);
        uint256 proposalId = ProtocolGovernor(payable(msg.sender)).executingProposalId();
        emit ExclusionSet(
            _record(
                abi.encode(
                    ExclusionSet.selector,
                    account,
                    proposalId,
                    fromEpoch,
                    toEpoch,
                    reason
                )
            ),
            account,
            proposalId,
            fromEpoch,
            toEpoch,
            reason
        );
    }

    /// @notice Pays an account what the active root owes it beyond what it has claimed. Anybody may
    /// call; the tokens go to the account.
    /// @param account The account of the leaf.
    /// @param token_ The token of the leaf: the one that rewards are paid in.
    /// @param cumulative The cumulative amount of the leaf. Unit: token base units.
    /// @param proof The Merkle proof of the leaf (OpenZeppelin standard-v1).
    function claim(
        address account,
        address token_,
        uint256 cumulative,
        bytes32[] calldata proof
    ) external nonReentrant {
        if (token_ != address(token)) revert TokenNotRewarded(token_);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, token_, cumulative))));
        if (!MerkleProof.verifyCalldata(proof, activeRoot(), leaf)) {
            revert ProofInvalid(account, cumulative);
        }
        uint256 before = _claimed[account][token_];
        if (cumulative <= before) revert NothingToClaim(account, cumulative, before);
        uint256 amount = cumulative - before;
        uint256 total = claimedTotal + amount;
        uint256 cumulativeTotal = rootOf(lastActiveEpoch).cumulativeTotal;
        if (total > cumulativeTotal) revert ClaimsExceedTotal(total, cumulativeTotal);
        _claimed[account][token_] = cumulative;
        claimedTotal = total;
        emit RewardClaimed(
            _record(abi.encode(RewardClaimed.selector, account, token_, amount, cumulative)),
            account,
            token_,
            amount,
            cumulative
        );
        token.safeTransfer(account, amount);
    }

    /// @notice What an account has claimed so far. Unit: token base units.
    /// @param account The account.
    /// @param token_ The token.
    function claimed(address account, address token_) external view returns (uint256) {
        return _claimed[account][token_];
    }

    /// @notice The keccak256 of a ruleset's canonical JSON; 0 when it is unknown.
    /// @param version The ruleset.
    function rulesetHashOf(uint32 version) external view returns (bytes32) {
        return _rulesetHashes[version];
    }

    function _claimedTotal() internal view override returns (uint256) {
        return claimedTotal;
    }
}
