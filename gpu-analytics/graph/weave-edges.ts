import { invariant } from '@foggara/schema'

import { EdgeWeightTooLargeError } from './edge-rows.ts'
import type { EdgeTable } from './edge-table.ts'
import type { EdgeSink } from './graph-kernel.ts'
import { FAILED, type GraphKernels, instantiateGraphKernels } from './graph-wasm.ts'
import type { AdditionPlaces } from './locate-additions.ts'
import { type WeavePiece, weavePieces } from './weave-pieces.ts'

/** Edges of the table in a piece, and additions to it: all columns of both fit into a cache. */
const PIECE_COUNT = 8192
/** Columns begin behind the few globals of the module. */
const COLUMNS_AT = 65_536
const PAGE_BYTES = 65_536

/** The edges of a table and of additions together; all but the sources are empty without weights. */
export type WovenEdges = {
  readonly sources: Uint32Array
  /** Those of the table, 0 for new edges. */
  readonly mantissas: Uint32Array
  readonly edgeWeights: BigUint64Array
  /** Per addition, the weight of its edge in the result. */
  readonly addedWeights: BigUint64Array
}

/**
 * Puts additions where they belong among the edges of a table, which stays as it is.
 *
 * @throws {EdgeWeightTooLargeError | WasmUnavailableError}
 */
export async function weaveEdges(
  previous: EdgeTable,
  additions: EdgeSink,
  located: AdditionPlaces,
): Promise<WovenEdges> {
  const { edgeCount, places } = located
  const kernels = await instantiateGraphKernels()
  const columns = pieceColumns(kernels)
  const isWeighted = previous.edgeWeights !== undefined
  const woven = {
    sources: new Uint32Array(edgeCount),
    mantissas: new Uint32Array(isWeighted ? edgeCount : 0),
    edgeWeights: new BigUint64Array(isWeighted ? 2 * edgeCount : 0),
    addedWeights: new BigUint64Array(isWeighted ? 2 * places.length : 0),
  }
  const weave = isWeighted ? weaveWeighted : weavePairs
  let count = 0
  for (const piece of weavePieces(previous.graph.sources.length, places, PIECE_COUNT)) {
    readPiece(columns, previous, additions, located, piece)
    const found = weave(kernels, columns, piece)
    if (found === FAILED) throw new EdgeWeightTooLargeError(kernels.takeFailedSource() >>> 0)
    writePiece(columns, piece, woven, count, found)
    count += found
  }
  invariant(count === edgeCount, 'expected as many edges as additions have places')
  return woven
}

type PieceColumns = {
  readonly formerWeights: BigUint64Array
  readonly addedWeights: BigUint64Array
  readonly weights: BigUint64Array
  readonly resultingWeights: BigUint64Array
  readonly formerSources: Uint32Array
  readonly formerMantissas: Uint32Array
  readonly places: Uint32Array
  readonly addedSources: Uint32Array
  readonly sources: Uint32Array
  readonly mantissas: Uint32Array
  readonly isNew: Uint8Array
}

function pieceColumns({ memory }: GraphKernels): PieceColumns {
  const byteLength = COLUMNS_AT + 128 * PIECE_COUNT
  memory.grow(Math.max(0, Math.ceil((byteLength - memory.buffer.byteLength) / PAGE_BYTES)))
  let at = COLUMNS_AT
  const reserve = (bytes: number): number => (at += bytes) - bytes
  const longs = (count: number): BigUint64Array =>
    new BigUint64Array(memory.buffer, reserve(8 * count), count)
  const words = (count: number): Uint32Array =>
    new Uint32Array(memory.buffer, reserve(4 * count), count)
  return {
    formerWeights: longs(2 * PIECE_COUNT),
    addedWeights: longs(2 * PIECE_COUNT),
    weights: longs(4 * PIECE_COUNT),
    resultingWeights: longs(2 * PIECE_COUNT),
    formerSources: words(PIECE_COUNT),
    formerMantissas: words(PIECE_COUNT),
    places: words(PIECE_COUNT),
    addedSources: words(PIECE_COUNT),
    sources: words(2 * PIECE_COUNT),
    mantissas: words(2 * PIECE_COUNT),
    isNew: new Uint8Array(memory.buffer, reserve(PIECE_COUNT), PIECE_COUNT),
  }
}

function readPiece(
  columns: PieceColumns,
  { graph, weights, edgeWeights }: EdgeTable,
  additions: EdgeSink,
  { places, isNew }: AdditionPlaces,
  { first, end, firstAdded, endAdded }: WeavePiece,
): void {
  columns.formerSources.set(graph.sources.subarray(first, end))
  columns.addedSources.set(additions.sources.subarray(firstAdded, endAdded))
  columns.isNew.set(isNew.subarray(firstAdded, endAdded))
  for (let added = firstAdded; added < endAdded; added++) {
    columns.places[added - firstAdded] = (places[added] ?? 0) - first
  }
  if (weights === 'equal' || edgeWeights === undefined || additions.weights === undefined) return
  columns.formerMantissas.set(weights.mantissas.subarray(first, end))
  columns.formerWeights.set(edgeWeights.subarray(2 * first, 2 * end))
  columns.addedWeights.set(additions.weights.subarray(2 * firstAdded, 2 * endAdded))
}

function writePiece(
  columns: PieceColumns,
  { firstAdded, endAdded }: WeavePiece,
  woven: WovenEdges,
  count: number,
  found: number,
): void {
  woven.sources.set(columns.sources.subarray(0, found), count)
  if (woven.mantissas.length === 0) return
  woven.mantissas.set(columns.mantissas.subarray(0, found), count)
  woven.edgeWeights.set(columns.weights.subarray(0, 2 * found), 2 * count)
  const results = columns.resultingWeights.subarray(0, 2 * (endAdded - firstAdded))
  woven.addedWeights.set(results, 2 * firstAdded)
}

function weaveWeighted(kernels: GraphKernels, at: PieceColumns, piece: WeavePiece): number {
  return (
    kernels.weaveWeighted(
      piece.end - piece.first,
      at.formerSources.byteOffset,
      at.formerMantissas.byteOffset,
      at.formerWeights.byteOffset,
      piece.endAdded - piece.firstAdded,
      at.places.byteOffset,
      at.isNew.byteOffset,
      at.addedSources.byteOffset,
      at.addedWeights.byteOffset,
      at.sources.byteOffset,
      at.mantissas.byteOffset,
      at.weights.byteOffset,
      at.resultingWeights.byteOffset,
    ) >>> 0
  )
}

function weavePairs(kernels: GraphKernels, at: PieceColumns, piece: WeavePiece): number {
  return (
    kernels.weavePairs(
      piece.end - piece.first,
      at.formerSources.byteOffset,
      piece.endAdded - piece.firstAdded,
      at.places.byteOffset,
      at.isNew.byteOffset,
      at.addedSources.byteOffset,
      at.sources.byteOffset,
    ) >>> 0
  )
}
