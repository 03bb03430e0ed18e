import { SCORE_MASS, sum } from '@foggara/schema'

import { iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankResult, RunOptions } from '../engine.ts'
import { textOf } from './dialect-text.ts'
import { targetsOf } from './edge-values.ts'
import { type ProblemTables, rankShapeOf, rankStatement } from './rank-statement.ts'
import { RunTables } from './run-tables.ts'
import type { SqlSession } from './sql-session.ts'
import { integerOf } from './sql-value.ts'

/** A rank of at least one node as one recursive statement. */
export async function rankInOneStatement(
  session: SqlSession,
  problem: RankProblem,
  options: RunOptions,
): Promise<Omit<RankResult, 'execution'>> {
  const { graph, stop } = problem
  return RunTables.use(session, options, async (run) => {
    const tables = await loadRankTables(run, problem)
    const rows = await run.query(rankStatement(rankShapeOf(problem), session.dialect, tables))
    const scores = BigUint64Array.from(rows, (row) => integerOf(row, 'score'))
    const iterationCount = Number(integerOf(rows[0], 'iterations'))
    const countMax = iterationCountMax(stop)
    options.onProgress?.({ count: iterationCount, countMax, edgeCount: graph.sources.length })
    const delta = integerOf(rows[0], 'delta')
    return { scores, dust: SCORE_MASS - sum(scores), iterationCount, delta }
  })
}

async function loadRankTables(run: RunTables, problem: RankProblem): Promise<ProblemTables> {
  const { graph, weights, teleport } = problem
  const { nodeCount, sources } = graph
  const { types } = textOf(run.session.dialect)
  const engine = run.session.dialect === 'clickhouse' ? ' engine = Memory' : ''
  const nodes = await run.create(
    'nodes',
    `(id ${types.u32}, out_degree ${types.u32}, shift ${types.u8}, pass_q32 ${types.u32},
      teleport ${types.u64})${engine}`,
  )
  const edges = await run.create(
    'edges',
    `(source ${types.u32}, target ${types.u32}, mantissa ${types.u32})${engine}`,
  )
  await run.load(nodes, [
    { name: 'id', values: Uint32Array.from({ length: nodeCount }, (_, node) => node) },
    { name: 'out_degree', values: graph.outDegrees },
    { name: 'shift', values: weights === 'equal' ? new Uint8Array(nodeCount) : weights.shifts },
    { name: 'pass_q32', values: problem.passThroughQ32 },
    {
      name: 'teleport',
      values: teleport === 'uniform' ? new BigUint64Array(nodeCount) : teleport,
    },
  ])
  await run.load(edges, [
    { name: 'source', values: sources },
    { name: 'target', values: targetsOf(graph) },
    {
      name: 'mantissa',
      values: weights === 'equal' ? new Uint32Array(sources.length) : weights.mantissas,
    },
  ])
  return { nodes, edges }
}
