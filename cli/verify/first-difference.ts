/** The first thing that differs between what was recomputed and what is published. */
export type Difference = {
  readonly table: string
  readonly key: string
  readonly expected: string
  readonly found: string
}

/** A row as its fields; amounts are bigints. */
type Fields = Readonly<Record<string, unknown>>

/** Two lists of the same table, each ascending by `keyOf`. */
export type Comparison<Row extends Fields> = {
  readonly table: string
  readonly expected: readonly Row[]
  readonly found: readonly Row[]
  readonly keyOf: (row: Row) => string
}

/** The first row or field that differs; undefined when the lists are equal. */
export function firstDifference<Row extends Fields>(
  comparison: Comparison<Row>,
): Difference | undefined {
  const { table, expected, found, keyOf } = comparison
  const count = Math.max(expected.length, found.length)
  for (let index = 0; index < count; index++) {
    const [wanted, actual] = [expected[index], found[index]]
    if (wanted === undefined || actual === undefined || keyOf(wanted) !== keyOf(actual)) {
      return missing(comparison, wanted, actual)
    }
    for (const name of Object.keys(wanted)) {
      const [left, right] = [show(wanted[name]), show(actual[name])]
      if (left !== right) {
        return { table, key: `${keyOf(wanted)}, ${name}`, expected: left, found: right }
      }
    }
  }
  return undefined
}

/** The line that says what differs. */
export function differenceLine({ table, key, expected, found }: Difference): string {
  return `${table} (${key}): expected ${expected}, found ${found}`
}

function missing<Row extends Fields>(
  { table, found, keyOf }: Comparison<Row>,
  wanted: Row | undefined,
  actual: Row | undefined,
): Difference {
  const isStored =
    wanted !== undefined && found.some((candidate) => keyOf(candidate) === keyOf(wanted))
  if (wanted !== undefined && !isStored) {
    return { table, key: keyOf(wanted), expected: show(wanted), found: 'no such row' }
  }
  const extra = actual ?? wanted
  return {
    table,
    key: extra === undefined ? '' : keyOf(extra),
    expected: 'no such row here',
    found: show(extra),
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return value.toString()
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  )
  return text ?? 'nothing'
}
