import {
  BigDecimal,
  BigInt,
  Bytes,
  DataSourceContext,
  Entity,
  Value,
  dataSource,
  ethereum,
  json,
  log,
  store,
} from '@graphprotocol/graph-ts'

import { Fuzz, Noted, Noted1, Shaped, Spawned, Stepped } from '../generated/Fuzz/Fuzz'
import { AutoNote, Group, Item, Measure, Note, Reading, Tally, Tick } from '../generated/schema'
import { FuzzChild } from '../generated/templates'
import { fail } from './failures'
import {
  COLOURS,
  clearOptional,
  decimal,
  fill,
  fillOptional,
  itemId,
  owner,
  roundTrip,
  small,
} from './values'

/** The actions from here on end in a failure. */
const FIRST_FAILURE = 100

export function handleStepped(event: Stepped): void {
  const action = event.params.action
  if (action >= FIRST_FAILURE) fail(action - FIRST_FAILURE, event)
  else if (action < 6) changeItem(action, event)
  else if (action < 11) relate(action, event)
  else if (action < 17) compute(action, event)
  else append(action, event)
}

/** Creation, partial change, nulls, removal, and removal followed by creation. */
function changeItem(action: i32, event: Stepped): void {
  const id = itemId(event.params.subject)
  if (action == 0) {
    const item = new Item(id)
    fill(item, event)
    if (small(event.params.b) % 2 == 0) fillOptional(item, event)
    item.save()
    return
  }
  if (action == 4) {
    store.remove('Item', id.toHexString())
    return
  }
  let item = Item.load(id)
  if (item == null) {
    item = new Item(id)
    fill(item, event)
  }
  if (action == 1) {
    item.amount = item.amount.plus(decimal(event.params.a, event.params.b))
    item.count = (item.count + 1) % 1_000_000
  } else if (action == 2) fillOptional(item, event)
  else if (action == 3) clearOptional(item)
  else {
    item.save()
    store.remove('Item', id.toHexString())
    const again = new Item(id)
    fill(again, event)
    again.label = 'again ' + again.label
    again.save()
    return
  }
  item.save()
}

/** What `loadRelated` gives, and what the cache of a block gives. */
function relate(action: i32, event: Stepped): void {
  const related = owner(event.params.other)
  if (action == 6) {
    const items = related.items.load()
    let total = BigDecimal.zero()
    for (let index = 0; index < items.length; index++) {
      total = total.plus(items[index].amount)
      items[index].count = index
      items[index].save()
    }
    related.total = total
    related.itemCount = items.length
  } else if (action == 7) {
    const item = Item.load(itemId(event.params.subject))
    if (item == null) return
    item.owner = related.id
    item.save()
    related.itemCount = related.items.load().length
  } else if (action == 8) {
    const id = i64(small(event.params.subject) % 9)
    let group = Group.load(id)
    if (group == null) group = new Group(id)
    group.members = [related.id, owner(event.params.subject).id]
    group.name = event.params.text
    group.save()
    if (small(event.params.a) % 5 == 0) store.remove('Group', id.toString())
  } else if (action == 9) {
    // graph-node 0.45 cannot load by a list of references: its query does not suit the column.
    related.itemCount = 1000 + related.partnered.load().length
  } else {
    const item = Item.loadInBlock(itemId(event.params.subject))
    const note = Note.loadInBlock(itemId(event.params.other))
    related.note = (item == null ? 'none' : item.label) + (note == null ? ' none' : note.label)
  }
  related.save()
}

/** Arithmetic, text, calls: the result is a note on the owner. */
function compute(action: i32, event: Stepped): void {
  const a = event.params.a
  const b = event.params.b
  const noted = owner(event.params.other)
  if (action == 11) noted.note = integers(a, b)
  else if (action == 12) noted.note = decimals(a, b)
  else if (action == 13) noted.note = called(event)
  else if (action == 14) noted.note = roundTrip(event)
  else if (action == 15) noted.note = parsed(event.params.text)
  else {
    noted.note = [
      event.params.payload.toString(),
      event.params.payload.toHexString(),
      event.params.payload.toBase58(),
      event.block.hash.toHexString() + dataSource.network(),
      event.transaction.from.toHexString(),
      event.transaction.nonce.toString(),
      event.transaction.input.length.toString(),
      event.logIndex.toString(),
      event.block.timestamp.toString(),
    ].join('|')
  }
  noted.save()
}

function integers(a: BigInt, b: BigInt): string {
  const one = BigInt.fromI32(1)
  const divisor = b.isZero() ? one : b
  const shift = <u8>(abs(small(b)) % 70)
  const parts: BigInt[] = [
    a.plus(b),
    a.minus(b),
    a.times(b),
    a.div(divisor),
    a.mod(divisor),
    a.bitOr(b),
    a.bitAnd(b),
    a.leftShift(shift),
    a.rightShift(shift),
    BigInt.fromI32(small(a) % 1000).pow(<u8>(abs(small(b)) % 12)),
    a.abs().sqrt(),
    BigInt.fromString(a.toString()),
    BigInt.fromByteArray(Bytes.fromHexString('0x00ff80')),
  ]
  const texts: string[] = []
  for (let index = 0; index < parts.length; index++) texts.push(parts[index].toString())
  texts.push(a.toHexString())
  texts.push(a.gt(b) ? 'gt' : 'le')
  return texts.join(' ')
}

