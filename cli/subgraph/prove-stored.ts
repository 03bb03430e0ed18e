import path from 'node:path'

import { type StoredProof, finishProof, readStoredProofs } from '@foggara/ingest'
import { FatalError } from '@foggara/schema'
import { bytesToHex, hexToBytes } from 'viem'

import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { folderName } from './named-folders.ts'
import { openFolder } from './open-folder.ts'
import { type ProofOptions, readProofOptions } from './poi-request.ts'
import { proofLines } from './print-proof.ts'

/**
 * Runs `foggara subgraph poi FOLDER… --stored`: prints proofs of what `foggara subgraph run` stored,
 * and runs nothing. 0 where every folder's subgraph has a block in the range.
 */
export async function proveStored(
  folders: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  const request = readProofOptions(options, folders.length)
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, context.warn)
  for (const [index, folder] of folders.entries()) {
    const resolved = path.resolve(context.directory, folder)
    const { network } = await openFolder(folder, context.directory)
    const name = request.names?.[index] ?? folderName(resolved)
    const first = request.asJson ? (request.firstShown ?? 0) : 0
    const stored = await readStoredProofs(database.client, name, first, request.lastBlock)
    const last = stored.proofs.at(-1)
    if (last === undefined) throw new NothingStoredError(name)
    const deployment = request.deployments?.[index] ?? stored.deployment
    const whose = { folder, network, deployment, request }
    if (request.asJson) {
      for (const proof of stored.proofs) context.print(proofJson('block', proof, whose))
      context.print(proofJson('end', last, whose))
      continue
    }
    context.print(`${folder}: at block ${last.block} ${last.hash}, stored as ${name}`)
    const digest = last.digest === undefined ? undefined : bytesToHex(last.digest)
    const { indexer } = request
    const shown = { proof: proofOf(last, whose), digest, deployment, indexer }
    for (const line of proofLines(shown)) context.print(line)
  }
  return 0
}

type Whose = {
  readonly folder: string
  readonly network: string
  readonly deployment: string
  readonly request: ProofOptions
}

function proofJson(type: 'block' | 'end', stored: StoredProof, whose: Whose): string {
  const { folder, deployment, request } = whose
  const { block, hash, digest } = stored
  return JSON.stringify({
    type,
    folder,
    block,
    hash,
    proof: proofOf(stored, whose),
    digest: digest === undefined ? undefined : bytesToHex(digest),
    ...(type === 'end' ? { deployment, indexer: hexOf(request.indexer) } : {}),
  })
}

function proofOf(
  { block, hash, digest }: StoredProof,
  { network, deployment, request: { indexer } }: Whose,
): string {
  const proof = finishProof({
    deployment,
    blockNumber: block,
    blockHash: hexToBytes(hash),
    ...(indexer === undefined ? {} : { indexer }),
    regions: new Map(digest === undefined ? [] : [[`ethereum/${network}`, digest]]),
  })
  return bytesToHex(proof)
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : bytesToHex(bytes)
}

/** The subgraph has no block in the range. */
export class NothingStoredError extends FatalError {
  constructor(name: string) {
    super('SUBGRAPH_RANGE_EMPTY', `${name}: expected a stored block in the range, found none`)
  }
}
