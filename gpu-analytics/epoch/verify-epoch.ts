import type { EpochResult, Hex, Manifest } from '@foggara/schema'

import { sha256OfLines } from '../commit/hash.ts'
import { headerFromManifest, manifestHashOf, manifestToJson } from '../commit/manifest.ts'
import { SNAPSHOT_TABLES, snapshotFromLines } from '../commit/snapshot-tables.ts'
import type { RankEngine } from '../engine.ts'
import { computeEpoch } from './compute-epoch.ts'

/** An epoch as somebody published it. */
export type PublishedEpoch = {
  readonly manifest: Manifest
  /** The hash that the proposal on chain carries. */
  readonly manifestHash: Hex
  /** The ruleset's JSON as published on chain. */
  readonly rulesetJson: string
  /** The snapshot's tables as canonical lines. */
  readonly lines: Readonly<Record<string, readonly string[]>>
}

export type EpochVerification =
  | { readonly type: 'equal'; readonly result: EpochResult }
  | {
      /** The first thing that differs, from inputs to outcome. */
      readonly type: 'different'
      readonly field: string
      readonly published: string
      readonly recomputed: string
    }

/**
 * Recomputes a published epoch from its tables, trusting nothing but the manifest's hash, and says
 * whether everything the manifest names comes out the same.
 *
 * @throws {FatalError} when the tables or the ruleset cannot be read at all.
 */
export async function verifyEpoch(
  epoch: PublishedEpoch,
  engine: RankEngine,
): Promise<EpochVerification> {
  const { manifest } = epoch
  const manifestHash = manifestHashOf(manifest)
  if (manifestHash !== epoch.manifestHash) {
    return different('manifestHash', epoch.manifestHash, manifestHash)
  }
  for (const name of SNAPSHOT_TABLES) {
    const published = manifest.tables[name]?.sha256 ?? 'none'
    const recomputed = sha256OfLines(epoch.lines[name] ?? [])
    if (published !== recomputed) return different(`tables.${name}`, published, recomputed)
  }
  const header = headerFromManifest(manifest, epoch.rulesetJson)
  const result = await computeEpoch(snapshotFromLines(header, epoch.lines), engine)
  const fields = ['scoresSha256', 'root', 'cumulativeTotal'] as const
  for (const field of fields) {
    if (manifest[field] !== result.manifest[field]) {
      return different(field, manifest[field], result.manifest[field])
    }
  }
  if (result.manifestHash !== manifestHash) {
    return different('manifest', manifestToJson(manifest), manifestToJson(result.manifest))
  }
  return { type: 'equal', result }
}

function different(field: string, published: string, recomputed: string): EpochVerification {
  return { type: 'different', field, published, recomputed }
}
