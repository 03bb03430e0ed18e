import { FatalError, SCORE_MASS, sum } from '@foggara/schema'

import type { FlowProblem, RankProblem, RankStop } from './engine.ts'
import type { Csr } from './graph/csr.ts'

/**
 * Checks the shape of a rank problem before any engine touches it.
 *
 * @throws {RankProblemError}
 */
export function checkRankProblem(problem: RankProblem): void {
  const { graph, weights } = problem
  checkGraph(graph)
  if (weights !== 'equal') {
    checkLength('mantissas', weights.mantissas.length, graph.sources.length, 'edge')
  }
  const shifts = weights === 'equal' ? weights : weights.shifts
  checkNodeVectors({ ...problem, nodeCount: graph.nodeCount, shifts })
}

/**
 * Checks what a rank problem says per node, and its stop rule.
 *
 * @throws {RankProblemError}
 */
export function checkNodeVectors(
  vectors: Pick<RankProblem, 'passThroughQ32' | 'teleport' | 'stop'> & {
    readonly nodeCount: number
    readonly shifts: Uint8Array | 'equal'
  },
): void {
  const { nodeCount, shifts, teleport } = vectors
  checkCount(nodeCount)
  checkLength('passThroughQ32', vectors.passThroughQ32.length, nodeCount)
  if (shifts !== 'equal') {
    checkLength('shifts', shifts.length, nodeCount)
    if (shifts.some((shift) => shift > 32)) {
      throw new RankProblemError('shifts: expected at most 32, found more')
    }
  }
  if (teleport !== 'uniform') {
    checkLength('teleport', teleport.length, nodeCount)
    const total = sum(teleport)
    if (total > SCORE_MASS) {
      throw new RankProblemError(`teleport: expected at most 2^62 in all, found ${total}`)
    }
  }
  checkCount(iterationCountMax(vectors.stop))
}

/**
 * Checks the shape of a flow problem before any engine touches it.
 *
 * @throws {RankProblemError}
 */
export function checkFlowProblem(problem: FlowProblem): void {
  const { graph } = problem
  checkGraph(graph)
  checkLength('fingers', problem.fingers.length, graph.sources.length, 'edge')
  checkLength('inflow', problem.inflow.length, graph.nodeCount)
  checkLength('keepFingers', problem.keepFingers.length, graph.nodeCount)
  checkCount(problem.stepCountMax)
  for (const [name, values] of Object.entries({
    fingers: problem.fingers,
    inflow: problem.inflow,
    keepFingers: problem.keepFingers,
  })) {
    const negative = values.find((value) => value < 0n)
    if (negative !== undefined) {
      throw new RankProblemError(`${name}: expected amounts of at least 0, found ${negative}`)
    }
  }
}

/** How many iterations a stop rule allows. */
export function iterationCountMax(stop: RankStop): number {
  return stop.type === 'count' ? stop.iterationCount : stop.iterationCountMax
}

/** Every place that an engine will read must exist: kernels check no bounds of their own. */
function checkGraph({ nodeCount, inOffsets, sources, outDegrees }: Csr): void {
  checkCount(nodeCount)
  checkLength('inOffsets', inOffsets.length, nodeCount + 1, 'node, and one')
  checkLength('outDegrees', outDegrees.length, nodeCount)
  let former = 0
  for (const offset of inOffsets) {
    if (offset < former) {
      throw new RankProblemError(`inOffsets: expected ascending offsets, found ${offset}`)
    }
    former = offset
  }
  if (inOffsets[0] !== 0 || former !== sources.length) {
    throw new RankProblemError(
      `inOffsets: expected 0 to ${sources.length}, found ${inOffsets[0]} to ${former}`,
    )
  }
  const found = new Uint32Array(nodeCount)
  for (const source of sources) {
    if (source >= nodeCount) {
      throw new RankProblemError(`sources: expected nodes below ${nodeCount}, found ${source}`)
    }
    found[source] = (found[source] ?? 0) + 1
  }
  const node = found.findIndex((degree, index) => degree !== outDegrees[index])
  if (node !== -1) {
    throw new RankProblemError(
      `outDegrees: expected ${found[node]} edges out of node ${node}, found ${outDegrees[node]}`,
    )
  }
}

function checkLength(what: string, found: number, expected: number, per = 'node'): void {
  if (found !== expected) {
    throw new RankProblemError(
      `${what}: expected one value per ${per} (${expected}), found ${found}`,
    )
  }
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 0) {
    throw new RankProblemError(`expected a whole number of at least 0, found ${count}`)
  }
}

/** A rank or flow problem does not fit its graph. */
export class RankProblemError extends FatalError {
  constructor(detail: string) {
    super('RANK_PROBLEM_MALFORMED', detail)
  }
}
