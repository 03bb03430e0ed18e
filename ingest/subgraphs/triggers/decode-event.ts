import type { AbiType } from '../abi/abi-type.ts'
import { decodeValues, decodeWord } from '../abi/decode.ts'
import type { ChainLog } from '../chain-source.ts'
import { bytesText } from '../entity-cache/entity.ts'
import type { EventParameter } from '../heap/chain-objects.ts'
import type { EthereumValue } from '../heap/ethereum-values.ts'
import type { AbiEvent } from '../manifest/manifest.ts'

/**
 * The parameters of a log as the event's ABI names them; undefined where the log is of another shape.
 *
 * Of an indexed text, list or struct only the hash is known, and it comes as 32 bytes.
 */
export function decodeEvent(event: AbiEvent, log: ChainLog): readonly EventParameter[] | undefined {
  const firstTopic = event.isAnonymous ? 0 : 1
  const indexed = event.inputs.filter(({ isIndexed }) => isIndexed)
  if (log.topics.length !== indexed.length + firstTopic) return undefined
  if (!event.isAnonymous && bytesText(log.topics[0] ?? log.data) !== event.topic) return undefined
  const body = event.inputs.filter(({ isIndexed }) => !isIndexed)
  const values = decodeValues(
    body.map(({ type }) => type),
    log.data,
  )
  if (values === undefined) return undefined
  let topicAt = firstTopic
  let valueAt = 0
  const parameters: EventParameter[] = []
  for (const { name, isIndexed, type } of event.inputs) {
    const value = isIndexed ? topicValue(type, log.topics[topicAt]) : values[valueAt]
    if (isIndexed) topicAt += 1
    else valueAt += 1
    if (value === undefined) return undefined
    parameters.push({ name, value })
  }
  return parameters
}

function topicValue(type: AbiType, topic: Uint8Array | undefined): EthereumValue | undefined {
  if (topic === undefined) return undefined
  const isHashed =
    type.type === 'string' ||
    type.type === 'bytes' ||
    type.type === 'array' ||
    type.type === 'fixedArray' ||
    type.type === 'tuple'
  return isHashed ? { type: 'fixedBytes', value: topic } : decodeWord(type, topic)
}
