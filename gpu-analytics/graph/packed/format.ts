import { FatalError } from '@foggara/schema'

import type { RankStop } from '../../engine.ts'
import { xxhash32 } from './xxhash32.ts'

// A packed graph is a header of 64 bytes and blocks, all numbers little-endian. A block is its kind,
// its item count, its byte length and the XXH32 of its bytes (u32 each), then its bytes. Blocks come
// in the order of their kinds; the items of a kind continue from block to block.

/** What a block holds, in the order in which the kinds come. */
export const BLOCK_KINDS = {
  /** Rows one after the other, as `row-bits.ts` says; zeros fill the last byte. */
  rows: 1,
  /** Per edge a u32, as four planes of bytes, the lowest first; weighted graphs only. */
  mantissas: 2,
  /** Per node a byte; weighted graphs only. */
  shifts: 3,
  /** Per node a u32, in planes. */
  passThrough: 4,
  /** Per node a u64, in planes; where the teleport is not uniform. */
  teleport: 5,
} as const

/** Bytes of an item of the kinds whose items all have the same size. */
export const ITEM_BYTES = { mantissas: 4, shifts: 1, passThrough: 4, teleport: 8 } as const

export const HEADER_BYTES = 64
export const BLOCK_HEADER_BYTES = 16
/** Blocks end at the first item past it, so that both sides work in a cache. */
export const BLOCK_BYTES = 2 ** 18

/** What the header of a packed graph says. */
export type PackedHeader = {
  readonly nodeCount: number
  readonly edgeCount: number
  readonly isWeighted: boolean
  readonly hasTeleport: boolean
  readonly start: 'teleport' | 'uniform'
  readonly stop: RankStop
}

const MAGIC = new TextEncoder().encode('FOGGRAPH')
const VERSION = 1
const FLAGS = { isWeighted: 1, hasTeleport: 2, startsUniform: 4, stopsByDelta: 8 } as const
const CHECKSUM_AT = HEADER_BYTES - 4

/** Writes a header into its 64 bytes. */
export function writeHeader(bytes: Uint8Array, header: PackedHeader): void {
  const { stop } = header
  const deltaMax = stop.type === 'delta' ? stop.deltaMax : 0n
  const countMax = stop.type === 'delta' ? stop.iterationCountMax : stop.iterationCount
  if (deltaMax < 0n || deltaMax >= 1n << 64n || !(countMax >= 0 && countMax < 2 ** 32)) {
    throw new PackedGraphError('a stop rule of 64-bit delta and 32-bit count', 'a larger one')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES)
  bytes.set(MAGIC)
  view.setUint32(8, VERSION, true)
  const flags =
    (header.isWeighted ? FLAGS.isWeighted : 0) |
    (header.hasTeleport ? FLAGS.hasTeleport : 0) |
    (header.start === 'uniform' ? FLAGS.startsUniform : 0) |
    (stop.type === 'delta' ? FLAGS.stopsByDelta : 0)
  view.setUint32(12, flags, true)
  view.setUint32(16, header.nodeCount, true)
  view.setUint32(20, header.edgeCount, true)
  view.setUint32(24, countMax, true)
  view.setBigUint64(32, deltaMax, true)
  view.setUint32(CHECKSUM_AT, xxhash32(bytes.subarray(0, CHECKSUM_AT)), true)
}

/** Reads a header from its 64 bytes. */
export function readHeader(bytes: Uint8Array): PackedHeader {
  if (MAGIC.some((byte, index) => byte !== bytes[index])) {
    throw new PackedGraphError('a packed graph', 'bytes that do not start as one')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES)
  const version = view.getUint32(8, true)
  if (version !== VERSION) {
    throw new PackedGraphError(`version ${VERSION}`, `version ${version}`)
  }
  if (view.getUint32(CHECKSUM_AT, true) !== xxhash32(bytes.subarray(0, CHECKSUM_AT))) {
    throw new PackedGraphError('a header that fits its checksum', 'a damaged one')
  }
  const flags = view.getUint32(12, true)
  const count = view.getUint32(24, true)
  return {
    nodeCount: view.getUint32(16, true),
    edgeCount: view.getUint32(20, true),
    isWeighted: (flags & FLAGS.isWeighted) !== 0,
    hasTeleport: (flags & FLAGS.hasTeleport) !== 0,
    start: (flags & FLAGS.startsUniform) === 0 ? 'teleport' : 'uniform',
    stop:
      (flags & FLAGS.stopsByDelta) === 0
        ? { type: 'count', iterationCount: count }
        : { type: 'delta', deltaMax: view.getBigUint64(32, true), iterationCountMax: count },
  }
}

/** The bytes of a packed graph are not one, are damaged or are cut off. */
export class PackedGraphError extends FatalError {
  constructor(expected: string, found: string) {
    super('PACKED_GRAPH_MALFORMED', `packed graph: expected ${expected}, found ${found}`, {
      hint: 'Download the graph again.',
    })
  }
}
