import {
  type Execution,
  type ParallelEdges,
  type RankEngine,
  type RankProblem,
  type RankStop,
  type RunOptions,
  buildGraph,
  cappedSplit,
  largestRemainderByKey,
  normaliseWeights,
  rankDigest,
  sha256OfLines,
} from '@foggara/gpu-analytics'
import { BPS_WHOLE, FatalError, SCORE_MASS, type Hex, mulDivFloor, sum } from '@foggara/schema'

import type { EdgeRow, Scaled } from './weighted-files.ts'

/** What to compute from plain files. */
export type FileScoreProblem = {
  readonly edges: Scaled<EdgeRow>
  /** Who the influence comes from; undefined: everybody alike. */
  readonly teleport: Scaled<{ readonly id: string; readonly weight: bigint }> | undefined
  /** Who may be paid; undefined: every node. */
  readonly payees: readonly string[] | undefined
  /** Unit: base units. */
  readonly budget: bigint
  readonly parallel: ParallelEdges
  /** The part a node passes on, as u32 / 2^32. */
  readonly passThroughQ32: number
  readonly stop: RankStop
  readonly capBps: bigint
  /** Below this a payee is paid nothing and the amount is shown as carried. Unit: base units. */
  readonly payoutMin: bigint
}

/** One node with what it scores and gets. */
export type FileScoreRow = {
  readonly id: string
  readonly score: bigint
  readonly amount: bigint
  readonly carried: bigint
}

export type FileScoreResult = {
  /** Descending by score, then ascending by id; `amount + carried + unallocated` is the budget. */
  readonly rows: readonly FileScoreRow[]
  readonly paid: bigint
  readonly carried: bigint
  readonly unallocated: bigint
  readonly nodeCount: number
  readonly edgeCount: number
  readonly mergedRowCount: number
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
  readonly iterationCount: number
  /** What the floors left of the score mass of 2^62. */
  readonly dust: bigint
  /** What `foggara score --graph` says of the same rank. */
  readonly rankDigest: Hex
  readonly scoresSha256: Hex
  readonly amountsSha256: Hex
  /** Who computed the scores; nothing above depends on it. */
  readonly execution: Execution
}

/**
 * Ranks the nodes of an edge list and divides a budget by their scores.
 *
 * @throws {TeleportEmptyError | PayeeUnknownError | RunAbortedError}
 */
export async function scoreFiles(
  problem: FileScoreProblem,
  engine: RankEngine,
  run: RunOptions = {},
): Promise<FileScoreResult> {
  const teleport = problem.teleport?.rows
  const graph = buildGraph(problem.edges.rows, {
    parallelEdges: problem.parallel,
    extraNodes: (teleport ?? []).map((row) => row.id),
  })
  const rankProblem: RankProblem = {
    graph,
    weights: normaliseWeights(graph),
    passThroughQ32: new Uint32Array(graph.ids.length).fill(problem.passThroughQ32),
    teleport: teleport === undefined ? 'uniform' : teleportVector(graph.ids, teleport),
    start: 'teleport',
    stop: problem.stop,
  }
  const ranked = await engine.rank(rankProblem, run)
  const scoreById = new Map(graph.ids.map((id, node) => [id, ranked.scores[node] ?? 0n]))
  const payees = problem.payees ?? graph.ids
  const claims = payees.map((id) => {
    const weight = scoreById.get(id)
    if (weight === undefined) throw new PayeeUnknownError(id)
    return { id, weight }
  })
  const cap = mulDivFloor(problem.budget, problem.capBps, BPS_WHOLE)
  const split = cappedSplit(problem.budget, cap, claims)
  const rows = claims.map(({ id, weight }, index) => {
    const earned = split.amounts[index] ?? 0n
    const isPaid = earned >= problem.payoutMin
    return {
      id,
      score: weight,
      amount: isPaid ? earned : 0n,
      carried: isPaid ? 0n : earned,
    }
  })
  const { nodeCount, ...counts } = countsOf(graph)
  return {
    rows: rows.toSorted(byScore),
    paid: sum(rows.map((row) => row.amount)),
    carried: sum(rows.map((row) => row.carried)),
    unallocated: split.unallocated,
    nodeCount,
    ...counts,
    iterationCount: ranked.iterationCount,
    dust: ranked.dust,
    rankDigest: rankDigest(ranked),
    scoresSha256: sha256OfLines(
      graph.ids.map((id, node) => JSON.stringify({ id, score: String(ranked.scores[node]) })),
    ),
    amountsSha256: sha256OfLines(
      rows.map(({ id, amount }) => JSON.stringify({ id, amount: amount.toString() })).toSorted(),
    ),
    execution: ranked.execution,
  }
}

function teleportVector(
  ids: readonly string[],
  rows: readonly { readonly id: string; readonly weight: bigint }[],
): BigUint64Array {
  const weights = new Map(rows.map((row) => [row.id, row.weight]))
  if (sum(weights.values()) === 0n) throw new TeleportEmptyError()
  const parts = largestRemainderByKey(SCORE_MASS, weights)
  return BigUint64Array.from(ids, (id) => parts.get(id) ?? 0n)
}

function countsOf(graph: ReturnType<typeof buildGraph>) {
  return {
    nodeCount: graph.ids.length,
    edgeCount: graph.sources.length,
    mergedRowCount: graph.mergedRowCount,
    selfLoopCount: graph.selfLoopCount,
    zeroWeightRowCount: graph.zeroWeightRowCount,
  }
}

function byScore(a: FileScoreRow, b: FileScoreRow): number {
  if (a.score !== b.score) return a.score > b.score ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** The teleport file gives nobody any weight. */
export class TeleportEmptyError extends FatalError {
  constructor() {
    super('TELEPORT_EMPTY', 'teleport: expected at least one positive weight, found none')
  }
}

/** A payee is no node of the graph. */
export class PayeeUnknownError extends FatalError {
  constructor(id: string) {
    super('PAYEE_UNKNOWN', `payees: expected ids of the edge or teleport file, found ${id}`)
  }
}
