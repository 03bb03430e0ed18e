import type { RankProblem } from '../../engine.ts'
import type { Csr } from '../csr.ts'
import { BitWriter } from './bit-writer.ts'
import {
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  BLOCK_KINDS,
  HEADER_BYTES,
  ITEM_BYTES,
  writeHeader,
} from './format.ts'
import { writeRow } from './row-bits.ts'
import { xxhash32 } from './xxhash32.ts'

/**
 * Packs a rank problem for a download: the sources of each row as Rice codes of their gaps, all other
 * numbers in planes of bytes, so that gzip on top finds what repeats.
 *
 * @throws {PackedGraphError} when the stop rule does not fit the header.
 */
export function encodeGraph(problem: RankProblem): Uint8Array {
  const { graph, weights, teleport } = problem
  const out = new PackedBytes()
  out.reserve(HEADER_BYTES)
  out.length = HEADER_BYTES
  encodeRows(out, graph)
  if (weights !== 'equal') {
    encodePlanes(out, 'mantissas', bytesOf(weights.mantissas))
    encodePlanes(out, 'shifts', bytesOf(weights.shifts))
  }
  encodePlanes(out, 'passThrough', bytesOf(problem.passThroughQ32))
  if (teleport !== 'uniform') encodePlanes(out, 'teleport', bytesOf(teleport))
  writeHeader(out.bytes, {
    nodeCount: graph.nodeCount,
    edgeCount: graph.sources.length,
    isWeighted: weights !== 'equal',
    hasTeleport: teleport !== 'uniform',
    start: problem.start,
    stop: problem.stop,
  })
  return out.bytes.slice(0, out.length)
}

/** Bytes that grow. */
class PackedBytes {
  bytes = new Uint8Array(BLOCK_BYTES)
  length = 0

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  /** Starts a block and returns where; its header is written by `endBlock`. */
  startBlock(): number {
    this.reserve(BLOCK_HEADER_BYTES)
    this.length += BLOCK_HEADER_BYTES
    return this.length - BLOCK_HEADER_BYTES
  }

  append(content: Uint8Array): void {
    this.reserve(content.length)
    this.bytes.set(content, this.length)
    this.length += content.length
  }

  endBlock(start: number, kind: number, itemCount: number): void {
    const view = new DataView(this.bytes.buffer, start, BLOCK_HEADER_BYTES)
    const content = this.bytes.subarray(start + BLOCK_HEADER_BYTES, this.length)
    view.setUint32(0, kind, true)
    view.setUint32(4, itemCount, true)
    view.setUint32(8, content.length, true)
    view.setUint32(12, xxhash32(content), true)
  }
}

function encodeRows(out: PackedBytes, { nodeCount, inOffsets, sources }: Csr): void {
  const bits = new BitWriter()
  let row = 0
  while (row < nodeCount) {
    bits.clear()
    const firstRow = row
    while (row < nodeCount && bits.length < BLOCK_BYTES) {
      writeRow(bits, sources, inOffsets[row] ?? 0, inOffsets[row + 1] ?? 0)
      row++
    }
    bits.end()
    const start = out.startBlock()
    out.append(bits.bytes.subarray(0, bits.length))
    out.endBlock(start, BLOCK_KINDS.rows, row - firstRow)
  }
}

function encodePlanes(out: PackedBytes, kind: keyof typeof ITEM_BYTES, values: Uint8Array): void {
  const itemBytes = ITEM_BYTES[kind]
  for (let first = 0; first < values.length; first += BLOCK_BYTES) {
    const block = values.subarray(first, first + BLOCK_BYTES)
    const start = out.startBlock()
    out.reserve(block.length)
    for (let plane = 0; plane < itemBytes; plane++) {
      for (let at = plane; at < block.length; at += itemBytes) {
        out.bytes[out.length++] = block[at] ?? 0
      }
    }
    out.endBlock(start, BLOCK_KINDS[kind], block.length / itemBytes)
  }
}

function bytesOf(values: Uint32Array | Uint8Array | BigUint64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
