import {
  Address,
  BigDecimal,
  BigInt,
  Bytes,
  Entity,
  Value,
  ethereum,
} from '@graphprotocol/graph-ts'

import { Account, Asset, Protocol, ProtocolContract, Vault } from '../generated/schema'

const PROTOCOL_ID = 'foggara'

/** The sums over the protocol; they start with the first event. */
export function protocol(): Protocol {
  const known = Protocol.load(PROTOCOL_ID)
  if (known != null) return known
  const created = new Protocol(PROTOCOL_ID)
  created.assetCount = BigInt.zero()
  created.licenceCount = BigInt.zero()
  created.proposalCount = BigInt.zero()
  created.receiptCount = BigInt.zero()
  created.paymentTotal = BigInt.zero()
  created.feeTotal = BigInt.zero()
  created.royaltyTotal = BigInt.zero()
  created.rewardTotal = BigInt.zero()
  created.save()
  return created
}

/** Takes the event into its contract's count; every handler calls it first. */
export function countEvent(name: string, event: ethereum.Event): void {
  const sequence = sequenceOf(event)
  let contract = ProtocolContract.load(event.address)
  if (contract == null) {
    contract = new ProtocolContract(event.address)
    contract.protocol = protocol().id
    contract.name = name
    contract.sequence = BigInt.zero()
    contract.gapCount = BigInt.zero()
  }
  const follows = contract.sequence.plus(BigInt.fromI32(1)).equals(sequence)
  if (!follows) contract.gapCount = contract.gapCount.plus(BigInt.fromI32(1))
  contract.sequence = sequence
  contract.save()
}

/** The id of what one event made: the transaction's hash and the log's index. */
export function eventId(event: ethereum.Event): Bytes {
  return event.transaction.hash.concatI32(event.logIndex.toI32())
}

/** Writes what the interface Evidence asks for. */
export function addEvidence(entity: Entity, event: ethereum.Event): void {
  entity.set('sequence', Value.fromBigInt(sequenceOf(event)))
  entity.set('block', Value.fromBigInt(event.block.number))
  entity.set('logIndex', Value.fromBigInt(event.logIndex))
  entity.set('transactionHash', Value.fromBytes(event.transaction.hash))
  entity.set('atSeconds', Value.fromBigInt(event.block.timestamp))
}

/** The account at an address, saved if it is new. */
export function account(address: Address, event: ethereum.Event): Account {
  const known = Account.load(address)
  if (known != null) return known
  const created = new Account(address)
  created.firstBlock = event.block.number
  created.balance = BigInt.zero()
  created.staked = BigInt.zero()
  created.createdCount = 0
  created.heldCount = 0
  created.voteCount = 0
  created.paidTotal = BigInt.zero()
  created.revenueTotal = BigInt.zero()
  created.rewardTotal = BigInt.zero()
  created.save()
  return created
}

/** An asset that the registry has announced before. */
export function asset(id: Bytes): Asset {
  const known = Asset.load(id)
  assert(known != null, 'expected a registered asset, found ' + id.toHexString())
  return known!
}

/** The vault of a registered asset. */
export function vault(assetId: Bytes): Vault {
  const known = Vault.load(assetId)
  assert(known != null, 'expected the vault of an asset, found none of ' + assetId.toHexString())
  return known!
}

/** A share in parts per hundred million as a fraction of 1. */
export function fraction(shareE8: BigInt): BigDecimal {
  return shareE8.toBigDecimal().div(BigDecimal.fromString('100000000'))
}

/** Every event of the protocol carries its sequence first. */
function sequenceOf(event: ethereum.Event): BigInt {
  return event.parameters[0].value.toBigInt()
}
