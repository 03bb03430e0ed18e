import type { RankEngine } from '../engine.ts'
import { flowInSteps } from './flow.ts'
import { rankInSteps } from './rank.ts'

/** Edges after which others may run: some tens of milliseconds of bigint arithmetic. */
const EDGES_BETWEEN_PAUSES = 100_000

/** The definitions themselves as an engine. */
export const referenceEngine: RankEngine = {
  name: 'reference',
  rank: (problem, options) => pausing(problem.graph.sources.length, rankInSteps(problem, options)),
  flow: (problem, options) => pausing(problem.graph.sources.length, flowInSteps(problem, options)),
}

/** Lets the event loop answer others now and then, and hear that a run shall stop. */
async function pausing<Result>(
  edgeCount: number,
  run: Generator<unknown, Result>,
): Promise<Result> {
  let edgesSincePause = 0
  for (;;) {
    const next = run.next()
    if (next.done === true) return next.value
    edgesSincePause += 1000 + edgeCount
    if (edgesSincePause < EDGES_BETWEEN_PAUSES) continue
    edgesSincePause = 0
    await new Promise((resolve) => void setTimeout(resolve, 0))
  }
}
