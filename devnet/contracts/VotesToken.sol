// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Accumulator} from "./Accumulator.sol";

/// @title The protocol's votes token
/// @notice Payments, stakes and rewards are in this token. Staked tokens stay in their owner's
/// balance (and keep their votes) but cannot be transferred.
contract VotesToken is ERC20Votes, Accumulator {
    mapping(address account => uint256 amount) private _staked;

    event TokenTransferred(
        uint64 sequence,
        address indexed sender,
        address indexed recipient,
        uint256 amount
    );
    event TokenStaked(uint64 sequence, address indexed account, int256 change, uint256 staked);

    error ZeroAmount();
    error StakeExceedsBalance(address account, uint256 staked, uint256 balance);
    error StakeExceeded(address account, uint256 amount, uint256 staked);

    /// @param holder Who receives the whole supply.
    /// @param supply The supply, which never changes. Unit: token base units.
    constructor(address holder, uint256 supply) ERC20("Foggara", "FOG") EIP712("Foggara", "1") {
        _mint(holder, supply);
    }

    /// @notice Locks a part of the caller's balance.
    /// @param amount How much more to lock. Unit: token base units.
    function stake(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        uint256 staked = _staked[msg.sender] + amount;
        uint256 balance = balanceOf(msg.sender);
        if (staked > balance) revert StakeExceedsBalance(msg.sender, staked, balance);
        _setStake(msg.sender, SafeCast.toInt256(amount), staked);
    }

    /// @notice Unlocks a part of the caller's stake.
    /// @param amount How much to unlock. Unit: token base units.
    function unstake(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        uint256 staked = _staked[msg.sender];
        if (amount > staked) revert StakeExceeded(msg.sender, amount, staked);
        _setStake(msg.sender, -SafeCast.toInt256(amount), staked - amount);
    }

    /// @notice The locked part of an account's balance. Unit: token base units.
    /// @param account The account asked about.
    function stakedOf(address account) external view returns (uint256) {
        return _staked[account];
    }

    function _setStake(address account, int256 change, uint256 staked) private {
        _staked[account] = staked;
        emit TokenStaked(
            _record(abi.encode(TokenStaked.selector, account, change, staked)),
            account,
            change,
            staked
        );
    }

    /// @dev Refuses a transfer that would leave less than what is staked, and emits the twin of
    /// ERC-20's Transfer (mints come from the zero address).
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) {
            uint256 balance = balanceOf(from);
            if (balance < _staked[from]) revert StakeExceedsBalance(from, _staked[from], balance);
        }
        emit TokenTransferred(
            _record(abi.encode(TokenTransferred.selector, from, to, value)),
            from,
            to,
            value
        );
    }
}
