import { insertNative } from '@foggara/database'
import {
  COMMITS_TABLE,
  RECEIPT_TABLES,
  STATUS_TABLE,
  SUBMITTED_RECEIPT_TABLE,
  hotTable,
} from '@foggara/schema'

import {
  type CommitWriter,
  type WriterSurroundings,
  openCommitWriter,
} from '../store/commit-writer.ts'
import { deduplicationToken, insertTable } from '../store/insert.ts'
import { mapConcurrently } from '../store/map-concurrently.ts'
import type { Row } from '../store/row-binary.ts'
import type { ReceiptBlock } from './verify/encode-block.ts'

/** What one commit of the receipt stream brings. */
export type ReceiptCommit = {
  readonly rowsByTable: ReadonlyMap<string, readonly Row[]>
  /** More rows of `submitted_receipt`, encoded where their batches were verified; none is empty. */
  readonly blocks: readonly ReceiptBlock[]
}

/** The one writer of the receipt stream. */
export type ReceiptStore = Pick<CommitWriter, 'collectGarbage'> & {
  /** Resolves when everything is on disk and visible; when it raises, nothing ever will be. */
  readonly commit: (planned: ReceiptCommit) => Promise<void>
}

const INSERTS_AT_ONCE = 4

/** Takes over the receipt stream from an earlier process. */
export async function openReceiptStore(surroundings: WriterSurroundings): Promise<ReceiptStore> {
  const place = {
    stream: 'receipt',
    commits: COMMITS_TABLE.name,
    status: STATUS_TABLE.name,
    tables: RECEIPT_TABLES.map(hotTable),
  } as const
  const writer = await openCommitWriter(place, -1, surroundings)
  return {
    collectGarbage: writer.collectGarbage,
    commit: async ({ rowsByTable, blocks }) => {
      const filled = RECEIPT_TABLES.filter(({ name }) => (rowsByTable.get(name) ?? []).length > 0)
      if (filled.length === 0 && blocks.length === 0) return
      const insertRows = async (seq: number): Promise<Readonly<Record<string, number>>> => {
        const counts: Record<string, number> = {}
        const inserts = filled.map((table) => (): Promise<void> => {
          const rows = rowsByTable.get(table.name) ?? []
          counts[table.name] = (counts[table.name] ?? 0) + rows.length
          const part = { table: hotTable(table), columns: table.columns, rows, commitSeq: seq }
          return insertTable(surroundings.client, part, `receipt:${seq}`)
        })
        const { name } = SUBMITTED_RECEIPT_TABLE
        for (const { rowCount } of blocks) counts[name] = (counts[name] ?? 0) + rowCount
        // The largest first: the others are done before it.
        if (blocks.length > 0) inserts.unshift(() => insertBlocks(surroundings, blocks, seq))
        await mapConcurrently(inserts, INSERTS_AT_ONCE, (insert) => insert())
        return counts
      }
      const nothing = { firstBlock: 0, lastBlock: 0, blockHashes: [], kills: [] }
      await writer.commit({ ...nothing, insertRows })
      writer.forget(() => true)
    },
  }
}

/** All blocks go as one body, as their threads left them, and become one part. */
async function insertBlocks(
  { client }: WriterSurroundings,
  blocks: readonly ReceiptBlock[],
  seq: number,
): Promise<void> {
  for (const { bytes, rowCount } of blocks) {
    const numbers = new Uint8Array(new BigUint64Array(rowCount).fill(BigInt(seq)).buffer)
    bytes.set(numbers, bytes.length - numbers.length)
  }
  const table = hotTable(SUBMITTED_RECEIPT_TABLE)
  const token = deduplicationToken(table, `receipt:${seq}:blocks`, 0)
  const pieces = blocks.map(({ bytes }) => bytes)
  await insertNative(client, table, pieces, { deduplicationToken: token })
}
