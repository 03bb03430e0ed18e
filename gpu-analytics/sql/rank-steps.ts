import { SCORE_MASS, sum } from '@foggara/schema'

import { iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { type ByDegree, byDegree } from './by-degree.ts'
import { rankByEdges } from './rank-by-edges.ts'
import { rankByRows } from './rank-by-rows.ts'
import { RunTables } from './run-tables.ts'
import type { SqlSession } from './sql-session.ts'

/** How many values one row of an answer lists. */
const LIST_LENGTH = 65_536

/** A rank in tables, with its scores before the next iteration. */
export type RankSteps = {
  /** Runs one iteration, in one statement. */
  readonly advance: () => Promise<void>
  /** `Σ |score' - score|` of the last iteration. */
  readonly delta: () => Promise<bigint>
  /** The scores of the places from `first` up to `end`, in order. */
  readonly scores: (first: number, end: number) => Promise<readonly bigint[]>
}

/** A rank of at least one node as tables and one statement per iteration. */
export async function rankInSteps(
  session: SqlSession,
  problem: RankProblem,
  options: RunOptions,
): Promise<Omit<RankResult, 'execution'>> {
  const { stop, graph } = problem
  const countMax = iterationCountMax(stop)
  return RunTables.use(session, options, async (run) => {
    const layout = byDegree(graph)
    const byDialect = session.dialect === 'clickhouse' ? rankByRows : rankByEdges
    const steps = await byDialect(run, problem, layout)
    let delta = 0n
    let iterationCount = 0
    while (iterationCount < countMax) {
      checkNotAborted(options.signal, `${iterationCount} iterations`)
      await steps.advance()
      iterationCount++
      options.onProgress?.({
        count: iterationCount,
        countMax,
        edgeCount: graph.sources.length,
      })
      if (stop.type === 'delta' || iterationCount === countMax) delta = await steps.delta()
      if (stop.type === 'delta' && delta <= stop.deltaMax) break
    }
    const scores = await readScores(steps, layout)
    return { scores, dust: SCORE_MASS - sum(scores), iterationCount, delta }
  })
}

async function readScores(steps: RankSteps, { nodes }: ByDegree): Promise<BigUint64Array> {
  const scores = new BigUint64Array(nodes.length)
  for (let first = 0; first < nodes.length; first += LIST_LENGTH) {
    const end = Math.min(first + LIST_LENGTH, nodes.length)
    const list = await steps.scores(first, end)
    for (let place = first; place < end; place++) {
      scores[at(nodes, place)] = at(list, place - first)
    }
  }
  return scores
}
