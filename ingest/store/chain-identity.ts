import { type ClickHouseClient, queryRows } from '@foggara/database'
import { FatalError } from '@foggara/schema'

import { writeStatusRow } from './status-row.ts'

/** Which chain a database holds. */
export type ChainIdentity = {
  readonly chainId: number
  /** The hash of block 0; absent where no node says it. */
  readonly genesisHash?: string | undefined
}

/** The status key under which a database says which chain it holds. */
const KEY = 'chain'

/**
 * Notes which chain a database holds; a database of another chain is refused.
 *
 * @throws {ChainIdRepeatedError}
 */
export async function keepIdentity(
  client: ClickHouseClient,
  ours: ChainIdentity,
  atMs: number,
): Promise<void> {
  const [row] = await queryRows<{ value: string }>(
    client,
    `select value from status where key = '${KEY}' order by at_ms limit 1`,
  )
  if (row === undefined) {
    await writeStatusRow(client, KEY, ours, atMs)
    return
  }
  const theirs = JSON.parse(row.value) as ChainIdentity
  const isOther =
    ours.genesisHash !== undefined &&
    theirs.genesisHash !== undefined &&
    ours.genesisHash !== theirs.genesisHash
  if (theirs.chainId !== ours.chainId || isOther) throw new ChainIdRepeatedError(theirs, ours)
}

/** Two chains share one database, or one chain id. */
export class ChainIdRepeatedError extends FatalError {
  constructor(stored: ChainIdentity, found: ChainIdentity) {
    const shown = ({ chainId, genesisHash = 'unknown' }: ChainIdentity): string =>
      `chain ${chainId} with first block ${genesisHash}`
    super('CHAIN_ID_REPEATED', `expected a database of ${shown(found)}, found ${shown(stored)}`, {
      hint: 'Give each chain a database of its own, and each its own id in the configuration.',
    })
  }
}
