import { expect, test } from 'vitest'

import { flowStatement } from './flow-statement.ts'
import { type RankShape, rankStatement } from './rank-statement.ts'

const DIALECTS = ['clickhouse', 'duckdb'] as const
const SHAPE: RankShape = {
  weights: 'mantissas',
  teleport: 'personalised',
  start: 'teleport',
  stop: { type: 'delta', deltaMax: 4_611_686_018n, iterationCountMax: 200 },
}

test.each(DIALECTS)('%s: a recursive member names its relation once', (dialect) => {
  for (const text of [rankStatement(SHAPE, dialect), flowStatement({ stepCountMax: 9 }, dialect)]) {
    expect(text.match(/\bfrom step\b/gu)).toHaveLength(2)
    expect(text.match(/\bjoin step\b/gu)).toBeNull()
  }
})

test.each(DIALECTS)('%s: no alias of a select is what its condition compares', (dialect) => {
  for (const text of [rankStatement(SHAPE, dialect), flowStatement({ stepCountMax: 9 }, dialect)]) {
    const conditions = [...text.matchAll(/where (step\.\w+ < \d+ and .*)$/gmu)]
    expect(conditions).toHaveLength(1)
    expect(conditions[0]?.[1]?.match(/(?<!\.)\b(?:iteration|delta|in_flight)\b/u)).toBeNull()
  }
})

test('ClickHouse is asked for the depth, DuckDB recurses as deep as it must', () => {
  expect(rankStatement(SHAPE, 'clickhouse')).toContain('max_recursive_cte_evaluation_depth = 210')
  expect(rankStatement(SHAPE, 'duckdb')).not.toContain('settings')
})

test('the statement of a rank in DuckDB', () => {
  expect(rankStatement(SHAPE, 'duckdb')).toMatchInlineSnapshot(`
    "with recursive step as (
      select 0::uinteger as iteration, id,
        teleport as score,
        0::ubigint as delta
      from nodes
      union all
      select (former_iteration + 1)::uinteger as iteration, reached as id, next as score,
        (sum((case when next > former then next - former else former - next end)::ubigint) over ())::ubigint as delta
      from (
        select former_iteration, reached, former,
          (arrived + ((teleported::uhugeint * own_teleport::uhugeint) >> 62)::ubigint)::ubigint as next
        from (
          select former_iteration, reached, former, arrived, own_teleport,
            (4611686018427387904::ubigint - (sum(arrived) over ())::ubigint) as teleported
          from (
            select
              max(sending.iteration) as former_iteration,
              link.target as reached,
              max(case when link.is_self = 1 then sending.score else 0::ubigint end) as former,
              max(link.teleport) as own_teleport,
              (sum(
                case when link.is_self = 1 then 0::ubigint else ((sending.sent::uhugeint * link.mantissa::uhugeint) >> 32)::ubigint end
              ))::ubigint as arrived
            from (
              select iteration, id, score, ((2 * passed) >> shift) as sent
              from (
                select step.iteration as iteration, step.id as id, step.score as score,
                  node.out_degree as out_degree, node.shift as shift,
                  ((step.score::uhugeint * node.pass_q32::uhugeint) >> 32)::ubigint as passed
                from step
                inner join nodes as node on node.id = step.id
                where step.iteration < 200 and (step.iteration = 0 or step.delta > 4611686018)
              ) as passing
            ) as sending
            inner join (
              select source, target, mantissa, 0::ubigint as teleport, 0 as is_self
              from edges
              union all
              select id, id, 0::uinteger, teleport, 1 from nodes
            ) as link on link.source = sending.id
            group by link.target
          ) as arriving
        ) as sharing
      ) as settled
    )
    select id, score, iteration as iterations, delta
    from (select *, max(iteration) over () as last_iteration from step) as done
    where iteration = last_iteration
    order by id"
  `)
})
