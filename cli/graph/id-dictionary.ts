import { isUtf8 } from 'node:buffer'

import { FatalError, invariant } from '@foggara/schema'

import { idKey, sortIds } from './sort-ids.ts'

/**
 * Numbers ids in the order of their first appearance. Ids stay bytes, outside the garbage collector's
 * heap: about 30 bytes each beside their text.
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

// An id lies in a segment as two bytes of length, its text, and what makes it a multiple of 4 bytes; no
// id lies in two segments. Its place is one word: 10 bits for the segment, 22 for the start in units.
const SEGMENT_BYTES = 1 << 24
const SEGMENT_COUNT_MAX = 1 << 10
const UNIT_BYTES = 4
const START_BITS = 22
const START_MASK = (1 << START_BITS) - 1
const LENGTH_BYTES = 2

/** Makes an empty dictionary. */
export function createIdDictionary(): IdDictionary {
  const ids: Ids = {
    count: 0,
    segments: [],
    segmentEnd: SEGMENT_BYTES,
    places: new Uint32Array(1024),
    slots: new Uint32Array(4096),
  }
  return {
    count: () => ids.count,
    bytesOf: (number) => {
      const segment = segmentOf(ids, number)
      const start = startOf(ids, number)
      return segment.subarray(start, start + lengthAt(segment, start))
    },
    numberOf: (bytes, start, end) => {
      const hash = hashOf(bytes, start, end)
      const slot = slotOf(ids, hash, bytes, start, end)
      const found = ids.slots[slot] ?? 0
      if (found !== 0) return found - 1
      const number = store(ids, bytes, start, end)
      ids.slots[slot] = number + 1
      ids.slots[slot + 1] = hash
      if (4 * ids.count > ids.slots.length) widenSlots(ids)
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
  readonly segments: Uint8Array[]
  segmentEnd: number
  /** Where each id lies. */
  places: Uint32Array
  /** Open addressing, two words each: a number plus one, or 0 when empty, and the hash of the id. */
  slots: Uint32Array
}

function segmentOf(ids: Ids, number: number): Uint8Array {
  const segment = ids.segments[(ids.places[number] ?? 0) >>> START_BITS]
  invariant(segment !== undefined, 'expected the number of an id')
  return segment
}

function startOf(ids: Ids, number: number): number {
  return ((ids.places[number] ?? 0) & START_MASK) * UNIT_BYTES + LENGTH_BYTES
}

function lengthAt(segment: Uint8Array, start: number): number {
  return (segment[start - 2] ?? 0) | ((segment[start - 1] ?? 0) << 8)
}

function keyAt(ids: Ids, number: number, depth: number): number {
  const segment = segmentOf(ids, number)
  const start = startOf(ids, number)
  return idKey(segment, start + depth, start + lengthAt(segment, start))
}

/** Where the id stands in the table, or the empty place where it belongs. */
function slotOf(ids: Ids, hash: number, bytes: Uint8Array, start: number, end: number): number {
  const { slots } = ids
  const last = slots.length - 2
  let slot = (2 * hash) & last
  for (let found = slots[slot] ?? 0; found !== 0; found = slots[slot] ?? 0) {
    if (slots[slot + 1] === hash && isId(ids, found - 1, bytes, start, end)) return slot
    slot = (slot + 2) & last
  }
  return slot
}

function isId(ids: Ids, number: number, bytes: Uint8Array, start: number, end: number): boolean {
  const segment = segmentOf(ids, number)
  const own = startOf(ids, number)
  if (lengthAt(segment, own) !== end - start) return false
  for (let place = start; place < end; place++) {
    if (segment[own + place - start] !== bytes[place]) return false
  }
  return true
}

function widenSlots(ids: Ids): void {
  const former = ids.slots
  const slots = new Uint32Array(2 * former.length)
  const last = slots.length - 2
  for (let place = 0; place < former.length; place += 2) {
    const [number = 0, hash = 0] = [former[place], former[place + 1]]
    if (number === 0) continue
    let slot = (2 * hash) & last
    while (slots[slot] !== 0) slot = (slot + 2) & last
    slots[slot] = number
    slots[slot + 1] = hash
  }
  ids.slots = slots
}

function store(ids: Ids, bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length === 0 || length > ID_BYTES_MAX) {
    throw new IdMalformedError(`expected an id of 1 to ${ID_BYTES_MAX} bytes, found ${length}`)
  }
  if (!isAscii(bytes, start, end) && !isUtf8(bytes.subarray(start, end))) {
    throw new IdMalformedError('expected an id in UTF-8, found other bytes')
  }
  if (ids.segmentEnd + LENGTH_BYTES + length > SEGMENT_BYTES) {
    if (ids.segments.length === SEGMENT_COUNT_MAX) {
      throw new IdMalformedError('expected ids of at most 16 GiB in all, found more')
    }
    ids.segments.push(new Uint8Array(SEGMENT_BYTES))
    ids.segmentEnd = 0
  }
  const segment = ids.segments.at(-1)
  segment?.set([length & 0xff, length >> 8], ids.segmentEnd)
  segment?.set(bytes.subarray(start, end), ids.segmentEnd + LENGTH_BYTES)
  if (ids.count === ids.places.length) {
    const wider = new Uint32Array(2 * ids.places.length)
    wider.set(ids.places)
    ids.places = wider
  }
  ids.places[ids.count] =
    (ids.segments.length - 1) * (1 << START_BITS) + ids.segmentEnd / UNIT_BYTES
  ids.segmentEnd += UNIT_BYTES * Math.ceil((LENGTH_BYTES + length) / UNIT_BYTES)
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

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let place = start; place < end; place++) if ((bytes[place] ?? 0) > 0x7f) return false
  return true
}

/** An id is empty, too long or no UTF-8. */
export class IdMalformedError extends FatalError {
  readonly detail: string

  constructor(detail: string, where?: string) {
    super('ID_MALFORMED', where === undefined ? detail : `${where}: ${detail}`)
    this.detail = detail
  }
}
