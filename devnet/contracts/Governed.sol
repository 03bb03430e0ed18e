// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ProtocolParameters} from "./ProtocolParameters.sol";

/// @title Access control through the protocol's parameters
/// @notice The governor and the arbiter are named in one place, so that a vote changes them for
/// every contract at once.
abstract contract Governed {
    /// @notice The protocol's parameters.
    ProtocolParameters public immutable parameters;

    error NotGovernor(address account);
    error NotArbiter(address account);

    /// @param parameters_ The protocol's parameters.
    constructor(ProtocolParameters parameters_) {
        parameters = parameters_;
    }

    modifier onlyGovernor() {
        if (msg.sender != parameters.governor()) revert NotGovernor(msg.sender);
        _;
    }

    modifier onlyArbiter() {
        if (!parameters.isArbiter(msg.sender)) revert NotArbiter(msg.sender);
        _;
    }
}
