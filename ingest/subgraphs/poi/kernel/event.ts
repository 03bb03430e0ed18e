// Walks the bytes of one event, as encode-event.ts lays them out, and hashes each value at its field
// address. An address is 128 bits: a child is the parent · 486187739 + its number, and the root is 17.

import { save, useBlock, useMember, write } from './mix'
import { mulHigh } from './xxh3'

const CHILD_FACTOR: u64 = 486187739
const ROOT: u64 = 17

const EVENT_SET: u8 = 2
const EVENT_ERROR: u8 = 3

const TAG_NULL: u8 = 0
const TAG_STRING: u8 = 1
const TAG_DECIMAL: u8 = 3
const TAG_BOOL: u8 = 4
const TAG_LIST: u8 = 5
const TAG_BYTES: u8 = 6

const MEMBER: usize = memory.data(32)
const VARIANT: usize = memory.data(8)

/** Where the next byte of the event is. */
let cursor: usize = 0

/** The field address that a function hashes at; set by {@link root} and {@link enter}. */
let high: u64 = 0
let low: u64 = 0

function root(): void {
  high = 0
  low = ROOT
}

/** Goes to the child `number` of the address. */
function enter(number: u64): void {
  high = high * CHILD_FACTOR + mulHigh(low, CHILD_FACTOR)
  low = low * CHILD_FACTOR + number
  if (low < number) high += 1
}

/** The address of the events of a block: PoI, value of the map, blocks, the block, its events. */
function enterEvents(block: u64): void {
  root()
  enter(1)
  enter(0)
  enter(block)
  enter(0)
}

export function writeLength(block: u64, eventCount: u64): void {
  enterEvents(block)
  writeCount(eventCount)
}

export function writeEvent(at: usize, block: u64, index: u64): void {
  enterEvents(block)
  enter(index)
  const eventHigh = high
  const eventLow = low
  const kind = load<u8>(at)
  cursor = at + 1
  enter(0)
  if (kind == EVENT_ERROR) {
    writeCount(load<u64>(cursor))
  } else {
    writeText()
    high = eventHigh
    low = eventLow
    enter(1)
    writeText()
    high = eventHigh
    low = eventLow
    enter(2)
    if (kind == EVENT_SET) writeMembers(high, low)
  }
  store<u8>(VARIANT, kind)
  write(eventHigh, eventLow, VARIANT, 1)
}

/** An unordered set: every member is hashed alone from the root, and its state is one value. */
function writeMembers(setHigh: u64, setLow: u64): void {
  const count = readU32()
  for (let member: u32 = 0; member < count; member++) {
    useMember()
    root()
    enter(0)
    writeText()
    root()
    enter(1)
    writeValue()
    save(MEMBER)
    useBlock()
    write(setHigh, setLow, MEMBER, 32)
  }
}

function writeValue(): void {
  const tag = load<u8>(cursor)
  cursor += 1
  if (tag == TAG_NULL) return
  const valueHigh = high
  const valueLow = low
  enter(0)
  if (tag == TAG_STRING || tag == TAG_BYTES) writeText()
  else if (tag == TAG_BOOL) writeFlag()
  else if (tag == TAG_LIST) writeList()
  else if (tag == TAG_DECIMAL) writeDecimal()
  else writeInteger()
  store<u8>(VARIANT, tag)
  write(valueHigh, valueLow, VARIANT, 1)
}

function writeFlag(): void {
  if (load<u8>(cursor) != 0) write(high, low, cursor, 0)
  cursor += 1
}

function writeList(): void {
  const listHigh = high
  const listLow = low
  const count = readU32()
  for (let index: u32 = 0; index < count; index++) {
    high = listHigh
    low = listLow
    enter(index)
    writeValue()
  }
  high = listHigh
  low = listLow
  writeCount(count)
}

function writeDecimal(): void {
  const decimalHigh = high
  const decimalLow = low
  enter(1)
  writeInteger()
  high = decimalHigh
  low = decimalLow
  writeInteger()
}

/** A sign, and the magnitude without leading zeros: none for zero. */
function writeInteger(): void {
  const isNegative = load<u8>(cursor) != 0
  cursor += 1
  if (isNegative) {
    const integerHigh = high
    const integerLow = low
    enter(0)
    write(high, low, cursor, 0)
    high = integerHigh
    low = integerLow
  }
  writeText()
}

function writeText(): void {
  const length = <usize>readU32()
  if (length > 0) write(high, low, cursor, length)
  cursor += length
}

function writeCount(count: u64): void {
  if (count == 0) return
  store<u64>(VARIANT, count)
  write(high, low, VARIANT, <usize>(71 - clz<u64>(count)) >> 3)
}

function readU32(): u32 {
  const value = load<u32>(cursor)
  cursor += 4
  return value
}
