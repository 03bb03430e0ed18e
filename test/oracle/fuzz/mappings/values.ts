import { BigDecimal, BigInt, Bytes, crypto, ethereum } from '@graphprotocol/graph-ts'

import { Stepped } from '../generated/Fuzz/Fuzz'
import { Item, Owner } from '../generated/schema'

const BILLION = BigInt.fromI32(1_000_000_000)

export const COLOURS: string[] = ['RED', 'GREEN', 'BLUE']

/** A number of 30 bits with the sign of the big one. */
export function small(value: BigInt): i32 {
  return value.mod(BILLION).toI32()
}

/** A decimal of two big numbers: many digits, and any scale. */
export function decimal(a: BigInt, b: BigInt): BigDecimal {
  const scale = abs(small(b)) % 40
  let divisor = '1'
  for (let index = 0; index < scale; index++) divisor += '0'
  return a.toBigDecimal().div(BigDecimal.fromString(divisor))
}

export function itemId(subject: BigInt): Bytes {
  return Bytes.fromByteArray(crypto.keccak256(Bytes.fromUTF8(subject.toString())))
}

/** The owner of a number, saved if it is new. */
export function owner(subject: BigInt): Owner {
  const id = 'owner-' + subject.toString()
  const known = Owner.load(id)
  if (known != null) return known
  const created = new Owner(id)
  created.total = BigDecimal.zero()
  created.itemCount = 0
  created.save()
  return created
}

/** Every field that must be there. */
export function fill(item: Item, event: Stepped): void {
  const a = event.params.a
  const b = event.params.b
  const count = small(a)
  item.owner = owner(event.params.other).id
  item.owners = [item.owner, owner(event.params.other.plus(BigInt.fromI32(1))).id]
  item.amount = decimal(a, b)
  item.amounts = [item.amount, decimal(b, a), BigDecimal.zero()]
  item.integer = a
  item.count = count
  item.long = i64(count) * 1_000_003
  item.flag = count % 2 == 0
  item.label = event.params.text
  item.tags = [event.params.text, '', event.params.payload.toString()]
  item.payload = event.params.payload
  item.hashes = [event.params.payload, event.transaction.hash]
  item.colour = COLOURS[abs(count) % 3]
  item.at = i64(abs(count)) * 1_000_000 + i64(abs(small(b)) % 1_000_000)
}

/** Every field that need not be there. */
export function fillOptional(item: Item, event: Stepped): void {
  const a = event.params.a
  const count = small(event.params.b)
  item.partner = owner(event.params.subject).id
  item.maybeAmount = decimal(event.params.b, a)
  item.maybeInteger = event.params.b
  item.integers = [a, event.params.b]
  item.maybeCount = count
  item.counts = [count, -count, 0]
  item.maybeLong = i64(count) - 1
  item.maybeFlag = true
  item.flags = [true, false]
  item.maybeLabel = event.params.text + event.params.text
  item.maybeTags = []
  item.maybePayload = event.params.payload
  item.maybeColour = COLOURS[abs(count) % 3]
  item.maybeAt = i64(event.block.timestamp.toI64()) * 1_000_000
}

/** None of them, each by the way its type allows. */
export function clearOptional(item: Item): void {
  item.partner = null
  item.maybeAmount = null
  item.maybeInteger = null
  item.integers = null
  item.unset('maybeCount')
  item.counts = null
  item.unset('maybeLong')
  item.unset('maybeFlag')
  item.flags = null
  item.maybeLabel = null
  item.maybeTags = null
  item.maybePayload = null
  item.maybeColour = null
  item.unset('maybeAt')
}

/** The raw bytes of a value that was encoded and decoded again. */
export function roundTrip(event: Stepped): string {
  const tuple = new ethereum.Tuple()
  tuple.push(ethereum.Value.fromSignedBigInt(event.params.a))
  tuple.push(ethereum.Value.fromString(event.params.text))
  tuple.push(ethereum.Value.fromBytes(event.params.payload))
  tuple.push(ethereum.Value.fromBooleanArray([true, false]))
  const encoded = ethereum.encode(ethereum.Value.fromTuple(tuple))
  if (!encoded) return 'not encoded'
  const decoded = ethereum.decode('(int256,string,bytes,bool[])', encoded)
  if (decoded == null) return 'not decoded'
  const parts = decoded.toTuple()
  const wrong = ethereum.decode('(uint8[4],bool)', event.params.payload)
  return [
    encoded.toHexString(),
    parts[0].toBigInt().toHexString(),
    parts[1].toString(),
    parts[2].toBytes().toBase58(),
    wrong == null ? 'null' : 'decoded',
  ].join(' ')
}
