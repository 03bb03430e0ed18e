import {
  FatalError,
  type Hex,
  type Manifest,
  type Score,
  type Snapshot,
  parseRuleset,
  rulesetToJson,
} from '@foggara/schema'

import { keccak256OfText, sha256OfLines } from './hash.ts'
import {
  SNAPSHOT_TABLES,
  type SnapshotHeader,
  scoresToLines,
  snapshotToLines,
} from './snapshot-tables.ts'

/** Pins a calculation: its inputs table by table, its rules, its scores and its root. */
export function manifestOf(
  snapshot: Snapshot,
  outcome: {
    readonly scores: readonly Score[]
    readonly root: Hex
    readonly cumulativeTotal: bigint
  },
): Manifest {
  const lines = snapshotToLines(snapshot)
  const tables = SNAPSHOT_TABLES.map((name) => {
    const table = lines[name]
    return [name, { rows: table.length, sha256: sha256OfLines(table) }] as const
  })
  return {
    format: 'foggara-epoch-1',
    chainId: snapshot.chainId,
    distributor: snapshot.distributor,
    epoch: snapshot.epoch,
    firstBlock: snapshot.firstBlock,
    cutoffBlock: snapshot.cutoffBlock,
    cutoffHash: snapshot.cutoffHash,
    rulesetVersion: snapshot.ruleset.version,
    rulesetHash: keccak256OfText(rulesetToJson(snapshot.ruleset)),
    budget: snapshot.budget.toString(),
    tables: Object.fromEntries(tables),
    scoresSha256: sha256OfLines(scoresToLines(outcome.scores)),
    root: outcome.root,
    cumulativeTotal: outcome.cumulativeTotal.toString(),
  }
}

/** The canonical JSON of a manifest: keys in the order of the type, no white space. */
export function manifestToJson(manifest: Manifest): string {
  const tables = SNAPSHOT_TABLES.map((name) => {
    const table = manifest.tables[name]
    if (table === undefined) throw new ManifestMismatchError(`tables.${name}`, 'a table', 'none')
    return [name, { rows: table.rows, sha256: table.sha256 }] as const
  })
  return JSON.stringify({
    format: manifest.format,
    chainId: manifest.chainId,
    distributor: manifest.distributor,
    epoch: manifest.epoch,
    firstBlock: manifest.firstBlock,
    cutoffBlock: manifest.cutoffBlock,
    cutoffHash: manifest.cutoffHash,
    rulesetVersion: manifest.rulesetVersion,
    rulesetHash: manifest.rulesetHash,
    budget: manifest.budget,
    tables: Object.fromEntries(tables),
    scoresSha256: manifest.scoresSha256,
    root: manifest.root,
    cumulativeTotal: manifest.cumulativeTotal,
  })
}

/** keccak256 of the canonical JSON: what the proposal on chain carries. */
export function manifestHashOf(manifest: Manifest): Hex {
  return keccak256OfText(manifestToJson(manifest))
}

/**
 * The header of the snapshot that a manifest pins, given the ruleset's JSON as published.
 *
 * @throws {ManifestMismatchError} when the ruleset is not the one that the manifest names.
 */
export function headerFromManifest(manifest: Manifest, rulesetJson: string): SnapshotHeader {
  const ruleset = parseRuleset(rulesetJson)
  const found = keccak256OfText(rulesetToJson(ruleset))
  if (found !== manifest.rulesetHash) {
    throw new ManifestMismatchError('rulesetHash', manifest.rulesetHash, found)
  }
  return {
    chainId: manifest.chainId,
    distributor: manifest.distributor,
    epoch: manifest.epoch,
    firstBlock: manifest.firstBlock,
    cutoffBlock: manifest.cutoffBlock,
    cutoffHash: manifest.cutoffHash,
    ruleset,
    budget: BigInt(manifest.budget),
  }
}

/** Something does not have the hash that a manifest names. */
export class ManifestMismatchError extends FatalError {
  constructor(field: string, expected: string, found: string) {
    super('MANIFEST_MISMATCH', `${field}: expected ${expected}, found ${found}`)
  }
}
