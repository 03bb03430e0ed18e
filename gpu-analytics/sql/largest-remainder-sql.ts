/** What a largest-remainder split in SQL works on. */
export type SplitColumns = {
  /** The relation, in parentheses: one row per claim, of positive weight. */
  readonly relation: string
  /** The columns that name one split; none: the whole relation is one. */
  readonly group: readonly string[]
  /** What is divided, the same in every row of a group. */
  readonly total: string
  readonly weight: string
  /** Breaks ties, ascending. */
  readonly id: string
}

/**
 * Hamilton's method by window functions: every column of the relation and `amount`.
 *
 * It carries the name and the definition of `largestRemainder`; products must stay below 2^256.
 */
export function largestRemainderSql(split: SplitColumns): string {
  const partition = split.group.length === 0 ? '' : `partition by ${split.group.join(', ')}`
  return `(
    select * except (weight_total, quota, remainder),
      quota + if(
        row_number() over (${partition} order by remainder desc, ${split.id})
          <= toUInt64(toUInt256(${split.total}) - sum(quota) over (${partition})),
        toUInt256(1), toUInt256(0)
      ) as amount
    from (
      select *,
        intDiv(toUInt256(${split.total}) * toUInt256(${split.weight}), weight_total) as quota,
        toUInt256(${split.total}) * toUInt256(${split.weight}) % weight_total as remainder
      from (
        select *, sum(toUInt256(${split.weight})) over (${partition}) as weight_total
        from ${split.relation}
      )
    )
  )`
}
