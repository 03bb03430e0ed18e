import { isUtf8 } from 'node:buffer'

import { FatalError, invariant } from '@foggara/schema'

import { idKey, sortIds } from './sort-ids.ts'

/**
 * Numbers ids in the order of their first appearance. Ids stay bytes, outside the garbage collector's
 * heap: about 25 bytes each beside their text.
 */
export type IdDictionary = {
  readonly count: () => number
  /**
   * The number of the id in `bytes[start … end)`, which gets one if it is new.
   *
   * It raises IdMalformedError.
   */
  readonly numberOf: (bytes: Uint8Array, start: number, end: number) => number
  /** The number of an id, undefined if it has none. */
  readonly find: (id: Uint8Array) => number | undefined
  /** The bytes of the id with this number; valid as long as the dictionary. */
  readonly bytesOf: (number: number) => Uint8Array
  /** All numbers, ascending by the bytes of their ids. */
  readonly ascending: () => Uint32Array
}

/** The most bytes of an id. */
export const ID_BYTES_MAX = 4096

const SEGMENT_BYTES = 1 << 24
const COUNT_MAX = 2 ** 31

/** Makes an empty dictionary. */
export function createIdDictionary(): IdDictionary {
  const ids: Ids = {
    count: 0,
    segments: [],
    segmentEnd: SEGMENT_BYTES,
    offsets: new Float64Array(1024),
    lengths: new Uint16Array(1024),
    hashes: new Uint32Array(1024),
    slots: new Uint32Array(4096),
  }
  return {
    count: () => ids.count,
    bytesOf: (number) => bytesOf(ids, number),
    numberOf: (bytes, start, end) => {
      const hash = hashOf(bytes, start, end)
      const slot = slotOf(ids, hash, bytes, start, end)
      const found = ids.slots[slot] ?? 0
      if (found !== 0) return found - 1
      const number = store(ids, hash, bytes, start, end)
      ids.slots[slot] = number + 1
      if (2 * ids.count > ids.slots.length) widenSlots(ids)
      return number
    },
    find: (id) => {
      const found = ids.slots[slotOf(ids, hashOf(id, 0, id.length), id, 0, id.length)] ?? 0
      return found === 0 ? undefined : found - 1
    },
    ascending: () => {
      const numbers = Uint32Array.from({ length: ids.count }, (_, number) => number)
      sortIds(numbers, (number, depth) => keyAt(ids, number, depth))
      return numbers
    },
  }
}

type Ids = {
  count: number
  /** The text of all ids; no id lies in two segments. */
  readonly segments: Uint8Array[]
  segmentEnd: number
  offsets: Float64Array
  lengths: Uint16Array
  hashes: Uint32Array
  /** Open addressing: 0 is empty, otherwise a number plus one. */
  slots: Uint32Array
}

function bytesOf(ids: Ids, number: number): Uint8Array {
  const start = (ids.offsets[number] ?? 0) % SEGMENT_BYTES
  return segmentOf(ids, number).subarray(start, start + (ids.lengths[number] ?? 0))
}

function keyAt(ids: Ids, number: number, depth: number): number {
  const start = (ids.offsets[number] ?? 0) % SEGMENT_BYTES
  return idKey(segmentOf(ids, number), start + depth, start + (ids.lengths[number] ?? 0))
}

function segmentOf(ids: Ids, number: number): Uint8Array {
  const segment = ids.segments[Math.floor((ids.offsets[number] ?? 0) / SEGMENT_BYTES)]
  invariant(segment !== undefined, `expected a number below ${ids.count}, found ${number}`)
  return segment
}

/** Where the id stands in the table, or the empty place where it belongs. */
function slotOf(ids: Ids, hash: number, bytes: Uint8Array, start: number, end: number): number {
  const { slots, hashes, lengths, offsets } = ids
  const mask = slots.length - 1
  let slot = hash & mask
  for (let found = slots[slot] ?? 0; found !== 0; found = slots[slot] ?? 0) {
    const number = found - 1
    if (hashes[number] === hash && lengths[number] === end - start) {
      const segment = segmentOf(ids, number)
      if (isEqual(segment, (offsets[number] ?? 0) % SEGMENT_BYTES, bytes, start, end)) return slot
    }
    slot = (slot + 1) & mask
  }
  return slot
}

function widenSlots(ids: Ids): void {
  const slots = new Uint32Array(2 * ids.slots.length)
  const mask = slots.length - 1
  for (let number = 0; number < ids.count; number++) {
    let slot = (ids.hashes[number] ?? 0) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = number + 1
  }
  ids.slots = slots
}

function store(ids: Ids, hash: number, bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length === 0 || length > ID_BYTES_MAX) {
    throw new IdMalformedError(`expected an id of 1 to ${ID_BYTES_MAX} bytes, found ${length}`)
  }
  if (!isAscii(bytes, start, end) && !isUtf8(bytes.subarray(start, end))) {
    throw new IdMalformedError('expected an id in UTF-8, found other bytes')
  }
  invariant(ids.count < COUNT_MAX, `expected fewer than ${COUNT_MAX} ids`)
  if (ids.segmentEnd + length > SEGMENT_BYTES) {
    ids.segments.push(new Uint8Array(SEGMENT_BYTES))
    ids.segmentEnd = 0
  }
  ids.segments.at(-1)?.set(bytes.subarray(start, end), ids.segmentEnd)
  if (ids.count === ids.offsets.length) {
    ids.offsets = doubled(ids.offsets, Float64Array)
    ids.lengths = doubled(ids.lengths, Uint16Array)
    ids.hashes = doubled(ids.hashes, Uint32Array)
  }
  ids.offsets[ids.count] = (ids.segments.length - 1) * SEGMENT_BYTES + ids.segmentEnd
  ids.lengths[ids.count] = length
  ids.hashes[ids.count] = hash
  ids.segmentEnd += length
  return ids.count++
}

/** FNV-1a with a last round of mixing, as its low bits alone are poor. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let place = start; place < end; place++) {
    hash = Math.imul(hash ^ (bytes[place] ?? 0), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  return (hash ^ (hash >>> 15)) >>> 0
}

function isEqual(
  left: Uint8Array,
  leftStart: number,
  right: Uint8Array,
  start: number,
  end: number,
): boolean {
  for (let place = start; place < end; place++) {
    if (left[leftStart + place - start] !== right[place]) return false
  }
  return true
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let place = start; place < end; place++) if ((bytes[place] ?? 0) > 0x7f) return false
  return true
}

function doubled<Numbers extends { set(from: Numbers): void; readonly length: number }>(
  numbers: Numbers,
  type: new (length: number) => Numbers,
): Numbers {
  const wider = new type(2 * numbers.length)
  wider.set(numbers)
  return wider
}

/** An id is empty, too long or no UTF-8. */
export class IdMalformedError extends FatalError {
  readonly detail: string

  constructor(detail: string, where?: string) {
    super('ID_MALFORMED', where === undefined ? detail : `${where}: ${detail}`)
    this.detail = detail
  }
}
