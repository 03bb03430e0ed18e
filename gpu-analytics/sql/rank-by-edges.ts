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
  const nodes = await run.create(
    'nodes',
    '(place integer, out_degree bigint, shift bigint, pass_q32 bigint, teleport bigint)',
  )
  await run.load(nodes, rankNodeColumns(problem, layout))
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
  let state = await run.create('state_0', `as ${startRows(problem, nodes)}`)
  return {
    advance: async () => {
      iteration++
      const rows = nextRows(problem, { nodes, edges, state })
      const next = await run.create(`state_${iteration}`, `as ${rows}`)
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

type Tables = { readonly nodes: string; readonly edges: string; readonly state: string }

function startRows(problem: RankProblem, nodes: string): string {
  const score = startsFromTeleport(problem)
    ? 'teleport'
    : `${SCORE_MASS} // ${problem.graph.nodeCount}`
  return stateRows(
    problem,
    `select place, out_degree, shift, pass_q32, (${score})::bigint as score, 0::bigint as former
    from ${nodes}`,
  )
}

function nextRows(problem: RankProblem, { nodes, edges, state }: Tables): string {
  const settled = stateRows(
    problem,
    `select node.place as place, node.out_degree as out_degree, node.shift as shift,
      node.pass_q32 as pass_q32, state.score as former,
      (coalesce(arriving.arrived, 0) + ${shareOf(problem)})::bigint as score
    from ${nodes} as node
    inner join ${state} as state on state.place = node.place
    left join arriving on arriving.target = node.place
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
      select ${SCORE_MASS}::ubigint - coalesce(sum(arrived), 0)::ubigint as teleported from arriving
    )
    ${settled}`
}

function stateRows({ weights }: RankProblem, scored: string): string {
  const passed = '((score::uhugeint * pass_q32::uhugeint) >> 32)::bigint'
  return weights === 'equal'
    ? `select place, score, former, ${passed} // greatest(out_degree, 1) as sent
      from (${scored}) as scored`
    : `select place, score, former, sent >> ${LOW_BITS} as high, sent & ${LOW} as low
      from (
        select place, score, former, (2 * ${passed}) >> shift as sent from (${scored}) as scored
      ) as sending`
}

/** `⌊sent · mantissa / 2^32⌋` from the halves: `⌊(high · q + ⌊low · q / 2^31⌋) / 2⌋`. */
function arrivedOf({ weights }: RankProblem): string {
  return weights === 'equal'
    ? 'state.sent'
    : `(state.high * edge.mantissa + ((state.low * edge.mantissa) >> ${LOW_BITS})) >> 1`
}

function shareOf({ teleport, graph }: RankProblem): string {
  return teleport === 'uniform'
    ? `rest.teleported // ${graph.nodeCount}`
    : '((rest.teleported::uhugeint * node.teleport::uhugeint) >> 62)::bigint'
}
