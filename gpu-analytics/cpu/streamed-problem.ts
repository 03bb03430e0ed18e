import { FatalError } from '@foggara/schema'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

import { RankProblemError, checkNodeVectors } from '../check-problem.ts'
import type { RankProblem, RunOptions } from '../engine.ts'
import type { EdgeSlabs } from '../graph/edge-slab.ts'

/** A rank problem whose edges are read in slabs; everything else is as in `RankProblem`. */
export type StreamedRankProblem = Pick<
  RankProblem,
  'passThroughQ32' | 'teleport' | 'start' | 'stop'
> & {
  readonly nodeCount: number
  readonly edgeCount: number
  readonly outDegrees: Uint32Array
  /** Per node as in `NormalisedWeights`; the slabs then have mantissas. */
  readonly shifts: Uint8Array | 'equal'
  readonly slabs: EdgeSlabs
}

/** Where a run was after an iteration: enough to go on as if it had never stopped. */
export type RankCheckpoint = {
  readonly iterationCount: number
  readonly delta: bigint
  readonly scores: BigUint64Array
  /** Of all that a problem says per node, and of its number of edges. */
  readonly problemDigest: string
}

export type StreamedRankOptions = RunOptions & {
  readonly resumeFrom?: RankCheckpoint
  /** Called with a copy of the state; the run goes on when it has answered. */
  readonly onCheckpoint?: (checkpoint: RankCheckpoint) => void | Promise<void>
  /** Iterations from one checkpoint to the next; 1 when left out. */
  readonly checkpointEvery?: number
}

/**
 * Checks the shape of a streamed problem; its slabs are checked as they come.
 *
 * @throws {RankProblemError}
 */
export function checkStreamedProblem(problem: StreamedRankProblem): void {
  checkNodeVectors(problem)
  const { nodeCount, edgeCount, outDegrees } = problem
  if (outDegrees.length !== nodeCount) {
    throw new RankProblemError(
      `outDegrees: expected one value per node (${nodeCount}), found ${outDegrees.length}`,
    )
  }
  let found = 0
  for (const degree of outDegrees) found += degree
  if (found !== edgeCount) {
    throw new RankProblemError(`outDegrees: expected ${edgeCount} edges in all, found ${found}`)
  }
}

/** sha256 of all that a problem says per node, its start and its number of edges. */
export function problemDigestOf(problem: StreamedRankProblem): string {
  const { nodeCount, edgeCount, start, shifts, teleport } = problem
  const hash = sha256.create()
  hash.update(new TextEncoder().encode(`rank ${nodeCount} ${edgeCount} ${start}`))
  hash.update(bytesOf(problem.outDegrees)).update(bytesOf(problem.passThroughQ32))
  hash.update(shifts === 'equal' ? new Uint8Array([0]) : shifts)
  hash.update(teleport === 'uniform' ? new Uint8Array([1]) : bytesOf(teleport))
  return bytesToHex(hash.digest())
}

/**
 * Checks that a checkpoint is of this problem.
 *
 * @throws {CheckpointMismatchError}
 */
export function checkCheckpoint(
  checkpoint: RankCheckpoint,
  digest: string,
  nodeCount: number,
): void {
  const { problemDigest, scores } = checkpoint
  if (problemDigest !== digest) throw new CheckpointMismatchError(digest, problemDigest)
  if (scores.length !== nodeCount) {
    throw new CheckpointMismatchError(`${nodeCount} scores`, `${scores.length}`)
  }
}

function bytesOf(values: Uint32Array | BigUint64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** A checkpoint belongs to another problem. */
export class CheckpointMismatchError extends FatalError {
  constructor(expected: string, found: string) {
    super(
      'CHECKPOINT_MISMATCH',
      `expected a checkpoint of this problem (${expected}), found ${found}`,
    )
  }
}
