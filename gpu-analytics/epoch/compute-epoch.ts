import { type EpochResult, type Snapshot, sum } from '@foggara/schema'

import { allocationTree } from '../commit/allocation-tree.ts'
import { manifestHashOf, manifestOf } from '../commit/manifest.ts'
import type { RankEngine, RunOptions } from '../engine.ts'
import { bookAllocations, epochIdentity } from './allocations.ts'
import { checkSnapshot } from './check-snapshot.ts'
import { dividePools } from './divide-pools.ts'
import { poolParts } from './pool-parts.ts'
import { computeScores, scoreRows } from './scores.ts'

/**
 * Computes everything about an epoch's reward from its snapshot, by the rules of
 * `docs/attribution.md`. The result depends on nothing else: not on the order of rows, and not on the
 * engine.
 *
 * @throws {SnapshotInconsistentError | AmountOutOfRangeError} before anything is computed.
 * @throws {RunAbortedError} when the signal says so.
 */
export async function computeEpoch(
  snapshot: Snapshot,
  engine: RankEngine,
  options?: RunOptions,
): Promise<EpochResult> {
  checkSnapshot(snapshot)
  const measured = await computeScores(snapshot, engine, options)
  const scores = scoreRows(measured)
  const { pools, parts, withheld } = dividePools(snapshot, poolParts(snapshot, measured))
  const allocations = bookAllocations(snapshot, parts)
  const { root } = allocationTree(snapshot.ruleset.token, allocations)
  const cumulativeTotal = sum(allocations.map((row) => row.cumulative))
  const manifest = manifestOf(snapshot, { scores, root, cumulativeTotal })
  return {
    epoch: snapshot.epoch,
    scores,
    pools,
    parts,
    withheld,
    allocations,
    identity: epochIdentity(snapshot, pools, allocations),
    root,
    cumulativeTotal,
    manifest,
    manifestHash: manifestHashOf(manifest),
  }
}
