import { FatalError } from '@foggara/schema'

import { at } from '../graph/at.ts'
import type { EdgeSlab } from '../graph/edge-slab.ts'

/** A part of a slab that fits the kernels' memory: some edges, and the rows that they reach. */
export type SlabPiece = {
  readonly firstRow: number
  readonly rowCount: number
  /** Within the slab: the first row, the first edge, and one past the last edge. */
  readonly slabRow: number
  readonly begin: number
  readonly end: number
}

export type PieceLimits = {
  readonly edgeCount: number
  readonly rowCount: number
}

/** Cuts a slab into pieces, in order; rows may be cut as well. */
export function* piecesOf(slab: EdgeSlab, limits: PieceLimits): Generator<SlabPiece> {
  const { inOffsets, firstRow } = slab
  const rowCount = inOffsets.length - 1
  let slabRow = 0
  let begin = 0
  while (begin < slab.sources.length) {
    while (at(inOffsets, slabRow + 1) <= begin) slabRow++
    const end = Math.min(slab.sources.length, begin + limits.edgeCount)
    let row = slabRow
    const rowMax = Math.min(rowCount, slabRow + limits.rowCount)
    while (row < rowMax && at(inOffsets, row) < end) row++
    const stop = Math.min(end, at(inOffsets, row))
    yield { firstRow: firstRow + slabRow, rowCount: row - slabRow, slabRow, begin, end: stop }
    begin = stop
  }
}

/**
 * Checks that a slab follows the one before it and that its arrays fit each other.
 *
 * @throws {EdgeSlabError}
 */
export function checkSlab(
  slab: EdgeSlab,
  { nodeCount, isWeighted, lastRow }: { nodeCount: number; isWeighted: boolean; lastRow: number },
): void {
  const { firstRow, inOffsets, sources, mantissas } = slab
  const rowCount = inOffsets.length - 1
  if (rowCount < 0 || inOffsets[0] !== 0 || inOffsets[rowCount] !== sources.length) {
    throw new EdgeSlabError(`offsets from 0 to ${sources.length}`, `${inOffsets.length} others`)
  }
  let former = 0
  for (const offset of inOffsets) {
    if (offset < former) throw new EdgeSlabError('ascending offsets', `${former}, then ${offset}`)
    former = offset
  }
  if (!Number.isInteger(firstRow) || firstRow < lastRow || firstRow + rowCount > nodeCount) {
    const found = `rows ${firstRow} to ${firstRow + rowCount}`
    throw new EdgeSlabError(`rows from ${lastRow} on, below ${nodeCount}`, found)
  }
  if (isWeighted && mantissas?.length !== sources.length) {
    throw new EdgeSlabError(`${sources.length} mantissas`, `${mantissas?.length ?? 'none'}`)
  }
}

/** What a stream of edges delivers is not what its problem says. */
export class EdgeSlabError extends FatalError {
  constructor(expected: string, found: string) {
    super('EDGE_SLAB_MALFORMED', `slab of edges: expected ${expected}, found ${found}`)
  }
}
