import { pinAt } from '@foggara/database'
import type { ClickHouseClient } from '@foggara/database'
import {
  SNAPSHOT_TABLES,
  type SnapshotTable,
  keccak256OfText,
  sha256OfLines,
  snapshotToLines,
} from '@foggara/gpu-analytics'
import { parseRuleset } from '@foggara/schema'

import { rowsOf } from '../score/close-epochs.ts'
import { readSnapshot } from '../score/snapshot.ts'
import type { Difference } from './first-difference.ts'
import type { StoredEpoch } from './read-epoch.ts'

/**
 * Checks that the stored lines are those that the manifest pins and the manifest is the proposed one.
 * A table with another hash is read again from the indexed chain, so that the line can be named.
 */
export async function inputDifference(
  stored: StoredEpoch,
  client: ClickHouseClient,
): Promise<Difference | undefined> {
  const ownHash = keccak256OfText(stored.manifestText)
  if (ownHash !== stored.manifestHash) {
    return difference('closed_epoch', 'manifestHash', ownHash, stored.manifestHash)
  }
  const { proposed, manifest } = stored
  if (proposed !== undefined && proposed.manifestHash !== stored.manifestHash) {
    return difference('proposal', 'manifestHash', stored.manifestHash, proposed.manifestHash)
  }
  if (proposed !== undefined && proposed.root !== manifest.root) {
    return difference('proposal', 'root', manifest.root, proposed.root)
  }
  for (const table of SNAPSHOT_TABLES) {
    const found = sha256OfLines(stored.lines[table])
    const expected = manifest.tables[table]?.sha256 ?? 'none'
    if (found === expected) continue
    const line = await differentLine(stored, table, client)
    return line ?? difference(`snapshot ${table}`, 'sha256', expected, found)
  }
  return undefined
}

/** The first stored line that differs from the chain's, if the chain's have the manifest's hash. */
async function differentLine(
  stored: StoredEpoch,
  table: SnapshotTable,
  client: ClickHouseClient,
): Promise<Difference | undefined> {
  const { manifest } = stored
  const pin = await pinAt(client, manifest.cutoffBlock)
  const snapshot = await readSnapshot(rowsOf(client), {
    chainId: manifest.chainId,
    distributor: manifest.distributor,
    epoch: manifest.epoch,
    ruleset: parseRuleset(stored.rulesetJson),
    pin,
  })
  const expected = snapshotToLines(snapshot)[table]
  if (sha256OfLines(expected) !== manifest.tables[table]?.sha256) return undefined
  const found = stored.lines[table]
  const count = Math.max(expected.length, found.length)
  for (let index = 0; index < count; index++) {
    if (expected[index] === found[index]) continue
    const none = 'no line'
    const name = `snapshot ${table}`
    return difference(name, `line ${index + 1}`, expected[index] ?? none, found[index] ?? none)
  }
  return undefined
}

function difference(table: string, key: string, expected: string, found: string): Difference {
  return { table, key, expected, found }
}
