import { sum } from '@foggara/schema'

import type { FlowProblem, FlowResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { byDegree } from './by-degree.ts'
import { edgeTotalsOf } from './edge-values.ts'
import { flowByEdges } from './flow-by-edges.ts'
import { flowByRows } from './flow-by-rows.ts'
import { RunTables } from './run-tables.ts'
import type { SqlSession } from './sql-session.ts'

/** What a flow has done with each place, in order. */
export type FlowState = {
  readonly moving: readonly bigint[]
  readonly kept: readonly bigint[]
  /** What a place gave along each of its fingers in all. */
  readonly passed: readonly bigint[]
}

/** A flow in tables, before its next step. */
export type FlowSteps = {
  /** Runs one step, in one statement. */
  readonly advance: () => Promise<void>
  /** The sum of what is in flight. */
  readonly inFlight: () => Promise<bigint>
  readonly read: () => Promise<FlowState>
}

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
    const { moving, kept, passed } = await steps.read()
    const settled = problem.inflow.map(() => 0n)
    const perFinger = problem.inflow.map(() => 0n)
    for (const [place, node] of layout.nodes.entries()) {
      settled[node] = at(kept, place) + at(moving, place)
      perFinger[node] = at(passed, place)
    }
    const edgeTotals = edgeTotalsOf(problem, perFinger)
    return { kept: settled, edgeTotals, stepCount, stopped: sum(moving) }
  })
}
