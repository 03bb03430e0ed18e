import { sum } from '@foggara/schema'

import type { FlowProblem, FlowResult, RunOptions } from '../engine.ts'
import { passFingersOf } from '../reference/pass-fingers.ts'
import { textOf } from './dialect-text.ts'
import { edgeTotalsOf, targetsOf } from './edge-values.ts'
import { flowStatement } from './flow-statement.ts'
import type { ProblemTables } from './rank-statement.ts'
import { RunTables } from './run-tables.ts'
import type { SqlSession } from './sql-session.ts'
import { integerOf } from './sql-value.ts'

/** A flow of at least one node as one recursive statement. */
export async function flowInOneStatement(
  session: SqlSession,
  problem: FlowProblem,
  options: RunOptions,
): Promise<Omit<FlowResult, 'execution'>> {
  const { graph, stepCountMax } = problem
  return RunTables.use(session, options, async (run) => {
    const tables = await loadFlowTables(run, problem)
    const rows = await run.query(flowStatement({ stepCountMax }, session.dialect, tables))
    const stepCount = Number(integerOf(rows[0], 'steps'))
    const edgeCount = graph.sources.length
    options.onProgress?.({ count: stepCount, countMax: stepCountMax, edgeCount })
    const perFinger = rows.map((row) => integerOf(row, 'per_finger'))
    return {
      kept: rows.map((row) => integerOf(row, 'kept')),
      edgeTotals: edgeTotalsOf(problem, perFinger),
      stepCount,
      stopped: sum(rows.map((row) => integerOf(row, 'stopped'))),
    }
  })
}

async function loadFlowTables(run: RunTables, problem: FlowProblem): Promise<ProblemTables> {
  const { graph } = problem
  const { types } = textOf(run.session.dialect)
  const engine = run.session.dialect === 'clickhouse' ? ' engine = Memory' : ''
  const nodes = await run.create(
    'nodes',
    `(id ${types.u32}, inflow ${types.amount}, keep_fingers ${types.amount},
      pass_fingers ${types.amount})${engine}`,
  )
  const edges = await run.create(
    'edges',
    `(source ${types.u32}, target ${types.u32}, fingers ${types.amount})${engine}`,
  )
  await run.load(nodes, [
    { name: 'id', values: Uint32Array.from({ length: graph.nodeCount }, (_, node) => node) },
    { name: 'inflow', values: problem.inflow },
    { name: 'keep_fingers', values: problem.keepFingers },
    { name: 'pass_fingers', values: passFingersOf(problem) },
  ])
  await run.load(edges, [
    { name: 'source', values: graph.sources },
    { name: 'target', values: targetsOf(graph) },
    { name: 'fingers', values: problem.fingers },
  ])
  return { nodes, edges }
}
