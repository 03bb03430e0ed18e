import { SCORE_MASS } from '@foggara/schema'

import { checkFlowProblem, checkRankProblem, iterationCountMax } from '../check-problem.ts'
import type {
  FlowProblem,
  FlowResult,
  RankEngine,
  RankProblem,
  RankResult,
  RunOptions,
} from '../engine.ts'
import { flowReference } from '../reference/flow.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { fitsBits } from './flow-bits.ts'
import { flowInOneStatement } from './flow-in-one-statement.ts'
import { flowInSteps } from './flow-steps.ts'
import { rankInOneStatement } from './rank-in-one-statement.ts'
import { rankInSteps } from './rank-steps.ts'
import type { SqlDialect, SqlSession } from './sql-session.ts'

/**
 * How a run is written in SQL: `one statement` is a single recursive one, whose text is short enough
 * to be read and run by hand; `scaling` is tables and one statement per iteration, for graphs of any
 * size, with progress and a chance to stop after each.
 */
export type SqlForm = 'one statement' | 'scaling'

/** How the engine works in its session. */
export type SqlEngineOptions = {
  /** `auto` (the default) takes one statement for runs over few edges, and says so. */
  readonly form?: SqlForm | 'auto'
}

/** A run in one statement keeps the rows of every iteration: from here on it is the slower one. */
const ONE_STATEMENT_ROWS_MAX = 2_000_000

/** How many bits amounts may have. */
const AMOUNT_BITS: Readonly<Record<SqlDialect, number>> = { clickhouse: 256, duckdb: 127 }

/**
 * An engine that lets a database compute, in plain SQL: ClickHouse or DuckDB, the bits of the
 * reference. The session belongs to the caller.
 */
export function createSqlEngine(session: SqlSession, options: SqlEngineOptions = {}): RankEngine {
  const { dialect } = session
  const form = options.form ?? 'auto'
  return {
    name: dialect,
    rank: async (problem, runOptions = {}) => {
      checkRankProblem(problem)
      checkNotAborted(runOptions.signal, 'nothing')
      const { graph, stop } = problem
      if (graph.nodeCount === 0) return withoutNodes(problem, dialect)
      const [chosen, note] = formOf(form, graph, iterationCountMax(stop))
      const run = chosen === 'scaling' ? rankInSteps : rankInOneStatement
      const result = await run(session, problem, runOptions)
      return { ...result, execution: { engine: dialect, notes: [note] } }
    },
    flow: async (problem, runOptions = {}) => {
      checkFlowProblem(problem)
      checkNotAborted(runOptions.signal, 'nothing')
      if (!fitsBits(problem, AMOUNT_BITS[dialect])) {
        return flowElsewhere(problem, dialect, runOptions)
      }
      const { graph, stepCountMax } = problem
      if (graph.nodeCount === 0) {
        const execution = { engine: dialect, notes: [] }
        return { kept: [], edgeTotals: [], stepCount: 0, stopped: 0n, execution }
      }
      const [chosen, note] = formOf(form, graph, stepCountMax)
      const run = chosen === 'scaling' ? flowInSteps : flowInOneStatement
      const result = await run(session, problem, runOptions)
      return { ...result, execution: { engine: dialect, notes: [note] } }
    },
  }
}

function formOf(
  form: SqlForm | 'auto',
  { nodeCount, sources }: RankProblem['graph'],
  countMax: number,
): readonly [SqlForm, string] {
  if (form !== 'auto') return [form, `form: ${form}, as asked for`]
  const rowCount = (nodeCount + sources.length) * countMax
  return rowCount <= ONE_STATEMENT_ROWS_MAX
    ? ['one statement', `form: one statement, for ${rowCount} rows in all`]
    : ['scaling', `form: scaling, for up to ${rowCount} rows in all`]
}

/** Without nodes nothing is sent: the first step is 0, whatever the stop rule. */
function withoutNodes({ stop }: RankProblem, engine: SqlDialect): RankResult {
  const iterationCount =
    stop.type === 'count' ? stop.iterationCount : Math.min(1, stop.iterationCountMax)
  const execution = { engine, notes: ['without nodes there is nothing to compute'] }
  return { scores: new BigUint64Array(0), dust: SCORE_MASS, iterationCount, delta: 0n, execution }
}

function flowElsewhere(problem: FlowProblem, dialect: SqlDialect, options: RunOptions): FlowResult {
  const result = flowReference(problem, options)
  const note = `computed by the reference: the amounts exceed the ${AMOUNT_BITS[dialect]} bits of ${dialect}`
  return { ...result, execution: { engine: 'reference', notes: [note] } }
}
