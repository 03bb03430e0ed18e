// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

import {Accumulator} from "./Accumulator.sol";
import {ProposalOutcome} from "./Words.sol";

/// @title The protocol's governor
/// @notice OpenZeppelin's governor over the votes token. Proposals execute directly, and what they
/// call can ask which proposal is being executed.
contract ProtocolGovernor is
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotesQuorumFraction,
    Accumulator
{
    /// @notice The proposal being executed in this transaction; 0 outside of an execution.
    uint256 public transient executingProposalId;

    event ProposalSubmitted(
        uint64 sequence,
        uint256 indexed proposalId,
        address indexed proposer,
        uint256 voteStartBlock,
        uint256 voteEndBlock,
        string description
    );
    event VoteRecorded(
        uint64 sequence,
        uint256 indexed proposalId,
        address indexed voter,
        uint8 support,
        uint256 weight,
        string reason
    );
    event ProposalSettled(uint64 sequence, uint256 indexed proposalId, uint8 outcome);

    /// @param token_ The votes token.
    /// @param votingDelayBlockCount How many blocks pass before a vote starts.
    /// @param votingPeriodBlockCount How many blocks a vote lasts.
    /// @param proposalThreshold_ The votes that a proposer needs.
    /// @param quorumPercent The part of all votes that must take part.
    constructor(
        IVotes token_,
        uint48 votingDelayBlockCount,
        uint32 votingPeriodBlockCount,
        uint256 proposalThreshold_,
        uint256 quorumPercent
    )
        Governor("Foggara governor")
        GovernorSettings(votingDelayBlockCount, votingPeriodBlockCount, proposalThreshold_)
        GovernorVotes(token_)
        GovernorVotesQuorumFraction(quorumPercent)
    {}

    /// @notice The votes that a proposer needs.
    function proposalThreshold()
        public
        view
        override(Governor, GovernorSettings)
        returns (uint256)
    {
        return super.proposalThreshold();
    }

    /// @dev Emits the twin of OpenZeppelin's ProposalCreated.
    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override returns (uint256 proposalId) {
        proposalId = super._propose(targets, values, calldatas, description, proposer);
        uint256 start = proposalSnapshot(proposalId);
        uint256 end = proposalDeadline(proposalId);
        emit ProposalSubmitted(
            _record(
                abi.encode(
                    ProposalSubmitted.selector,
                    proposalId,
                    proposer,
                    start,
                    end,
                    description
                )
            ),
            proposalId,
            proposer,
            start,
            end,
            description
        );
    }

    /// @dev Emits the twin of OpenZeppelin's VoteCast.
    function _castVote(
        uint256 proposalId,
        address account,
        uint8 support,
        string memory reason,
        bytes memory params
    ) internal override returns (uint256 weight) {
        weight = super._castVote(proposalId, account, support, reason, params);
        emit VoteRecorded(
            _record(
                abi.encode(VoteRecorded.selector, proposalId, account, support, weight, reason)
            ),
            proposalId,
            account,
            support,
            weight,
            reason
        );
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override {
        uint256 outer = executingProposalId;
        executingProposalId = proposalId;
        _emitSettled(proposalId, ProposalOutcome.EXECUTED);
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
        executingProposalId = outer;
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override returns (uint256 proposalId) {
        proposalId = super._cancel(targets, values, calldatas, descriptionHash);
        _emitSettled(proposalId, ProposalOutcome.CANCELLED);
    }

    function _emitSettled(uint256 proposalId, ProposalOutcome outcome) private {
        emit ProposalSettled(
            _record(abi.encode(ProposalSettled.selector, proposalId, outcome)),
            proposalId,
            uint8(outcome)
        );
    }
}
