import type { RankProblem } from '@foggara/gpu-analytics'

import { classifyEdges } from '../../gpu-analytics/cpu/edge-classes.ts'
import { openRunner } from '../../gpu-analytics/cpu/kernel-runner.ts'
import { fillRank } from '../../gpu-analytics/cpu/rank-fill.ts'
import { HOT_COUNT, layOutRank } from '../../gpu-analytics/cpu/rank-layout.ts'
import { rankOrder } from '../../gpu-analytics/cpu/rank-order.ts'
import { nodeThreads, workerThreads } from '../../gpu-analytics/cpu/threads/node-threads.ts'

/** A problem laid out for our engine once, so that rounds of a bench time iterations alone. */
export type LaidOutEngine = {
  readonly iterate: (count: number) => Promise<void>
  readonly end: () => Promise<void>
}

/** What `rank` does before its first iteration, with its threads left running. */
export async function laidOutEngine(
  problem: RankProblem,
  threadCount: number,
): Promise<LaidOutEngine> {
  const threads = workerThreads()
  if (threads === undefined) throw new Error('expected the threads of Node')
  const order = rankOrder(problem)
  const options = { hotCount: HOT_COUNT, threadCount }
  const classes = await classifyEdges(problem, order, options, undefined)
  const layout = layOutRank(problem, order, classes, threadCount)
  await fillRank(problem, order, classes, layout, undefined)
  const runner = await openRunner({
    platform: nodeThreads(threads),
    spread: { threadCount, notes: [] },
    memory: layout.memory,
    edgeCount: problem.graph.sources.length,
    signal: undefined,
    onCount: () => undefined,
  })
  runner.here.begin()
  return {
    iterate: async (count) => {
      await runner.run('iterate', count)
    },
    end: runner.end,
  }
}
