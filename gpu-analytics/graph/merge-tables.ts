import { invariant } from '@foggara/schema'

import { shortened } from './build-csr.ts'
import { EdgeWeightTooLargeError, limbsOf } from './edge-rows.ts'
import type { EdgeTable } from './edge-table.ts'
import type { EdgeSink } from './graph-kernel.ts'

/** The edges of two tables together; mantissas are those of the first table, 0 for new edges. */
export type MergedEdges = {
  readonly inOffsets: Uint32Array
  readonly sources: Uint32Array
  readonly outDegrees: Uint32Array
  readonly mantissas: Uint32Array
  readonly edgeWeights: BigUint64Array | undefined
  /** Per edge of the additions, its weight in the result. */
  readonly addedWeights: BigUint64Array | undefined
}

/** Merges sorted additions into a sorted table; rows without an addition are copied as they are. */
export function mergeTables(
  previous: EdgeTable,
  additions: EdgeSink,
  nodeCount: number,
): MergedEdges {
  const merger = new RowMerger(previous, additions, nodeCount)
  const { inOffsets } = previous.graph
  const rowCount = previous.graph.nodeCount
  let copied = 0
  for (let row = 0; row < nodeCount; row++) {
    const first = additions.inOffsets[row] ?? 0
    const end = additions.inOffsets[row + 1] ?? 0
    if (first < end) {
      const start = inOffsets[Math.min(row, rowCount)] ?? 0
      const formerEnd = inOffsets[Math.min(row + 1, rowCount)] ?? 0
      merger.copy(copied, start)
      merger.merge(start, formerEnd, first, end)
      copied = formerEnd
    }
    merger.endRow(row, (inOffsets[Math.min(row + 1, rowCount)] ?? 0) - copied)
  }
  merger.copy(copied, previous.graph.sources.length)
  return merger.end()
}

/** Fewer edges are copied one by one: views cost more. */
const SHORT = 24

class RowMerger {
  readonly #former: { sources: Uint32Array; mantissas: Uint32Array; limbs: Uint32Array }
  readonly #added: { sources: Uint32Array; limbs: Uint32Array }
  readonly #sources: Uint32Array
  readonly #mantissas: Uint32Array
  readonly #weights: BigUint64Array | undefined
  readonly #limbs: Uint32Array
  readonly #addedWeights: BigUint64Array | undefined
  readonly #addedResults: Uint32Array
  readonly #inOffsets: Uint32Array
  readonly #outDegrees: Uint32Array
  #edgeCount = 0

