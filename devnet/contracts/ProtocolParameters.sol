// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Accumulator} from "./Accumulator.sol";

/// @title The parameters that governance may change
/// @notice Only the governor sets a value, only known keys exist, and every key has its bounds.
contract ProtocolParameters is Accumulator {
    /// @notice The protocol's fee on usage, licence and sale payments. Unit: basis points.
    bytes32 public constant FEE_BPS = "feeBps";
    /// @notice How long a proposed epoch root can be challenged. Unit: seconds.
    bytes32 public constant CHALLENGE_SECONDS = "challengeSeconds";
    /// @notice What a dispute or a challenge puts at stake. Unit: token base units.
    bytes32 public constant DISPUTE_BOND = "disputeBond";
    /// @notice What a provider must have at stake to anchor receipts. Unit: token base units.
    bytes32 public constant PROVIDER_STAKE_MIN = "providerStakeMin";
    /// @notice How long a provider's stake answers for its last batch. Unit: seconds.
    bytes32 public constant WITHDRAWAL_DELAY_SECONDS = "withdrawalDelaySeconds";
    /// @notice The account that rules on disputes, challenges and slashing, besides the governor.
    bytes32 public constant ARBITER = "arbiter";
    /// @notice The account that proposes epoch roots.
    bytes32 public constant ROOT_PROPOSER = "rootProposer";

    /// @notice The protocol's governor: the only account that sets parameters.
    address public immutable governor;

    mapping(bytes32 key => uint256 value) private _values;

    event ParameterSet(uint64 sequence, bytes32 indexed key, uint256 previousValue, uint256 value);

    error NotGovernor(address account);
    error ParameterUnknown(bytes32 key);
    error ParameterOutOfBounds(bytes32 key, uint256 value, uint256 min, uint256 max);
    error ParameterCountMismatch(uint256 keyCount, uint256 valueCount);

    /// @param governor_ The protocol's governor.
    /// @param keys The parameters to set at first.
    /// @param values Their values, in the order of `keys`.
    constructor(address governor_, bytes32[] memory keys, uint256[] memory values) {
        governor = governor_;
        if (keys.length != values.length) revert ParameterCountMismatch(keys.length, values.length);
        for (uint256 i = 0; i < keys.length; i++) {
            _set(keys[i], values[i]);
        }
    }

    /// @notice Sets a parameter; the governor only.
    /// @param key The parameter's ASCII name padded to 32 bytes.
    /// @param value Its new value, within the key's bounds.
    function set(bytes32 key, uint256 value) external {
        if (msg.sender != governor) revert NotGovernor(msg.sender);
        _set(key, value);
    }

    /// @notice The value of a parameter; 0 when it was never set.
    /// @param key The parameter's ASCII name padded to 32 bytes.
    function get(bytes32 key) external view returns (uint256) {
        return _values[key];
    }

    /// @notice The protocol's fee. Unit: basis points.
    function feeBps() external view returns (uint256) {
        return _values[FEE_BPS];
    }

    /// @notice How long a proposed epoch root can be challenged. Unit: seconds.
    function challengeSeconds() external view returns (uint256) {
        return _values[CHALLENGE_SECONDS];
    }

    /// @notice What a dispute or a challenge puts at stake. Unit: token base units.
    function disputeBond() external view returns (uint256) {
        return _values[DISPUTE_BOND];
    }

    /// @notice What a provider must have at stake to anchor receipts. Unit: token base units.
    function providerStakeMin() external view returns (uint256) {
        return _values[PROVIDER_STAKE_MIN];
    }

    /// @notice How long a provider's stake answers for its last batch. Unit: seconds.
    function withdrawalDelaySeconds() external view returns (uint256) {
        return _values[WITHDRAWAL_DELAY_SECONDS];
    }

    /// @notice The account that proposes epoch roots.
    function rootProposer() external view returns (address) {
        return address(uint160(_values[ROOT_PROPOSER]));
    }

    /// @notice Whether an account may rule on disputes, challenges and slashing.
    /// @param account The account asked about.
    function isArbiter(address account) external view returns (bool) {
        return account == governor || account == address(uint160(_values[ARBITER]));
    }

    function _set(bytes32 key, uint256 value) private {
        (uint256 min, uint256 max) = _boundsOf(key);
        if (value < min || value > max) revert ParameterOutOfBounds(key, value, min, max);
        uint256 previousValue = _values[key];
        _values[key] = value;
        emit ParameterSet(
            _record(abi.encode(ParameterSet.selector, key, previousValue, value)),
            key,
            previousValue,
            value
        );
    }

    function _boundsOf(bytes32 key) private pure returns (uint256 min, uint256 max) {
        if (key == FEE_BPS) return (0, 2000);
        if (key == CHALLENGE_SECONDS) return (1, 30 days);
        if (key == DISPUTE_BOND) return (0, type(uint96).max);
        if (key == PROVIDER_STAKE_MIN) return (1, type(uint96).max);
        if (key == WITHDRAWAL_DELAY_SECONDS) return (0, 365 days);
        if (key == ARBITER || key == ROOT_PROPOSER) return (1, type(uint160).max);
        revert ParameterUnknown(key);
    }
}
