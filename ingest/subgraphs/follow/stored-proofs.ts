import { type ClickHouseClient, queryRows } from '@foggara/database'
import { FatalError, type Hex } from '@foggara/schema'

import type { ProofDigest } from '../poi/proof-of-indexing.ts'
import { subgraphDatabase } from '../store/deployment.ts'

/** A block that ran, as its subgraph's database has it. */
export type StoredProof = {
  readonly block: number
  readonly hash: Hex
  /** After the block; undefined before the first handler. */
  readonly digest: ProofDigest | undefined
}

/** Which deployment a subgraph's database belongs to, and what it has of a range. */
export type StoredProofs = {
  readonly deployment: string
  /** Ascending. Blocks in which nothing could run are left out; the newest block is never. */
  readonly proofs: readonly StoredProof[]
}

/**
 * Reads the running digests of the Proof of Indexing from the tables of a subgraph.
 *
 * @param to undefined for the newest block.
 * @throws {SubgraphNotStoredError} where the database has no such subgraph.
 */
export async function readStoredProofs(
  client: ClickHouseClient,
  name: string,
  from: number,
  to: number | undefined,
): Promise<StoredProofs> {
  const database = subgraphDatabase(name)
  const [table] = await queryRows<{ name: string }>(
    client,
    `select name from system.tables where database = {database:String} and name = '_block'`,
    { database },
  )
  if (table === undefined) throw new SubgraphNotStoredError(name)
  const [stored] = await queryRows<{ deployment: string }>(
    client,
    `select deployment from \`${database}\`._deployment`,
  )
  const rows = await queryRows<{ block: string; hash: Hex; digest: string }>(
    client,
    `select block, concat('0x', lower(hex(hash))) as hash, hex(digest) as digest
    from \`${database}\`._block
    where block >= {from:UInt64} and block <= {to:UInt64}
    order by block`,
    { from, to: to ?? Number.MAX_SAFE_INTEGER },
  )
  return {
    deployment: stored?.deployment ?? '',
    proofs: rows.map(({ block, hash, digest }) => ({
      block: Number(block),
      hash,
      digest: digest === '' ? undefined : new Uint8Array(Buffer.from(digest, 'hex')),
    })),
  }
}

/** The database has no subgraph of that name. */
export class SubgraphNotStoredError extends FatalError {
  constructor(name: string) {
    super('SUBGRAPH_NOT_STORED', `expected a subgraph ${name} in the database, found none`, {
      hint: 'Run it first: foggara subgraph run FOLDER --name NAME',
    })
  }
}
