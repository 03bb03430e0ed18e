import { BigInt, Bytes } from '@graphprotocol/graph-ts'

import { Account, Token, Transfer } from '../generated/schema'
import { Transfer as TransferEvent } from '../generated/Token/Token'

const ONE = BigInt.fromI32(1)

/** Two entities are read and four written, as in the subgraphs of most tokens. */
export function handleTransfer(event: TransferEvent): void {
  const from = account(event.params.from)
  from.balance = from.balance.minus(ONE)
  from.transferCount = from.transferCount.plus(ONE)
  from.save()

  const to = account(event.params.to)
  to.balance = to.balance.plus(ONE)
  to.transferCount = to.transferCount.plus(ONE)
  to.save()

  const token = new Token(Bytes.fromByteArray(Bytes.fromBigInt(event.params.tokenId)))
  token.number = event.params.tokenId
  token.owner = to.id
  token.movedAt = event.block.timestamp
  token.save()

  const transfer = new Transfer(event.transaction.hash.concatI32(event.logIndex.toI32()))
  transfer.token = token.id
  transfer.from = from.id
  transfer.to = to.id
  transfer.block = event.block.number
  transfer.timestamp = event.block.timestamp
  transfer.transaction = event.transaction.hash
  transfer.logIndex = event.logIndex.toI32()
  transfer.save()
}

function account(id: Bytes): Account {
  let found = Account.load(id)
  if (found == null) {
    found = new Account(id)
    found.balance = BigInt.zero()
    found.transferCount = BigInt.zero()
  }
  return found
}
