import { BigDecimal, dataSource } from '@graphprotocol/graph-ts'

import { Child } from '../generated/schema'
import { Poked } from '../generated/templates/FuzzChild/FuzzChild'

export function handlePoked(event: Poked): void {
  const context = dataSource.context()
  let child = Child.load(event.address)
  if (child == null) {
    child = new Child(event.address)
    child.pokeCount = 0
    child.amount = BigDecimal.zero()
    child.context = context.getString('origin') + ' ' + context.getBigInt('subject').toString()
  }
  assert(dataSource.address().equals(event.address), 'a data source hears its own contract')
  child.subject = event.params.subject
  child.pokeCount += 1
  child.amount = child.amount.plus(
    event.params.amount.toBigDecimal().div(BigDecimal.fromString('7')),
  )
  child.note = child.pokeCount % 3 == 0 ? null : event.params.note
  child.save()
}
