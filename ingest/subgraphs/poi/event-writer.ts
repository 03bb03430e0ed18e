import type { StoreValue } from '../entity-cache/entity.ts'
import { toMagnitudeBytes } from '../numbers/big-int.ts'
import { EVENT_VARIANTS, type ProofEvent, VALUE_VARIANTS } from './proof-event.ts'
import type { ProofMemory } from './proof-kernel.ts'

const SHORT_TEXT_LENGTH_MAX = 96
const ENCODER = new TextEncoder()

/**
 * Lays an event out as the kernel walks it, from `start` on.
 *
 * Texts, bytes and magnitudes follow their length in four bytes, an integer has a sign byte before,
 * lists and members follow their count; all little endian.
 */
export function writeProofEvent(memory: ProofMemory, start: number, event: ProofEvent): void {
  const to = { memory, at: start }
  writeByte(to, EVENT_VARIANTS[event.type])
  if (event.type === 'error') {
    room(to, 8)
    memory.view.setBigUint64(to.at, BigInt(event.redactedEventCount), true)
    return
  }
  writeText(to, event.entityType)
  writeText(to, event.id)
  if (event.type === 'remove') return
  writeCount(to, event.entity.size)
  for (const [name, value] of event.entity) {
    writeText(to, name)
    writeValue(to, value)
  }
}

type Target = { readonly memory: ProofMemory; at: number }

function writeValue(to: Target, value: StoreValue): void {
  writeByte(to, VALUE_VARIANTS[value.type])
  switch (value.type) {
    case 'Null':
      return
    case 'String':
      return writeText(to, value.value)
    case 'Bytes':
      return writeBytes(to, value.value)
    case 'Bool':
      return writeByte(to, value.value ? 1 : 0)
    case 'Int':
      return writeInteger(to, BigInt(value.value))
    case 'BigInt':
    case 'Int8':
    case 'Timestamp':
      return writeInteger(to, value.value)
    case 'BigDecimal':
      writeInteger(to, BigInt(value.value.scale))
      return writeInteger(to, value.value.digits)
    case 'List':
      writeCount(to, value.value.length)
      for (const item of value.value) writeValue(to, item)
      return
    default:
      return value satisfies never
  }
}

function writeInteger(to: Target, value: bigint): void {
  writeByte(to, value < 0n ? 1 : 0)
  const magnitude = value < 0n ? -value : value
  if (magnitude >= 0x1_0000_0000n) return writeBytes(to, toMagnitudeBytes(magnitude))
  let rest = Number(magnitude)
  const lengthAt = to.at
  writeCount(to, 0)
  let length = 0
  for (; rest > 0; rest = Math.floor(rest / 256)) {
    writeByte(to, rest % 256)
    length += 1
  }
  to.memory.view.setUint32(lengthAt, length, true)
}

function writeText(to: Target, text: string): void {
  room(to, 4 + text.length * 3)
  const start = to.at + 4
  const { bytes } = to.memory
  const shortLength = text.length <= SHORT_TEXT_LENGTH_MAX ? text.length : 0
  let count = 0
  while (count < shortLength) {
    const unit = text.charCodeAt(count)
    if (unit >= 0x80) break
    bytes[start + count] = unit
    count += 1
  }
  if (count < text.length) count = ENCODER.encodeInto(text, bytes.subarray(start)).written
  to.memory.view.setUint32(to.at, count, true)
  to.at = start + count
}

function writeBytes(to: Target, bytes: Uint8Array): void {
  writeCount(to, bytes.length)
  room(to, bytes.length)
  to.memory.bytes.set(bytes, to.at)
  to.at += bytes.length
}

function writeCount(to: Target, count: number): void {
  room(to, 4)
  to.memory.view.setUint32(to.at, count, true)
  to.at += 4
}

function writeByte(to: Target, byte: number): void {
  room(to, 1)
  to.memory.bytes[to.at] = byte
  to.at += 1
}

function room(to: Target, byteLength: number): void {
  if (to.at + byteLength > to.memory.bytes.length) to.memory.reserve(to.at + byteLength)
}
