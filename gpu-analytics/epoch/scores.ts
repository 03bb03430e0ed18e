import { type Hex, type Measure, type Score, type Snapshot, compareIds } from '@foggara/schema'

import type { RankEngine, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import type { Graph } from '../graph/build-graph.ts'
import { epochFlowProblem, epochRankProblem } from './epoch-graphs.ts'
import { addTo, usageOf } from './usage.ts'

/** The four measures of an epoch, each by asset id or account. */
export type EpochScores = Readonly<Record<Measure, ReadonlyMap<Hex, bigint>>>

/**
 * Computes the measures of a snapshot.
 *
 * `rank` has every asset and every consumer with a fee, `flow` every asset, `work` every provider
 * with a fee, `review` every account with an act; a score of 0 is listed where its id is.
 */
export async function computeScores(
  snapshot: Snapshot,
  engine: RankEngine,
  options?: RunOptions,
): Promise<EpochScores> {
  const usage = usageOf(snapshot)
  const rankProblem = epochRankProblem(snapshot, usage)
  const flowProblem = epochFlowProblem(snapshot, usage)
  const { scores: rank } = await engine.rank(rankProblem, options)
  const { kept: flow } = await engine.flow(flowProblem, options)
  const reviews = new Map<string, bigint>()
  for (const review of snapshot.reviews) {
    if (review.count > 0) addTo(reviews, review.account, BigInt(review.count))
  }
  return {
    rank: byNode(rankProblem.graph, rank),
    flow: byNode(flowProblem.graph, flow),
    work: byHex(usage.feeByProvider),
    review: byHex(reviews),
  }
}

/** The score table of an epoch result: ascending by (measure, id). */
export function scoreRows(scores: EpochScores): Score[] {
  const measures: readonly Measure[] = ['flow', 'rank', 'review', 'work']
  return measures.flatMap((measure) =>
    [...scores[measure]]
      .map(([id, score]) => ({ measure, id, score }))
      .toSorted((a, b) => compareIds(a.id, b.id)),
  )
}

function byNode(graph: Graph, values: ArrayLike<bigint>): Map<Hex, bigint> {
  return new Map(graph.ids.map((id, node) => [asHex(id), at(values, node)]))
}

function byHex(totals: ReadonlyMap<string, bigint>): Map<Hex, bigint> {
  return new Map([...totals].map(([id, total]) => [asHex(id), total]))
}

/** The graph's ids are text; those of an epoch come from the snapshot, whose ids are checked hex. */
function asHex(id: string): Hex {
  return id as Hex
}
