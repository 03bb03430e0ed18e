const ORDER: readonly (string | null)[] = [
  'creators',
  'dataProviders',
  'computeOperators',
  'reviewers',
  'treasury',
]

/** Pools in the order of the domain. */
export function inPoolOrder<Row extends { readonly pool: string | null }>(
  rows: readonly Row[],
): readonly Row[] {
  return rows.toSorted((a, b) => ORDER.indexOf(a.pool) - ORDER.indexOf(b.pool))
}
