// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title A contract that a subgraph learns of while it indexes
contract FuzzChild {
    event Poked(uint256 indexed subject, int256 amount, string note);

    /// @dev The first event comes before anybody could have heard of the contract.
    constructor(uint256 subject, int256 amount) {
        emit Poked(subject, amount, "born");
    }

    function poke(uint256 subject, int256 amount, string calldata note) external {
        emit Poked(subject, amount, note);
    }
}

/// @title Emits whatever it is told to
contract Fuzz {
    struct Step {
        uint8 action;
        uint256 subject;
        uint256 other;
        int256 a;
        int256 b;
        string text;
        bytes payload;
    }

    struct Shape {
        uint8 kind;
        string label;
        int128[] values;
    }

    uint256 public stepCount;

    event Stepped(
        uint8 indexed action,
        uint256 indexed subject,
        uint256 other,
        int256 a,
        int256 b,
        string text,
        bytes payload
    );
    event Shaped(
        uint256 indexed subject,
        Shape shape,
        bytes32[] hashes,
        address who,
        bool flag,
        string indexed hidden
    );
    event Noted(uint256 indexed subject);
    event Noted(uint256 indexed subject, string text);
    event Spawned(address indexed child, uint256 indexed subject);

    error Unanswerable(uint256 question);

    function play(Step[] calldata steps) external {
        for (uint256 i = 0; i < steps.length; i++) {
            Step calldata step = steps[i];
            stepCount++;
            emit Stepped(
                step.action,
                step.subject,
                step.other,
                step.a,
                step.b,
                step.text,
                step.payload
            );
        }
    }

    function shape(
        uint256 subject,
        Shape calldata shape_,
        bytes32[] calldata hashes,
        bool flag,
        string calldata hidden
    ) external {
        emit Shaped(subject, shape_, hashes, msg.sender, flag, hidden);
        emit Noted(subject);
        emit Noted(subject, hidden);
    }

    function spawn(uint256 subject, int256 amount) external {
        FuzzChild child = new FuzzChild(subject, amount);
        emit Spawned(address(child), subject);
        child.poke(subject, amount, "in the same transaction");
    }

    function answer(
        uint256 question
    ) external view returns (uint256 count, int256[] memory parts, string memory text) {
        if (question % 5 == 0) revert Unanswerable(question);
        parts = new int256[](question % 5);
        for (uint256 i = 0; i < parts.length; i++) parts[i] = int256(i) - int256(stepCount);
        return (stepCount + question, parts, "answered");
    }
}
