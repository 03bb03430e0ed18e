import { FatalError, invariant, mulDivFloor, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { PriorityQueue } from './priority-queue.ts'
import type { FlowRecord, RankRecord } from './record-run.ts'
import { type PathOrigin, type UnrolledRun, unroll } from './unrolled-run.ts'

/** One way by which an amount came to a node. */
export type ContributingPath = {
  /** From the node where the amount entered to the node explained; nodes may repeat on cycles. */
  readonly nodes: readonly number[]
  readonly origin: PathOrigin
  readonly amount: bigint
}

/** Where a node's score, or what it kept, came from: `total = Σ paths + remainder`, to the unit. */
export type NodeExplanation = {
  readonly total: bigint
  /** The largest first. */
  readonly paths: readonly ContributingPath[]
  /** All smaller paths together, and what the floors of the paths left. */
  readonly remainder: bigint
  /** False when the search was bounded before it had found as many paths as were asked for. */
  readonly isComplete: boolean
}

export type TopPathsOptions = {
  /** How many paths to name. */
  readonly count: number
  /** Bound on the path ends looked at, so that a knot of hubs cannot run away; default 1 000 000. */
  readonly candidateCountMax?: number
}

/**
 * The paths that contributed most to a node. An amount is traced back step by step in proportion: of a
 * part `a` of what a node had after a step, `⌊a · along / had⌋` came along an edge of that step.
 *
 * The definition names no node number and no order, so equal graphs give equal paths.
 *
 * @throws {NodeUnknownError} when the graph has no such node.
 */
export function topPaths(
  record: RankRecord | FlowRecord,
  node: number,
  options: TopPathsOptions,
): NodeExplanation {
  const run = unroll(record)
  if (!Number.isInteger(node) || node < 0 || node >= run.graph.nodeCount) {
    throw new NodeUnknownError(`${node}`)
  }
  const { count, candidateCountMax = 1_000_000 } = options
  const queue = new PriorityQueue<Candidate>(comesFirst)
  const add = (candidate: Candidate) => {
    if (candidate.amount > 0n) queue.add(candidate)
  }
  for (const { step, amount } of run.partsOf(node)) {
    add({ isWhole: false, step, node, amount, next: undefined, length: 1 })
  }
  const paths: ContributingPath[] = []
  while (paths.length < count && queue.addedCount <= candidateCountMax) {
    const candidate = queue.take()
    if (candidate === undefined) break
    if (candidate.isWhole) paths.push(pathOf(run, candidate))
    else traceBack(run, candidate, add)
  }
  const total = run.totalOf(node)
  const remainder = total - sum(paths.map((path) => path.amount))
  invariant(remainder >= 0n, 'expected paths that sum to at most what they explain')
  return { total, paths, remainder, isComplete: paths.length === count || queue.size === 0 }
}

/** The end of a path, from `node` after `step` to the node explained. */
type Candidate = {
  /** The amount entered here; otherwise it is yet to be traced back. */
  readonly isWhole: boolean
  readonly step: number
  readonly node: number
  readonly amount: bigint
  readonly next: Candidate | undefined
  readonly length: number
}

function traceBack(run: UnrolledRun, end: Candidate, add: (candidate: Candidate) => void): void {
  const { step, node, amount } = end
  const whole = run.wholeOf(step, node)
  add({ ...end, isWhole: true, amount: mulDivFloor(amount, run.enteredOf(step, node), whole) })
  if (step === 0) return
  const { inOffsets, sources } = run.graph
  for (let edge = at(inOffsets, node); edge < at(inOffsets, node + 1); edge++) {
    add({
      isWhole: false,
      step: step - 1,
      node: at(sources, edge),
      amount: mulDivFloor(amount, run.alongOf(step, edge), whole),
      next: end,
      length: end.length + 1,
    })
  }
}

/**
 * No path traced further back has a larger amount, so the largest whole path is the next to name. Of
 * equal amounts those yet to be traced go first; then whole ones by their length and their nodes.
 */
function comesFirst(a: Candidate, b: Candidate): boolean {
  if (a.amount !== b.amount) return a.amount > b.amount
  if (a.isWhole !== b.isWhole) return !a.isWhole
  if (a.length !== b.length) return a.length < b.length
  return compareNodes(a, b) < 0
}

/** By the nodes from here to the node explained, and for one path, the later step first. */
function compareNodes(a: Candidate, b: Candidate): number {
  let left: Candidate | undefined = a
  let right: Candidate | undefined = b
  while (left !== undefined && right !== undefined) {
    if (left.node !== right.node) return left.node - right.node
    left = left.next
    right = right.next
  }
  return b.step - a.step
}

function pathOf(run: UnrolledRun, candidate: Candidate): ContributingPath {
  const nodes: number[] = []
  for (let end: Candidate | undefined = candidate; end !== undefined; end = end.next) {
    nodes.push(end.node)
  }
  return { nodes, origin: run.originOf(candidate.step), amount: candidate.amount }
}

/** The graph has no such node. */
export class NodeUnknownError extends FatalError {
  constructor(found: string) {
    super('NODE_UNKNOWN', `expected a node of the graph, found ${found}`)
  }
}