  constructor(previous: EdgeTable, additions: EdgeSink, nodeCount: number) {
    const { graph, weights, edgeWeights } = previous
    const none = new Uint32Array()
    this.#former = {
      sources: graph.sources,
      mantissas: weights === 'equal' ? none : weights.mantissas,
      limbs: edgeWeights === undefined ? none : limbsOf(edgeWeights),
    }
    this.#added = {
      sources: additions.sources,
      limbs: additions.weights === undefined ? none : limbsOf(additions.weights),
    }
    const countMax = graph.sources.length + additions.edgeCount
    this.#sources = new Uint32Array(countMax)
    this.#mantissas = new Uint32Array(edgeWeights === undefined ? 0 : countMax)
    this.#weights = edgeWeights === undefined ? undefined : new BigUint64Array(2 * countMax)
    this.#limbs = this.#weights === undefined ? none : limbsOf(this.#weights)
    this.#addedWeights =
      additions.weights === undefined ? undefined : new BigUint64Array(2 * additions.edgeCount)
    this.#addedResults = this.#addedWeights === undefined ? none : limbsOf(this.#addedWeights)
    this.#inOffsets = new Uint32Array(nodeCount + 1)
    this.#outDegrees = new Uint32Array(nodeCount)
    this.#outDegrees.set(graph.outDegrees)
  }

  /** Appends edges of the former table. */
  copy(first: number, end: number): void {
    if (end - first < SHORT) {
      for (let edge = first; edge < end; edge++) this.#copyOne(edge)
      return
    }
    this.#sources.set(this.#former.sources.subarray(first, end), this.#edgeCount)
    if (this.#weights !== undefined) {
      this.#mantissas.set(this.#former.mantissas.subarray(first, end), this.#edgeCount)
      this.#limbs.set(this.#former.limbs.subarray(4 * first, 4 * end), 4 * this.#edgeCount)
    }
    this.#edgeCount += end - first
  }

  /** Merges a row of the former table with one of the additions. */
  merge(formerFirst: number, formerEnd: number, addedFirst: number, addedEnd: number): void {
    const formerSources = this.#former.sources
    let former = formerFirst
    for (let added = addedFirst; added < addedEnd; added++) {
      const source = this.#added.sources[added] ?? 0
      const next = firstNotBelow(formerSources, former, formerEnd, source)
      this.copy(former, next)
      former = next
      if (former < formerEnd && formerSources[former] === source) {
        this.copy(former, former + 1)
        former++
        if (this.#weights !== undefined) this.#addWeight(added, source)
      } else {
        this.#append(added, source)
      }
      if (this.#weights === undefined) continue
      const result = 4 * (this.#edgeCount - 1)
      for (let limb = 0; limb < 4; limb++) {
        this.#addedResults[4 * added + limb] = this.#limbs[result + limb] ?? 0
      }
    }
    this.copy(former, formerEnd)
  }

  /** Says that a row ends `waitingCount` edges of the former table from here. */
  endRow(row: number, waitingCount: number): void {
    this.#inOffsets[row + 1] = this.#edgeCount + waitingCount
  }

  end(): MergedEdges {
    const edgeCount = this.#edgeCount
    invariant(this.#inOffsets.at(-1) === edgeCount, 'expected rows that hold all edges')
    return {
      inOffsets: this.#inOffsets,
      sources: shortened(this.#sources, edgeCount),
      outDegrees: this.#outDegrees,
      mantissas: shortened(this.#mantissas, this.#weights === undefined ? 0 : edgeCount),
      edgeWeights:
        this.#weights === undefined ? undefined : shortened(this.#weights, 2 * edgeCount),
      addedWeights: this.#addedWeights,
    }
  }

  #copyOne(edge: number): void {
    const place = this.#edgeCount++
    this.#sources[place] = this.#former.sources[edge] ?? 0
    if (this.#weights === undefined) return
    this.#mantissas[place] = this.#former.mantissas[edge] ?? 0
    for (let limb = 0; limb < 4; limb++) {
      this.#limbs[4 * place + limb] = this.#former.limbs[4 * edge + limb] ?? 0
    }
  }

  #append(added: number, source: number): void {
    const edge = this.#edgeCount++
    this.#sources[edge] = source
    this.#outDegrees[source] = (this.#outDegrees[source] ?? 0) + 1
    if (this.#weights === undefined) return
    for (let limb = 0; limb < 4; limb++) {
      this.#limbs[4 * edge + limb] = this.#added.limbs[4 * added + limb] ?? 0
    }
  }

  /** Adds the weight of an addition to the edge that was appended last. */
  #addWeight(added: number, source: number): void {
    const at = 4 * (this.#edgeCount - 1)
    let carry = 0
    for (let limb = 0; limb < 4; limb++) {
      const sum = (this.#limbs[at + limb] ?? 0) + (this.#added.limbs[4 * added + limb] ?? 0) + carry
      this.#limbs[at + limb] = sum
      carry = sum > 0xffff_ffff ? 1 : 0
    }
    if ((this.#limbs[at + 3] ?? 0) >= 2 ** 31) throw new EdgeWeightTooLargeError(source)
  }
}

/** The first place of an ascending list from `first` on whose value is not below `value`. */
function firstNotBelow(list: Uint32Array, first: number, end: number, value: number): number {
  let step = 1
  let low = first
  while (low + step < end && (list[low + step] ?? 0) < value) {
    low += step
    step *= 2
  }
  let high = Math.min(end, low + step)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
