// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title A sequence number and a rolling hash over a contract's own events
/// @notice Whoever has read every event of the contract can recompute the pair and compare it with
/// one call: a missing, doubled or altered event cannot stay unnoticed.
abstract contract Accumulator {
    uint64 private _sequence;
    bytes32 private _hash;

    /// @notice How many events of its own the contract has emitted, and the hash over all of them.
    /// @dev hash' = keccak256(abi.encode(hash, sequence', keccak256(abi.encode(topic0, arguments)))),
    /// arguments in declared order without the leading sequence; (0, 0) before the first event.
    /// @return sequence The sequence number of the last event.
    /// @return hash The rolling hash after it.
    function accumulator() external view returns (uint64 sequence, bytes32 hash) {
        return (_sequence, _hash);
    }

    /// @dev Folds one event in and returns its sequence number. Call it inside the `emit` itself, so
    /// that the order of the sequence is the order of the logs.
    /// @param encoded abi.encode(Event.selector, every argument but the sequence).
    function _record(bytes memory encoded) internal returns (uint64 sequence) {
        sequence = ++_sequence;
        _hash = keccak256(abi.encode(_hash, sequence, keccak256(encoded)));
    }
}
