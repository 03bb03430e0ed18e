import { Address, ethereum } from '@graphprotocol/graph-ts'

import { Accumulator } from '../generated/ProtocolParameters/Accumulator'
import { ParameterSet } from '../generated/ProtocolParameters/ProtocolParameters'
import { AccumulatorReading, Parameter, ParameterChange } from '../generated/schema'
import { addEvidence, countEvent, eventId, protocol } from './protocol'

export function startProtocol(_block: ethereum.Block): void {
  protocol()
}

/** Asks every contract how many events it has emitted: an event that was missed cannot stay unnoticed. */
export function readAccumulators(block: ethereum.Block): void {
  const contracts = protocol().contracts.load()
  for (let index = 0; index < contracts.length; index++) {
    const contract = contracts[index]
    const answer = Accumulator.bind(Address.fromBytes(contract.id)).accumulator()
    const reading = new AccumulatorReading(contract.id.concatI32(block.number.toI32()))
    reading.contract = contract.id
    reading.block = block.number
    reading.sequence = answer.getSequence()
    reading.hash = answer.getHash()
    reading.indexedSequence = contract.sequence
    reading.isComplete = reading.sequence.equals(contract.sequence)
    reading.save()
  }
}

export function handleParameterSet(event: ParameterSet): void {
  countEvent('ProtocolParameters', event)
  const name = event.params.key.toString()
  let parameter = Parameter.load(name)
  if (parameter == null) {
    parameter = new Parameter(name)
    parameter.changeCount = 0
  }
  parameter.value = event.params.value
  parameter.changeCount += 1
  parameter.save()
  const change = new ParameterChange(eventId(event))
  change.parameter = parameter.id
  change.previousValue = event.params.previousValue
  change.value = event.params.value
  addEvidence(change, event)
  change.save()
}
