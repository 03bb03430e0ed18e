/** A named relation of a `with` clause, with its columns in order. */
export type NamedRelation = {
  readonly name: string
  readonly columns: readonly string[]
  /** A select, in parentheses. */
  readonly rows: string
}

/**
 * A `with` clause in which every relation is computed once and may use those before it.
 *
 * ClickHouse puts the text of a plain common table expression wherever it is named, so nested ones
 * multiply; a scalar is evaluated once. Each relation is therefore one array of tuples.
 */
export function withRelations(relations: readonly NamedRelation[]): string {
  const clauses = relations.map(({ name, columns, rows }) => {
    const picked = columns.map((column, index) => `item.${index + 1} as ${column}`)
    return [
      `(select groupArray((${columns.join(', ')})) from ${rows}) as ${name}_items`,
      `${name} as (select ${picked.join(', ')} from (select arrayJoin(${name}_items) as item))`,
    ].join(',\n')
  })
  return `with\n${clauses.join(',\n')}`
}
