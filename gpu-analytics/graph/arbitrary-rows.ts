import fc from 'fast-check'

import type { EdgeColumns } from './edge-columns.ts'

/** An edge list with what a test needs to know about it. */
export type DrawnRows = {
  readonly nodeCount: number
  readonly rows: readonly DrawnRow[]
}

export type DrawnRow = { readonly source: number; readonly target: number; readonly weight: bigint }

const weight = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0n) },
  { weight: 4, arbitrary: fc.bigInt(1n, 5n) },
  { weight: 3, arbitrary: fc.bigInt(1n, 1n << 40n) },
  { weight: 2, arbitrary: fc.bigInt(1n, 1n << 70n) },
  { weight: 2, arbitrary: fc.bigInt((1n << 100n) - 9n, 1n << 100n) },
  { weight: 2, arbitrary: fc.bigInt(1n, (1n << 119n) - 1n) },
)

/** Rows over few nodes, so that pairs repeat and self loops occur. */
export const drawnRows: fc.Arbitrary<DrawnRows> = fc
  .integer({ min: 1, max: 40 })
  .chain((nodeCount) => {
    const node = fc.nat(nodeCount - 1)
    const row = fc.record({ source: node, target: node, weight })
    return fc.record({ nodeCount: fc.constant(nodeCount), rows: fc.array(row, { maxLength: 150 }) })
  })

/** The rows as columns. */
export function columnsOf(rows: readonly DrawnRow[]): EdgeColumns {
  const low = (1n << 64n) - 1n
  return {
    sources: Uint32Array.from(rows, (row) => row.source),
    targets: Uint32Array.from(rows, (row) => row.target),
    weights: BigUint64Array.from(rows.flatMap((row) => [row.weight & low, row.weight >> 64n])),
  }
}

/** The rows as columns without weights. */
export function pairsOf(rows: readonly DrawnRow[]): EdgeColumns {
  const { sources, targets } = columnsOf(rows)
  return { sources, targets }
}
