import type { RankProblem } from '../../engine.ts'
import { BitReader } from './bit-reader.ts'
import { BLOCK_KINDS, ITEM_BYTES, PackedGraphError, type PackedHeader } from './format.ts'
import { readRow, readRowLength } from './row-bits.ts'

type PlaneKind = keyof typeof ITEM_BYTES

/** Fills the arrays of a graph from its blocks; arrays grow with what arrives, never ahead of it. */
export class BlockReader {
  readonly #header: PackedHeader
  /** Element row + 1 is where the row ends. */
  #inOffsets = new Uint32Array(1)
  #sources = new Uint32Array(0)
  #rowCount = 0
  #edgeCount = 0
  readonly #planes: Record<PlaneKind, Planes>

  constructor(header: PackedHeader) {
    this.#header = header
    const { nodeCount, edgeCount, isWeighted, hasTeleport } = header
    this.#planes = {
      mantissas: new Planes('mantissas', isWeighted ? edgeCount : 0),
      shifts: new Planes('shifts', isWeighted ? nodeCount : 0),
      passThrough: new Planes('passThrough', nodeCount),
      teleport: new Planes('teleport', hasTeleport ? nodeCount : 0),
    }
  }

  progress(): { edgeCount: number; edgeCountMax: number } {
    return { edgeCount: this.#edgeCount, edgeCountMax: this.#header.edgeCount }
  }

  /** Takes the next block. */
  read(kind: number, itemCount: number, content: Uint8Array): void {
    const next = this.#nextKind()
    if (next === undefined || BLOCK_KINDS[next] !== kind) {
      throw new PackedGraphError(`${next ?? 'no more'} blocks`, `a block of kind ${kind}`)
    }
    if (next === 'rows') this.#readRows(itemCount, content)
    else this.#planes[next].read(itemCount, content)
  }

  /** The problem, when all blocks were there. */
  end(): RankProblem {
    const missing = this.#nextKind()
    if (missing !== undefined) throw new PackedGraphError(`${missing} blocks`, 'the end')
    const { nodeCount, edgeCount, isWeighted, hasTeleport, start, stop } = this.#header
    if (this.#edgeCount !== edgeCount) {
      throw new PackedGraphError(`${edgeCount} edges`, `${this.#edgeCount}`)
    }
    const sources = this.#sources.subarray(0, edgeCount)
    const outDegrees = outDegreesOf(sources, nodeCount)
    const inOffsets = this.#inOffsets.subarray(0, nodeCount + 1)
    const words = ({ bytes }: Planes) => new Uint32Array(bytes.buffer, 0, bytes.length / 4)
    const { mantissas, shifts, passThrough, teleport } = this.#planes
    return {
      graph: { nodeCount, inOffsets, sources, outDegrees },
      weights: isWeighted ? { mantissas: words(mantissas), shifts: shifts.bytes } : 'equal',
      passThroughQ32: words(passThrough),
      teleport: hasTeleport ? new BigUint64Array(teleport.bytes.buffer, 0, nodeCount) : 'uniform',
      start,
      stop,
    }
  }

  #nextKind(): PlaneKind | 'rows' | undefined {
    if (this.#rowCount < this.#header.nodeCount) return 'rows'
    const kinds = ['mantissas', 'shifts', 'passThrough', 'teleport'] as const
    return kinds.find((kind) => !this.#planes[kind].isFull())
  }

  #readRows(rowCount: number, content: Uint8Array): void {
    const { nodeCount, edgeCount } = this.#header
    const rowEnd = this.#rowCount + rowCount
    if (rowCount === 0 || rowEnd > nodeCount || rowCount > 8 * content.length) {
      throw new PackedGraphError(`at most ${nodeCount} rows`, `a block of ${rowCount} more`)
    }
    this.#inOffsets = grown(this.#inOffsets, rowEnd + 1, nodeCount + 1)
    const bits = new BitReader(content)
    let edge = this.#edgeCount
    // An edge takes a bit or more, so no block makes more room than thirty-two times its length.
    const edgesEnd = Math.min(edgeCount, edge + 8 * content.length)
    for (let row = this.#rowCount; row < rowEnd; row++) {
      const end = edge + readRowLength(bits)
      if (end > edgesEnd) {
        throw new PackedGraphError(`rows of ${edgeCount} edges in all`, 'a longer row')
      }
      if (end > this.#sources.length) this.#sources = grown(this.#sources, end, edgeCount)
      if (end > edge && !readRow(bits, nodeCount, this.#sources, edge, end)) {
        throw new PackedGraphError(`sources below ${nodeCount}`, 'a larger one, or none')
      }
      edge = end
      this.#inOffsets[row + 1] = edge
    }
    if (!bits.isAtEnd()) throw new PackedGraphError('rows that fill their block', 'another length')
    this.#rowCount = rowEnd
    this.#edgeCount = edge
  }
}

/** Numbers of one size that arrive as planes of their bytes. */
class Planes {
  readonly #kind: PlaneKind
  readonly #itemCount: number
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #length = 0

  constructor(kind: PlaneKind, itemCount: number) {
    this.#kind = kind
    this.#itemCount = itemCount
  }

  /** The numbers that have arrived, in memory order. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  isFull(): boolean {
    return this.#length === this.#itemCount * ITEM_BYTES[this.#kind]
  }

  read(itemCount: number, content: Uint8Array): void {
    const itemBytes = ITEM_BYTES[this.#kind]
    const lengthMax = this.#itemCount * itemBytes
    const end = this.#length + content.length
    if (itemCount === 0 || content.length !== itemCount * itemBytes || end > lengthMax) {
      throw new PackedGraphError(`${this.#itemCount} ${this.#kind}`, 'a block of another size')
    }
    this.#bytes = grownBytes(this.#bytes, end, lengthMax)
    const bytes = this.#bytes
    let from = 0
    for (let plane = 0; plane < itemBytes; plane++) {
      for (let at = this.#length + plane; at < end; at += itemBytes)
        bytes[at] = content[from++] ?? 0
    }
    this.#length = end
  }
}

/** An indexed loop: iterating takes several times as long here. */
function outDegreesOf(sources: Uint32Array, nodeCount: number): Uint32Array {
  const outDegrees = new Uint32Array(nodeCount)
  for (let edge = 0; edge < sources.length; edge++) {
    const source = sources[edge] ?? 0
    outDegrees[source] = (outDegrees[source] ?? 0) + 1
  }
  return outDegrees
}

function grown(
  values: Uint32Array<ArrayBuffer>,
  length: number,
  lengthMax: number,
): Uint32Array<ArrayBuffer> {
  if (length <= values.length) return values
  const longer = new Uint32Array(Math.min(lengthMax, Math.max(length, 2 * values.length)))
  longer.set(values)
  return longer
}

function grownBytes(
  values: Uint8Array<ArrayBuffer>,
  length: number,
  lengthMax: number,
): Uint8Array<ArrayBuffer> {
  if (length <= values.length) return values
  const longer = new Uint8Array(Math.min(lengthMax, Math.max(length, 2 * values.length)))
  longer.set(values)
  return longer
}
