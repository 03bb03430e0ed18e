import {
  Address,
  BigDecimal,
  BigInt,
  Bytes,
  DataSourceTemplate,
  Entity,
  Value,
  json,
  log,
  store,
} from '@graphprotocol/graph-ts'

import { Stepped } from '../generated/Fuzz/Fuzz'
import { Item } from '../generated/schema'
import { FuzzChild } from '../generated/templates'
import { fill, itemId, owner } from './values'

/** Changes an entity, creates a data source, and then fails: nothing of it may stay. */
export function fail(kind: i32, event: Stepped): void {
  const lost = owner(event.params.other)
  lost.note = 'lost'
  lost.save()
  const item = new Item(itemId(event.params.subject))
  fill(item, event)
  item.label = 'lost'
  item.save()
  FuzzChild.create(Address.zero())
  if (kind == 0) assert(false, 'asserted: ' + event.params.text)
  else if (kind == 1) outOfBounds(event.params.payload)
  else if (kind == 2) event.params.a.div(BigInt.zero())
  else if (kind == 3) event.params.a.toBigDecimal().div(BigDecimal.zero())
  else if (kind == 4) BigInt.fromString(event.params.text + 'x')
  else if (kind == 5) BigDecimal.fromString('not a number')
  else if (kind == 6) log.critical('critical: {}', [event.params.text])
  else if (kind == 7) unknownField(lost.id)
  else if (kind == 8) json.fromBytes(Bytes.fromUTF8('{'))
  else if (kind == 9) DataSourceTemplate.create('Unknown', [lost.id])
  else if (kind == 10) divideByZero(event.params.payload.length)
  else event.params.a.times(BigInt.fromI32(2).pow(200)).toI32()
}

function outOfBounds(bytes: Bytes): void {
  const values: string[] = ['only']
  log.info(values[bytes.length + 1], [])
}

function unknownField(id: string): void {
  const entity = new Entity()
  entity.set('id', Value.fromString(id))
  entity.set('unknown', Value.fromI32(1))
  store.set('Owner', id, entity)
}

function divideByZero(length: i32): void {
  log.info((1 / (length - length)).toString(), [])
}
