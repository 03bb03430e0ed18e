import { insertRowBinary } from '@foggara/database'
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
import type { BatchRows } from './verify/encode-rows.ts'

/** What one commit of the receipt stream brings. */
export type ReceiptCommit = {
  readonly rowsByTable: ReadonlyMap<string, readonly Row[]>
  /** More rows of `submitted_receipt`, encoded where their batches were verified. */
  readonly encoded: readonly BatchRows[]
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
    commit: async ({ rowsByTable, encoded }) => {
      const filled = RECEIPT_TABLES.filter(({ name }) => (rowsByTable.get(name) ?? []).length > 0)
      const encodedCount = encoded.reduce((count, { ends }) => count + ends.length, 0)
      if (filled.length === 0 && encodedCount === 0) return
      const insertRows = async (seq: number): Promise<Readonly<Record<string, number>>> => {
        const counts: Record<string, number> = {}
        await mapConcurrently(filled, INSERTS_AT_ONCE, async (table) => {
          const rows = rowsByTable.get(table.name) ?? []
          const part = { table: hotTable(table), columns: table.columns, rows, commitSeq: seq }
          await insertTable(surroundings.client, part, `receipt:${seq}`)
          counts[table.name] = rows.length
        })
        await insertEncoded(surroundings, encoded, seq)
        const { name } = SUBMITTED_RECEIPT_TABLE
        if (encodedCount > 0) counts[name] = (counts[name] ?? 0) + encodedCount
        return counts
      }
      const nothing = { firstBlock: 0, lastBlock: 0, blockHashes: [], kills: [] }
      await writer.commit({ ...nothing, insertRows })
      writer.forget(() => true)
    },
  }
}

async function insertEncoded(
  { client }: WriterSurroundings,
  encoded: readonly BatchRows[],
  seq: number,
): Promise<void> {
  if (encoded.length === 0) return
  const number = Buffer.alloc(8)
  number.writeBigUInt64LE(BigInt(seq))
  for (const { bytes, ends } of encoded) for (const end of ends) bytes.set(number, end - 8)
  const table = hotTable(SUBMITTED_RECEIPT_TABLE)
  const names = [...SUBMITTED_RECEIPT_TABLE.columns.map(({ name }) => name), 'commit_seq']
  const token = deduplicationToken(table, `receipt:${seq}:encoded`, 0)
  const body = Buffer.concat(encoded.map(({ bytes }) => bytes))
  await insertRowBinary(client, table, names, body, { deduplicationToken: token })
}
