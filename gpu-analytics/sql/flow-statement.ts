import { textOf } from './dialect-text.ts'
import type { ProblemTables } from './rank-statement.ts'
import type { SqlDialect } from './sql-session.ts'

/** What of a flow problem is in the text of its statement. */
export type FlowShape = { readonly stepCountMax: number }

const TABLES: ProblemTables = { nodes: 'nodes', edges: 'edges' }

/**
 * A whole flow as one recursive statement: `id`, `kept` (with what was `stopped` in it), `stopped` and
 * `per_finger`, and in every row the number of `steps`; ascending by id. What went along an edge is
 * its fingers times the `per_finger` of its source.
 *
 * It reads `nodes` (id, inflow, keep_fingers, pass_fingers) and `edges` (source, target, fingers), all
 * amounts 256 bits wide in ClickHouse and 127 in DuckDB. The inflow times the steps must fit: DuckDB
 * says when it does not, ClickHouse does not.
 */
export function flowStatement(
  { stepCountMax }: FlowShape,
  dialect: SqlDialect,
  tables: ProblemTables = TABLES,
): string {
  const text = textOf(dialect)
  const zero = text.amount('0')
  const ofSelf = (value: string) => `sum(${text.choose('link.is_self = 1', value, zero)})`
  const fingers = 'node.keep_fingers + node.pass_fingers'
  const share = text.divide('step.moving', `greatest(${fingers}, ${text.amount('1')})`)
  const perFinger = text.choose(`${fingers} = 0`, zero, share)
  return `with recursive step as (
  select ${text.u32('0')} as iteration, id, inflow as moving,
    ${zero} as kept, ${zero} as passed,
    ${text.amount('sum(inflow) over ()')} as in_flight
  from ${tables.nodes}
  union all
  select ${text.u32('former_iteration + 1')} as iteration, reached as id, arrived as moving,
    settled as kept, given as passed, ${text.amount('sum(arrived) over ()')} as in_flight
  from (
    select
      max(sending.iteration) as former_iteration,
      link.target as reached,
      ${text.amount('sum(sending.per_finger * link.fingers)')} as arrived,
      ${text.amount(ofSelf('sending.keeps'))} as settled,
      ${text.amount(ofSelf('sending.gives'))} as given
    from (
      select dividing.*,
        ${text.amount('kept + moving - per_finger * pass_fingers')} as keeps,
        passed + per_finger as gives
      from (
        select step.iteration as iteration, step.id as id, step.moving as moving,
          step.kept as kept, step.passed as passed, node.pass_fingers as pass_fingers,
          ${perFinger} as per_finger
        from step
        inner join ${tables.nodes} as node on node.id = step.id
        where step.iteration < ${stepCountMax} and step.in_flight > 0
      ) as dividing
    ) as sending
    inner join (
      select source, target, fingers, 0 as is_self from ${tables.edges}
      union all
      select id, id, ${zero}, 1 from ${tables.nodes}
    ) as link on link.source = sending.id
    group by link.target
  ) as arriving
)
select id, kept + moving as kept, moving as stopped, passed as per_finger, iteration as steps
from (select *, max(iteration) over () as last_iteration from step) as done
where iteration = last_iteration
order by id
${text.depthSetting(stepCountMax)}`.trimEnd()
}
