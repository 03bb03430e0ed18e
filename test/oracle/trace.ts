import { createHash } from 'node:crypto'

import type { EntityType, EntityVersion } from './entity-versions.ts'
import type { Deployment } from './oracle.ts'

/**
 * What graph-node makes of a subgraph on a chain that anybody can make again, small enough to be
 * committed: to compare with where no oracle can start.
 */
export type Trace = {
  readonly headBlock: number
  readonly headHash: string
  /** The public proof of indexing at the head, and for whom it is. */
  readonly proof: {
    readonly deployment: string
    readonly indexer: string
    readonly value: string | null
  }
  /** The digest of the proof of indexing in hex, by the block that changed it. */
  readonly proofDigests: Readonly<Record<string, string>>
  /** By the type's name; of an aggregation by `Name_hour` and `Name_day`. */
  readonly types: Readonly<Record<string, TypeTrace>>
  /** How many handlers failed, by the block in which they did. */
  readonly errorCounts: Readonly<Record<string, number>>
}

/** All versions of a type in short. */
export type TypeTrace = {
  readonly versionCount: number
  /** Of the lines of {@link versionText}, in the order of first blocks and then of the lines. */
  readonly sha256: string
}

const INDEXER = `0x${'11'.repeat(20)}`

/** Reads what a trace holds from the oracle. */
export async function traceOf(
  deployment: Deployment,
  head: { readonly headBlock: number; readonly headHash: string },
): Promise<Trace> {
  const digests = await deployment.proofDigests()
  const types: [string, TypeTrace][] = []
  for (const type of deployment.types) {
    types.push([type.name, typeTrace(type, await deployment.versions(type.name))])
  }
  const errorCounts: Record<string, number> = {}
  for (const { blockNumber } of await deployment.errors()) {
    errorCounts[blockNumber] = (errorCounts[blockNumber] ?? 0) + 1
  }
  const value = await deployment.proof(head.headBlock, head.headHash, INDEXER)
  return {
    headBlock: head.headBlock,
    headHash: head.headHash,
    proof: { deployment: deployment.id, indexer: INDEXER, value },
    proofDigests: Object.fromEntries(digests.map(({ fromBlock, digest }) => [fromBlock, digest])),
    types: Object.fromEntries(types),
    errorCounts,
  }
}

/** The versions of a type in short, from whoever made them. */
export function typeTrace(type: EntityType, versions: readonly EntityVersion[]): TypeTrace {
  const lines = versions.map((version) => ({
    fromBlock: version.fromBlock,
    text: versionText(type, version),
  }))
  lines.sort((a, b) => a.fromBlock - b.fromBlock || (a.text < b.text ? -1 : 1))
  const hash = createHash('sha256')
  for (const { text } of lines) hash.update(`${text}\n`)
  return { versionCount: versions.length, sha256: hash.digest('hex') }
}

/**
 * A version as a line of JSON: first block, last block, `vid`, values in the order of the schema.
 * The `vid` of an aggregation's bucket is left out: Postgres gives it.
 */
export function versionText(type: EntityType, version: EntityVersion): string {
  const values = type.fields.map(({ name }) => version.fields[name] ?? null)
  const vid = type.isAggregation ? null : `${version.vid}`
  return JSON.stringify([version.fromBlock, version.toBlock, vid, ...values])
}
