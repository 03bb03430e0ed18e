import { SCORE_MASS } from '@foggara/schema'

import type { RankProblem } from '../engine.ts'
import { type ByDegree, fromOne, pick } from './by-degree.ts'
import { rankNodeColumns, startsFromTeleport } from './rank-columns.ts'
import type { RankSteps } from './rank-steps.ts'
import type { RunTables } from './run-tables.ts'
import { integerOf, integersOf } from './sql-value.ts'

const LOW = 4_294_967_295

/**
 * A rank in ClickHouse: one row per node with the list of its sources, so that no join and no hash
 * table is needed; the state of an iteration is looked up in an array that a scalar holds, and whose
 * places count from 1.
 *
 * A flat dictionary would be looked up twice as fast, but a server must be told a password to fill it,
 * it pins its table, and it stays when a run dies.
 */
export async function rankByRows(
  run: RunTables,
  problem: RankProblem,
  layout: ByDegree,
): Promise<RankSteps> {
  const isWeighted = problem.weights !== 'equal'
  const rows = await run.create(
    'rows',
    `(place UInt32, out_degree UInt32, shift UInt8, pass_q32 UInt32, teleport UInt64,
      sources Array(UInt32)${isWeighted ? ', mantissas Array(UInt32)' : ''})
    engine = MergeTree order by place`,
  )
  const offsets = layout.inOffsets
  await run.load(rows, [
    ...rankNodeColumns(problem, layout),
    { name: 'sources', values: fromOne(layout.sources), offsets },
    ...(problem.weights === 'equal'
      ? []
      : [{ name: 'mantissas', values: pick(problem.weights.mantissas, layout.edges), offsets }]),
  ])
  let state = await run.create('state_a', STATE)
  let other = await run.create('state_b', STATE)
  await run.run(`insert into ${state} ${startRows(problem, rows)}`)
  return {
    advance: async () => {
      await run.run(`truncate table ${other}`)
      await run.run(`insert into ${other} ${nextRows(problem, rows, state)}`)
      ;[state, other] = [other, state]
    },
    delta: async () => {
      const [row] = await run.query(`
        select sum(toUInt64(if(score > former, score - former, former - score))) as delta
        from ${state}`)
      return integerOf(row, 'delta')
    },
    scores: async (first, end) => {
      const [row] = await run.query(`
        select groupArray(score) as scores
        from (
          select score from ${state} where place >= ${first} and place < ${end} order by place
        )`)
      return integersOf(row, 'scores')
    },
  }
}

const STATE = '(place UInt32, score UInt64, former UInt64, sent UInt64) engine = Memory'

function startRows(problem: RankProblem, rows: string): string {
  const score = startsFromTeleport(problem)
    ? 'teleport'
    : `intDiv(toUInt64(${SCORE_MASS}), toUInt64(${problem.graph.nodeCount}))`
  return `
    select place, initial as score, toUInt64(0) as former, ${sentOf(problem, 'initial')} as sent
    from (select place, out_degree, shift, pass_q32, toUInt64(${score}) as initial from ${rows})`
}

/** The states by place are the arrays; what is left over of the mass needs all rows, so a window. */
function nextRows(problem: RankProblem, rows: string, state: string): string {
  return `
    with
      (select groupArray(sent) from (select sent from ${state} order by place)) as sent_of,
      (select groupArray(score) from (select score from ${state} order by place)) as score_of
    select place, next as score, score_of[place + 1] as former, ${sentOf(problem, 'next')} as sent
    from (
      select place, out_degree, shift, pass_q32,
        toUInt64(arrived + ${shareOf(problem)}) as next
      from (
        select place, out_degree, shift, pass_q32, teleport, arrived,
          accurateCast(
            toInt256(${SCORE_MASS}) - toInt256(sum(toUInt128(arrived)) over ()), 'UInt64'
          ) as teleported
        from (
          select place, out_degree, shift, pass_q32, teleport, ${arrivedOf(problem)} as arrived
          from ${rows}
        )
      )
    )`
}

function arrivedOf({ weights }: RankProblem): string {
  return weights === 'equal'
    ? 'arraySum(source -> sent_of[source], sources)'
    : `arraySum(
        (source, mantissa) -> ${byQ32('sent_of[source]', 'mantissa')}, sources, mantissas
      )`
}

function sentOf({ weights }: RankProblem, score: string): string {
  const passed = byQ32(score, 'pass_q32')
  return weights === 'equal'
    ? `intDiv(${passed}, toUInt64(greatest(out_degree, 1)))`
    : `bitShiftRight(2 * ${passed}, shift)`
}

function shareOf({ teleport, graph }: RankProblem): string {
  return teleport === 'uniform'
    ? `intDiv(teleported, toUInt64(${graph.nodeCount}))`
    : 'toUInt64(bitShiftRight(toUInt128(teleported) * toUInt128(teleport), 62))'
}

/** `⌊value · part / 2^32⌋` of 64 by 32 bits, by halves: each product stays below 2^64. */
function byQ32(value: string, part: string): string {
  const low = `bitShiftRight(bitAnd(${value}, ${LOW}) * ${part}, 32)`
  return `toUInt64(bitShiftRight(${value}, 32) * ${part} + ${low})`
}
