import { sum } from '@foggara/schema'

import type { FlowProblem, FlowResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { type ByDegree, byDegree } from './by-degree.ts'
import { edgeTotalsOf } from './edge-values.ts'
import { flowByEdges } from './flow-by-edges.ts'
import { flowByRows } from './flow-by-rows.ts'
import type { FlowState } from './flow-state.ts'
import { RunTables } from './run-tables.ts'
import type { SqlSession } from './sql-session.ts'

/** How many values one row of an answer lists. */
const LIST_LENGTH = 65_536

/** A flow of at least one node as tables and one statement per step. */
export async function flowInSteps(
  session: SqlSession,
  problem: FlowProblem,
  options: RunOptions,
): Promise<Omit<FlowResult, 'execution'>> {
  const { graph, stepCountMax } = problem
  return RunTables.use(session, options, async (run) => {
    const layout = byDegree(graph)
    const byDialect = session.dialect === 'clickhouse' ? flowByRows : flowByEdges
    const steps = await byDialect(run, problem, layout)
    let stepCount = 0
    while (stepCount < stepCountMax && (await steps.inFlight()) > 0n) {
      checkNotAborted(options.signal, `${stepCount} steps`)
      await steps.advance()
      stepCount++
      options.onProgress?.({
        count: stepCount,
        countMax: stepCountMax,
        edgeCount: graph.sources.length,
      })
    }
    return { ...(await settled(problem, layout, await steps.settle())), stepCount }
  })
}

async function settled(
  problem: FlowProblem,
  { nodes }: ByDegree,
  read: (first: number, end: number) => Promise<FlowState>,
) {
  const kept = problem.inflow.map(() => 0n)
  const perFinger = problem.inflow.map(() => 0n)
  let stopped = 0n
  for (let first = 0; first < nodes.length; first += LIST_LENGTH) {
    const end = Math.min(first + LIST_LENGTH, nodes.length)
    const state = await read(first, end)
    for (const [index, node] of nodes.subarray(first, end).entries()) {
      kept[node] = at(state.kept, index)
      perFinger[node] = at(state.passed, index)
    }
    stopped += sum(state.moving)
  }
  return { kept, edgeTotals: edgeTotalsOf(problem, perFinger), stopped }
}
