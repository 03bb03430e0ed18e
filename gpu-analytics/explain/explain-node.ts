import { type FlowRules, flowProblemOf } from '../flow.ts'
import { at } from '../graph/at.ts'
import type { Graph } from '../graph/build-graph.ts'
import { type RankRules, rankProblemOf } from '../rank.ts'
import {
  type FlowRecord,
  type RankRecord,
  type RecordOptions,
  recordFlow,
  recordRank,
} from './record-run.ts'
import { NodeUnknownError, type TopPathsOptions, topPaths } from './top-paths.ts'
import type { PathOrigin } from './unrolled-run.ts'

/** Where a score, or an amount kept, came from, by id: `total = Σ paths + remainder`, to the unit. */
export type Explanation = {
  readonly total: bigint
  readonly paths: readonly {
    /** From the node where the amount entered to the node explained. */
    readonly ids: readonly string[]
    readonly origin: PathOrigin
    readonly amount: bigint
  }[]
  readonly remainder: bigint
  readonly isComplete: boolean
}

export type ExplainOptions = RecordOptions & TopPathsOptions

/**
 * The paths by which a node came to its score.
 *
 * @throws {RulesMalformedError | NodeUnknownError | RecordTooLargeError | RunAbortedError}
 */
export async function explainRank(
  graph: Graph,
  rules: RankRules,
  id: string,
  options: ExplainOptions,
): Promise<Explanation> {
  const node = nodeOf(graph, id)
  const record = await recordRank(rankProblemOf(graph, rules), options)
  return named(graph, record, node, options)
}

/**
 * The paths by which a node came to what it kept.
 *
 * @throws {RulesMalformedError | NodeUnknownError | RecordTooLargeError | RunAbortedError}
 */
export async function explainFlow(
  graph: Graph,
  rules: FlowRules,
  id: string,
  options: ExplainOptions,
): Promise<Explanation> {
  const node = nodeOf(graph, id)
  const record = await recordFlow(flowProblemOf(graph, rules), options)
  return named(graph, record, node, options)
}

function nodeOf(graph: Graph, id: string): number {
  const node = graph.indexById.get(id)
  if (node === undefined) throw new NodeUnknownError(id)
  return node
}

function named(
  graph: Graph,
  record: RankRecord | FlowRecord,
  node: number,
  options: TopPathsOptions,
): Explanation {
  const { paths, ...rest } = topPaths(record, node, options)
  return {
    ...rest,
    paths: paths.map(({ nodes, ...path }) => ({
      ids: nodes.map((index) => at(graph.ids, index)),
      ...path,
    })),
  }
}
