import { SCORE_MASS } from '@foggara/schema'

import type { RankProblem } from '../engine.ts'
import { type ByDegree, pick } from './by-degree.ts'
import { targetsOf } from './edge-values.ts'
import { rankNodeColumns, startsFromTeleport } from './rank-columns.ts'
import type { RankSteps } from './rank-steps.ts'
import type { RunTables } from './run-tables.ts'
import { integerOf, integersOf } from './sql-value.ts'

const LOW_BITS = 31
const LOW = 2 ** LOW_BITS - 1

/**
 * A rank in DuckDB: edges joined with the state of their source, and added up by target.
 *
 * All is BIGINT because DuckDB checks its unsigned arithmetic much more slowly. Values are below 2^63:
 * scores are at most 2^62, and a weighted edge multiplies a mantissa with the two halves of what is
 * sent, 32 and 31 bits. The halves are columns, so that their statistics prove products in range.
 */
export async function rankByEdges(
  run: RunTables,
  problem: RankProblem,
  layout: ByDegree,
): Promise<RankSteps> {
  const isWeighted = problem.weights !== 'equal'
  const loaded = await run.create(
    'loaded',
    '(place integer, out_degree bigint, shift bigint, pass_q32 bigint, teleport bigint)',
  )
  await run.load(loaded, rankNodeColumns(problem, layout))
  const edges = await run.create(
    'edges',
    `(source integer, target integer${isWeighted ? ', mantissa bigint' : ''})`,
  )
  await run.load(edges, [
    { name: 'source', values: layout.sources },
    { name: 'target', values: targetsOf({ ...problem.graph, ...layout }) },
    ...(problem.weights === 'equal'
      ? []
      : [{ name: 'mantissa', values: pick(problem.weights.mantissas, layout.edges) }]),
  ])
  let iteration = 0
  let state = await run.create('state_0', `as ${startRows(problem, loaded)}`)
  await run.remove(loaded)
  return {
    advance: async () => {
      iteration++
      const next = await run.create(`state_${iteration}`, `as ${nextRows(problem, edges, state)}`)
      await run.remove(state)
      state = next
    },
    delta: async () => {
      const [row] = await run.query(
        `select sum(abs(score::hugeint - former::hugeint)) as delta from ${state}`,
      )
      return integerOf(row, 'delta')
    },
    scores: async (first, end) => {
      const [row] = await run.query(`
        select list(score order by place) as scores
        from ${state}
        where place >= ${first} and place < ${end}`)
      return integersOf(row, 'scores')
    },
  }
}

const NODE = 'place, out_degree, shift, pass_q32, teleport'

function startRows(problem: RankProblem, loaded: string): string {
  const score = startsFromTeleport(problem)
    ? 'teleport'
    : `${SCORE_MASS} // ${problem.graph.nodeCount}`
  const scored = `select ${NODE}, (${score})::bigint as score, 0::bigint as former from ${loaded}`
  return stateRows(problem, scored)
}

function nextRows(problem: RankProblem, edges: string, state: string): string {
  const settled = stateRows(
    problem,
    `select ${NODE}, score as former,
      coalesce(arriving.arrived, 0) + ${shareOf(problem)} as score
    from ${state} as state
    left join arriving on arriving.target = state.place
    cross join rest`,
  )
  return `
    with arriving as materialized (
      select edge.target as target, sum(${arrivedOf(problem)})::bigint as arrived
      from ${edges} as edge
      inner join ${state} as state on state.place = edge.source
      group by edge.target
    ),
    rest as (
      select (
        ${SCORE_MASS}::ubigint - coalesce(sum(arrived), 0)::ubigint
      )::bigint as teleported
      from arriving
    )
    ${settled}`
}

/** A state carries what is known of its nodes: that spares a join in every iteration. */
function stateRows({ weights }: RankProblem, scored: string): string {
  const passed = byQ32(`(score >> ${LOW_BITS})`, `(score & ${LOW})`, 'pass_q32')
  return weights === 'equal'
    ? `select ${NODE}, score, former, ${passed} // greatest(out_degree, 1) as sent
      from (${scored}) as scored`
    : `select ${NODE}, score, former, sent >> ${LOW_BITS} as high, sent & ${LOW} as low
      from (select *, (2 * ${passed}) >> shift as sent from (${scored}) as scored) as sending`
}

function arrivedOf({ weights }: RankProblem): string {
  return weights === 'equal' ? 'state.sent' : byQ32('state.high', 'state.low', 'edge.mantissa')
}

/** `⌊value · part / 2^32⌋` of a value by halves: `⌊(high · part + ⌊low · part / 2^31⌋) / 2⌋`. */
function byQ32(high: string, low: string, part: string): string {
  return `((${high} * ${part} + ((${low} * ${part}) >> ${LOW_BITS})) >> 1)`
}

function shareOf({ teleport, graph }: RankProblem): string {
  return teleport === 'uniform'
    ? `rest.teleported // ${graph.nodeCount}`
    : '((rest.teleported::uhugeint * teleport::uhugeint) >> 62)::bigint'
}
