import {
  SNAPSHOT_TABLES,
  allocationTree,
  manifestToJson,
  snapshotToLines,
} from '@foggara/gpu-analytics'
import type { EpochStore } from '@foggara/ingest'
import type { EpochResult, Snapshot } from '@foggara/schema'

/**
 * Stores a closed epoch with its canonical snapshot and the proof of every leaf.
 *
 * @throws {EpochClosedError}
 */
export async function storeEpoch(
  epochs: EpochStore,
  snapshot: Snapshot,
  result: EpochResult,
): Promise<void> {
  const { token } = snapshot.ruleset
  const lines = snapshotToLines(snapshot)
  await epochs.writeEpoch({
    result,
    manifestText: manifestToJson(result.manifest),
    token,
    snapshot: SNAPSHOT_TABLES.map((tableName) => ({ tableName, lines: lines[tableName] })),
    proofs: allocationTree(token, result.allocations).proofs,
  })
}
