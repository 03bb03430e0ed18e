/**
 * An edge list as columns: row r is an edge from `sources[r]` to `targets[r]`. Rows may lie in any
 * order, repeat a pair or be self loops; `buildCsr` merges and drops.
 */
export type EdgeColumns = {
  readonly sources: Uint32Array
  readonly targets: Uint32Array
  /**
   * Two limbs per row, the low one first, as ClickHouse's `RowBinary` lays out a `UInt128`. Without
   * it every pair counts once, however often it is repeated.
   */
  readonly weights?: BigUint64Array
}
