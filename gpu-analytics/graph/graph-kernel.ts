import { FatalError } from '@foggara/schema'

import { GraphTooLargeError } from '../cpu/wasm-memory.ts'
import { EdgeWeightTooLargeError, bitCountOf } from './edge-rows.ts'
import type { RowBucket } from './edge-rows.ts'
import { FAILED, type GraphKernels, instantiateGraphKernels } from './graph-wasm.ts'

const PAGE_BYTES = 65_536
const PAGE_COUNT_MAX = 65_536
const COUNTERS_AT = 1024
/** Six digits of at most eleven bits, as graph/kernel/sort.ts counts them. */
const NODES_AT = COUNTERS_AT + 6 * 4 * 2 ** 11
const NODE_BYTES = 64
const NODES_PER_COPY = 16_384
/** Numbers of nodes are u32, and one is left for no node. */
const NODE_COUNT_MAX = 2 ** 32 - 1

/** Small enough to stay in a cache. */
const EDGES_PER_COPY = 16_384

/** What a kernel knows of all nodes. */
export type NodeArrays = {
  readonly outDegrees: Uint32Array
  /** Empty for graphs without weights, as are the totals. */
  readonly shifts: Uint8Array
  /** Per node the total and the largest of its weights, two limbs each. */
  readonly sourceTotals: BigUint64Array
}

/** Where a merged bucket goes: the edges after those that are there, the rows by their targets. */
export type EdgeSink = {
  readonly sources: Uint32Array
  readonly weights: BigUint64Array | undefined
  /** The sum of row v is added to element v + 1. */
  readonly inOffsets: Uint32Array
  edgeCount: number
}

/**
 * The compiled kernels of graph building and their memory: the totals of all nodes stay in it, edges
 * pass through in pieces.
 */
export class GraphKernel {
  readonly #kernels: GraphKernels
  readonly #nodeCount: number
  readonly #isWeighted: boolean
  /** Of weighted graphs, one byte per node: whether its weights are to be normalised. */
  readonly #changedAt: number
  readonly #workAt: number

  private constructor(kernels: GraphKernels, nodeCount: number, isWeighted: boolean) {
    this.#kernels = kernels
    this.#nodeCount = nodeCount
    this.#isWeighted = isWeighted
    this.#changedAt = NODES_AT + nodeCount * (isWeighted ? NODE_BYTES : 4)
    this.#workAt = aligned(this.#changedAt + (isWeighted ? nodeCount : 0))
  }

  /**
   * Kernels for a graph of `nodeCount` nodes.
   *
   * @throws {NodeCountMalformedError | WasmUnavailableError | GraphTooLargeError}
   */
  static async create(nodeCount: number, isWeighted: boolean): Promise<GraphKernel> {
    if (!Number.isInteger(nodeCount) || nodeCount < 0 || nodeCount > NODE_COUNT_MAX) {
      throw new NodeCountMalformedError(nodeCount)
    }
    const kernel = new GraphKernel(await instantiateGraphKernels(), nodeCount, isWeighted)
    kernel.#need(0)
    if (isWeighted) kernel.#kernels.clearNodes(nodeCount, NODES_AT, kernel.#changedAt, 1)
    return kernel
  }

