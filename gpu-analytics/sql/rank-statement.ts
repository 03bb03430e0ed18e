import { SCORE_MASS } from '@foggara/schema'

import { iterationCountMax } from '../check-problem.ts'
import type { RankProblem } from '../engine.ts'
import { type DialectText, textOf } from './dialect-text.ts'
import type { SqlDialect } from './sql-session.ts'

/** What of a rank problem is in the text of its statement; the rest is in the tables. */
export type RankShape = Pick<RankProblem, 'start' | 'stop'> & {
  readonly weights: 'mantissas' | 'equal'
  readonly teleport: 'personalised' | 'uniform'
}

/** The tables that a statement reads: plain names, or `database.name`. */
export type ProblemTables = { readonly nodes: string; readonly edges: string }

const TABLES: ProblemTables = { nodes: 'nodes', edges: 'edges' }

/** The shape of a problem. */
export function rankShapeOf(problem: RankProblem): RankShape {
  return {
    start: problem.start,
    stop: problem.stop,
    weights: problem.weights === 'equal' ? 'equal' : 'mantissas',
    teleport: problem.teleport === 'uniform' ? 'uniform' : 'personalised',
  }
}

/**
 * A whole rank as one recursive statement: `id`, `score`, and in every row the number of `iterations`
 * and the last `delta`; ascending by id.
 *
 * It reads `nodes` (id, out_degree, shift, pass_q32, teleport) and `edges` (source, target, mantissa);
 * `docs/attribution.md` shows both. Every node has a link to itself besides, which carries what a node
 * knows into the next iteration without a second use of the recursive relation: a recursive member
 * that names it twice gives wrong rows in ClickHouse without saying so.
 */
export function rankStatement(
  shape: RankShape,
  dialect: SqlDialect,
  tables: ProblemTables = TABLES,
): string {
  const text = textOf(dialect)
  const countMax = iterationCountMax(shape.stop)
  const goesOn = [`step.iteration < ${countMax}`]
  if (shape.stop.type === 'delta') {
    goesOn.push(`(step.iteration = 0 or step.delta > ${shape.stop.deltaMax})`)
  }
  const moved = text.choose('next > former', 'next - former', 'former - next')
  return `with recursive step as (
  select ${text.u32('0')} as iteration, id,
    ${startOf(shape, text, tables)} as score,
    ${text.u64('0')} as delta
  from ${tables.nodes}
  union all
  select ${text.u32('former_iteration + 1')} as iteration, reached as id, next as score,
    ${text.u64(`sum(${text.u64(moved)}) over ()`)} as delta
  from (
    select former_iteration, reached, former,
      ${text.u64(`arrived + ${shareOf(shape, text, tables)}`)} as next
    from (
      select former_iteration, reached, former, arrived, own_teleport,
        ${text.restOf(`${SCORE_MASS}`, `sum(${text.wide('arrived')}) over ()`)} as teleported
      from (
        select
          max(sending.iteration) as former_iteration,
          link.target as reached,
          max(${text.choose('link.is_self = 1', 'sending.score', text.u64('0'))}) as former,
          max(link.teleport) as own_teleport,
          ${text.u64(`sum(
            ${text.choose('link.is_self = 1', text.u64('0'), arrivedOf(shape, text))}
          )`)} as arrived
        from (
          select iteration, id, score, ${sentOf(shape, text)} as sent
          from (
            select step.iteration as iteration, step.id as id, step.score as score,
              node.out_degree as out_degree, node.shift as shift,
              ${text.mulShift('step.score', 'node.pass_q32', 32)} as passed
            from step
            inner join ${tables.nodes} as node on node.id = step.id
            where ${goesOn.join(' and ')}
          ) as passing
        ) as sending
        inner join (
          select source, target, mantissa, ${text.u64('0')} as teleport, 0 as is_self
          from ${tables.edges}
          union all
          select id, id, ${text.u32('0')}, teleport, 1 from ${tables.nodes}
        ) as link on link.source = sending.id
        group by link.target
      ) as arriving
    ) as sharing
  ) as settled
)
select id, score, iteration as iterations, delta
from (select *, max(iteration) over () as last_iteration from step) as done
where iteration = last_iteration
order by id
${text.depthSetting(countMax)}`.trimEnd()
}

function startOf(shape: RankShape, text: DialectText, tables: ProblemTables): string {
  return shape.start === 'teleport' && shape.teleport === 'personalised'
    ? 'teleport'
    : text.divide(text.u64(`${SCORE_MASS}`), countOf(text, tables))
}

/** At least 1, so that a constant fold over no node divides by no 0. */
function countOf(text: DialectText, { nodes }: ProblemTables): string {
  return `(select ${text.u64('greatest(count(*), 1)')} from ${nodes})`
}

function sentOf(shape: RankShape, text: DialectText): string {
  return shape.weights === 'equal'
    ? text.divide('passed', text.u64('greatest(out_degree, 1)'))
    : text.shiftRight('2 * passed', 'shift')
}

function arrivedOf(shape: RankShape, text: DialectText): string {
  return shape.weights === 'equal'
    ? 'sending.sent'
    : text.mulShift('sending.sent', 'link.mantissa', 32)
}

function shareOf(shape: RankShape, text: DialectText, tables: ProblemTables): string {
  return shape.teleport === 'uniform'
    ? text.divide('teleported', countOf(text, tables))
    : text.mulShift('teleported', 'own_teleport', 62)
}