function decimals(a: BigInt, b: BigInt): string {
  const x = decimal(a, b)
  const y = decimal(b, a)
  const parts: BigDecimal[] = [
    x.plus(y),
    x.minus(y),
    x.times(y),
    x.neg(),
    x.truncate(3),
    BigDecimal.fromString(x.toString()),
    BigDecimal.fromString('-1.50e' + (small(a) % 20).toString()),
    y.equals(BigDecimal.zero()) ? x : x.div(y),
    a.divDecimal(BigDecimal.fromString('3')),
  ]
  const texts: string[] = []
  for (let index = 0; index < parts.length; index++) texts.push(parts[index].toString())
  texts.push(x.lt(y) ? 'lt' : 'ge')
  texts.push(x.equals(y) ? 'eq' : 'ne')
  return texts.join(' ')
}

function called(event: Stepped): string {
  const question = event.params.subject
  const answer = Fuzz.bind(event.address).try_answer(question)
  const balance = ethereum.getBalance(event.transaction.from)
  const hasCode = ethereum.hasCode(event.address).inner
  const end = ' ' + balance.toString() + (hasCode ? ' code' : ' none')
  if (answer.reverted) return 'reverted' + end
  const parts = answer.value.getParts()
  const last = parts.length == 0 ? 'none' : parts[parts.length - 1].toString()
  return [answer.value.getCount().toString(), last, answer.value.getText()].join(' ') + end
}

function parsed(text: string): string {
  const result = json.try_fromBytes(Bytes.fromUTF8(text))
  if (result.isError) return 'no json'
  const value = result.value
  if (value.kind == 5) {
    const object = value.toObject()
    const number = object.get('n')
    const list = object.get('l')
    const length = list == null ? -1 : list.toArray().length
    return (number == null ? 'none' : number.toBigInt().toString()) + ' ' + length.toString()
  }
  return 'json of kind ' + value.kind.toString()
}

/** Entities that are only ever added. */
function append(action: i32, event: Stepped): void {
  if (action == 17) {
    const note = new Note(event.transaction.hash.concatI32(event.logIndex.toI32()))
    note.label = event.params.text
    if (small(event.params.a) % 2 == 0) note.item = itemId(event.params.subject)
    note.save()
  } else if (action == 18) {
    const tally = new Entity()
    tally.set('amount', Value.fromBigDecimal(decimal(event.params.a, event.params.b)))
    if (small(event.params.b) % 3 == 0) tally.set('text', Value.fromNull())
    else tally.set('text', Value.fromString(event.params.text))
    store.set('Tally', 'auto', tally)
  } else if (action == 19) {
    const note = new Entity()
    note.set('text', Value.fromString(event.params.text))
    store.set('AutoNote', 'auto', note)
  } else if (action == 20) {
    const point = new Measure(0)
    point.owner = owner(event.params.other).id
    point.amount = decimal(event.params.a, event.params.b)
    point.integer = event.params.a
    point.count = small(event.params.a) % 1000
    point.long = i64(small(event.params.b))
    point.save()
    addReading(event, 0)
    if (small(event.params.b) % 2 == 0) addReading(event, 1)
  } else log.warning('expected an action, found {}', [action.toString()])
}

/** Which fields are missing depends on the numbers; the second reading is the opposite of the first. */
function addReading(event: Stepped, place: i32): void {
  const a = place == 0 ? event.params.a : event.params.a.neg()
  const b = event.params.b
  const choice = abs(small(a)) + abs(small(b)) + place
  const reading = new Reading(0)
  if (choice % 4 != 0) reading.owner = owner(event.params.other.mod(BigInt.fromI32(3))).id
  reading.colour = COLOURS[choice % 2]
  if (choice % 3 != 0) reading.set('flag', Value.fromBoolean(choice % 3 == 1))
  reading.partner = owner(event.params.subject).id
  if (choice % 5 != 0) reading.label = event.params.text
  if (choice % 7 != 0) reading.payload = event.params.payload
  if (choice % 6 != 0) reading.set('count', Value.fromI32(small(a)))
  if (choice % 8 != 0) reading.set('long', Value.fromI64(i64(small(a)) * 4_000_000_007))
  if (choice % 9 != 0) reading.integer = a
  if (choice % 10 != 0) reading.amount = decimal(a, b)
  reading.price = decimal(b, a)
  reading.save()
}

export function handleShaped(event: Shaped): void {
  const shape = event.params.shape
  const values = shape.values
  let total = BigInt.zero()
  for (let index = 0; index < values.length; index++) total = total.plus(values[index])
  const receipt = event.receipt
  const logCount = receipt == null ? -1 : receipt.logs.length
  const item = owner(event.params.subject)
  item.note = [
    shape.kind.toString(),
    shape.label,
    total.toString(),
    event.params.hashes.length.toString(),
    event.params.who.toHexString(),
    event.params.flag ? 'true' : 'false',
    event.params.hidden.toHexString(),
    logCount.toString(),
  ].join(' ')
  item.save()
}

export function handleNoted(event: Noted): void {
  const noted = owner(event.params.subject)
  noted.itemCount += 1
  noted.save()
}

export function handleNotedText(event: Noted1): void {
  const noted = owner(event.params.subject)
  const answer = Fuzz.bind(event.address).try_answer(event.params.subject)
  noted.note = event.params.text + (answer.reverted ? ' reverted' : answer.value.getText())
  noted.save()
}

export function handleSpawned(event: Spawned): void {
  const context = new DataSourceContext()
  context.setString('origin', event.transaction.hash.toHexString())
  context.setBigInt('subject', event.params.subject)
  FuzzChild.createWithContext(event.params.child, context)
}

export function handleOnce(block: ethereum.Block): void {
  addTick(block, 'once')
}

export function handleEverySeventh(block: ethereum.Block): void {
  addTick(block, 'every seventh')
}

function addTick(block: ethereum.Block, kind: string): void {
  const tick = new Tick(Bytes.fromUTF8(kind).concatI32(block.number.toI32()))
  tick.block = block.number
  tick.kind = kind
  tick.save()
}
