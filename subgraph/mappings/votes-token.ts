import { Address } from '@graphprotocol/graph-ts'

import { TokenStake, TokenTransfer } from '../generated/schema'
import { TokenStaked, TokenTransferred, VotesToken } from '../generated/VotesToken/VotesToken'
import { account, addEvidence, countEvent, eventId } from './protocol'

const CONTRACT = 'VotesToken'

export function handleTokenTransferred(event: TokenTransferred): void {
  countEvent(CONTRACT, event)
  const transfer = new TokenTransfer(eventId(event))
  transfer.sender = event.params.sender
  transfer.recipient = event.params.recipient
  transfer.amount = event.params.amount
  addEvidence(transfer, event)
  transfer.save()
  if (event.params.sender.notEqual(Address.zero())) {
    const sender = account(event.params.sender, event)
    sender.balance = sender.balance.minus(transfer.amount)
    sender.save()
  }
  if (event.params.recipient.notEqual(Address.zero())) {
    const recipient = account(event.params.recipient, event)
    recipient.balance = recipient.balance.plus(transfer.amount)
    recipient.save()
  }
}

export function handleTokenStaked(event: TokenStaked): void {
  countEvent(CONTRACT, event)
  const staker = account(event.params.account, event)
  staker.staked = event.params.staked
  staker.save()
  const stake = new TokenStake(eventId(event))
  stake.account = staker.id
  stake.change = event.params.change
  stake.staked = event.params.staked
  stake.balance = VotesToken.bind(event.address).balanceOf(event.params.account)
  addEvidence(stake, event)
  stake.save()
}