  /**
   * Sorts the rows of a bucket, merges equal pairs, books the edges with their sources and appends
   * them to the sink.
   *
   * @throws {EdgeWeightTooLargeError | GraphTooLargeError}
   */
  mergeBucket(bucket: RowBucket, sink: EdgeSink): void {
    const sourceBits = bitCountOf(this.#nodeCount)
    const keyBits = sourceBits + bitCountOf(bucket.targetCount)
    const rowCount = bucket.rows.length / (this.#isWeighted ? 6 : 2)
    const rowsAt = this.#workAt
    const keysAt = aligned(rowsAt + bucket.rows.byteLength)
    const otherKeysAt = keysAt + 8 * rowCount
    const sourcesAt = otherKeysAt + 8 * rowCount
    const rowCountsAt = sourcesAt + 4 * rowCount
    const numbersAt = rowCountsAt + 4 * bucket.targetCount
    const otherNumbersAt = numbersAt + (this.#isWeighted ? 4 * rowCount : 0)
    const weightsAt = aligned(otherNumbersAt + (this.#isWeighted ? 4 * rowCount : 0))
    this.#need(weightsAt + (this.#isWeighted ? 16 * rowCount : 0))
    const { buffer } = this.#kernels.memory
    new Uint32Array(buffer, rowsAt, bucket.rows.length).set(bucket.rows)
    const rowCounts = new Uint32Array(buffer, rowCountsAt, bucket.targetCount).fill(0)
    const edgeCount = this.#isWeighted
      ? this.#mergeWeighted(
          rowCount,
          [bucket.firstTarget, sourceBits, keyBits],
          [rowsAt, keysAt, otherKeysAt, numbersAt, otherNumbersAt],
          [sourcesAt, weightsAt, rowCountsAt],
        )
      : this.#mergePairs(
          rowCount,
          [bucket.firstTarget, sourceBits, keyBits],
          [rowsAt, keysAt, otherKeysAt],
          [sourcesAt, rowCountsAt],
        )
    sink.sources.set(new Uint32Array(buffer, sourcesAt, edgeCount), sink.edgeCount)
    sink.weights?.set(new BigUint64Array(buffer, weightsAt, 2 * edgeCount), 2 * sink.edgeCount)
    sink.edgeCount += edgeCount
    for (let row = 0; row < bucket.targetCount; row++) {
      const place = bucket.firstTarget + row + 1
      sink.inOffsets[place] = (sink.inOffsets[place] ?? 0) + (rowCounts[row] ?? 0)
    }
  }

  /**
   * Starts from the totals of another graph, of whose nodes none has changed.
   *
   * @throws {GraphTooLargeError}
   */
  startFrom(sourceTotals: BigUint64Array): void {
    this.#kernels.clearNodes(this.#nodeCount, NODES_AT, this.#changedAt, 0)
    this.#inPieces(sourceTotals.length / 4, NODES_PER_COPY, (first, count) => {
      this.#need(this.#workAt + 32 * count)
      this.#write(this.#workAt, sourceTotals.subarray(4 * first, 4 * (first + count)))
      this.#kernels.writeNodes(count, NODES_AT + first * NODE_BYTES, this.#workAt)
    })
  }

  /**
   * Books what edges gained with their sources, which have then changed: by how much each weight grew,
   * and to what.
   *
   * @throws {EdgeWeightTooLargeError}
   */
  grow(sources: Uint32Array, gains: BigUint64Array, weights: BigUint64Array): void {
    this.#inPieces(sources.length, EDGES_PER_COPY, (first, count) => {
      const gainsAt = aligned(this.#workAt + 4 * count)
      const weightsAt = gainsAt + 16 * count
      this.#need(weightsAt + 16 * count)
      this.#write(this.#workAt, sources.subarray(first, first + count))
      this.#write(gainsAt, gains.subarray(2 * first, 2 * (first + count)))
      this.#write(weightsAt, weights.subarray(2 * first, 2 * (first + count)))
      const at = [this.#workAt, gainsAt, weightsAt, NODES_AT, this.#changedAt]
      const end = this.#kernels.growNodes(count, ...at) >>> 0
      if (end < count) throw new EdgeWeightTooLargeError(sources[first + end] ?? 0)
    })
  }

  /** Finds the shifts; call it when all edges are booked. */
  finishNodes(): void {
    this.#kernels.finishNodes(this.#nodeCount, NODES_AT)
  }

  /** Writes the mantissas of the edges whose source changed, and leaves the others as they are. */
  normalise(sources: Uint32Array, weights: BigUint64Array, mantissas: Uint32Array): void {
    this.#inPieces(sources.length, EDGES_PER_COPY, (first, count) => {
      const mantissasAt = this.#workAt + 4 * count
      const weightsAt = aligned(mantissasAt + 4 * count)
      this.#need(weightsAt + 16 * count)
      const piece = mantissas.subarray(first, first + count)
      this.#write(this.#workAt, sources.subarray(first, first + count))
      this.#write(mantissasAt, piece)
      this.#write(weightsAt, weights.subarray(2 * first, 2 * (first + count)))
      const nodes = [NODES_AT, this.#changedAt]
      const at = [this.#workAt, weightsAt, ...nodes, mantissasAt, COUNTERS_AT]
      this.#kernels.normalise(count, ...at)
      piece.set(new Uint32Array(this.#kernels.memory.buffer, mantissasAt, count))
    })
  }

  /** The out-degrees of all nodes and, of weighted graphs, their shifts and totals. */
  readNodes(): NodeArrays {
    const nodeCount = this.#nodeCount
    const outDegrees = new Uint32Array(nodeCount)
    const shifts = new Uint8Array(this.#isWeighted ? nodeCount : 0)
    const sourceTotals = new BigUint64Array(this.#isWeighted ? 4 * nodeCount : 0)
    if (!this.#isWeighted) {
      outDegrees.set(new Uint32Array(this.#kernels.memory.buffer, NODES_AT, nodeCount))
      return { outDegrees, shifts, sourceTotals }
    }
    const shiftsAt = this.#workAt + 4 * NODES_PER_COPY
    const totalsAt = shiftsAt + NODES_PER_COPY
    this.#need(totalsAt + 32 * NODES_PER_COPY)
    const { buffer } = this.#kernels.memory
    this.#inPieces(nodeCount, NODES_PER_COPY, (first, count) => {
      const at = NODES_AT + first * NODE_BYTES
      this.#kernels.readNodes(count, at, this.#workAt, shiftsAt, totalsAt)
      outDegrees.set(new Uint32Array(buffer, this.#workAt, count), first)
      shifts.set(new Uint8Array(buffer, shiftsAt, count), first)
      sourceTotals.set(new BigUint64Array(buffer, totalsAt, 4 * count), 4 * first)
    })
    return { outDegrees, shifts, sourceTotals }
  }

  #mergePairs(
    rowCount: number,
    [firstTarget, sourceBits, keyBits]: readonly [number, number, number],
    [rowsAt, keysAt, otherKeysAt]: readonly [number, number, number],
    [sourcesAt, rowCountsAt]: readonly [number, number],
  ): number {
    const kernels = this.#kernels
    kernels.packPairs(rowCount, rowsAt, firstTarget, sourceBits, keyBits, keysAt, COUNTERS_AT)
    const isOther = kernels.sortPairs(rowCount, keyBits, keysAt, otherKeysAt, COUNTERS_AT) === 1
    const sortedAt = isOther ? otherKeysAt : keysAt
    return (
      kernels.mergePairs(rowCount, sourceBits, sortedAt, sourcesAt, rowCountsAt, NODES_AT) >>> 0
    )
  }

  #mergeWeighted(
    rowCount: number,
    [firstTarget, sourceBits, keyBits]: readonly [number, number, number],
    at: readonly [number, number, number, number, number],
    [sourcesAt, weightsAt, rowCountsAt]: readonly [number, number, number],
  ): number {
    const [rowsAt, keysAt, otherKeysAt, numbersAt, otherNumbersAt] = at
    const kernels = this.#kernels
    const bits = [firstTarget, sourceBits, keyBits]
    kernels.packWeightedRows(rowCount, rowsAt, ...bits, keysAt, numbersAt, COUNTERS_AT)
    const places = [keysAt, numbersAt, otherKeysAt, otherNumbersAt]
    const isOther = kernels.sortWeightedRows(rowCount, keyBits, ...places, COUNTERS_AT) === 1
    const sortedKeysAt = isOther ? otherKeysAt : keysAt
    const sortedNumbersAt = isOther ? otherNumbersAt : numbersAt
    const sorted = [sortedKeysAt, sortedNumbersAt, rowsAt]
    const out = [sourcesAt, weightsAt, rowCountsAt, NODES_AT]
    const edgeCount = kernels.mergeWeightedRows(rowCount, sourceBits, ...sorted, ...out) >>> 0
    if (edgeCount === FAILED) throw new EdgeWeightTooLargeError(kernels.takeFailedSource() >>> 0)
    return edgeCount
  }

  #inPieces(length: number, size: number, visit: (first: number, count: number) => void): void {
    for (let first = 0; first < length; first += size) visit(first, Math.min(size, length - first))
  }

  #write(address: number, values: Uint32Array | BigUint64Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    new Uint8Array(this.#kernels.memory.buffer, address, bytes.length).set(bytes)
  }

  #need(end: number): void {
    const byteLength = Math.max(end, this.#workAt)
    const pageCount = Math.ceil(byteLength / PAGE_BYTES)
    if (pageCount > PAGE_COUNT_MAX) throw new GraphTooLargeError(byteLength)
    const { memory } = this.#kernels
    const missing = pageCount - memory.buffer.byteLength / PAGE_BYTES
    if (missing <= 0) return
    try {
      memory.grow(missing)
    } catch (cause) {
      throw new GraphTooLargeError(byteLength, cause)
    }
  }
}

function aligned(address: number): number {
  return Math.ceil(address / 16) * 16
}

/** A number of nodes is none. */
export class NodeCountMalformedError extends FatalError {
  constructor(found: number) {
    super('NODE_COUNT_MALFORMED', `expected a whole number of nodes below 2^32, found ${found}`)
  }
}
