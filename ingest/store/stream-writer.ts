import {
  COMMITS_TABLE,
  type Hex,
  STATUS_TABLE,
  type Table,
  hotTable,
  invariant,
} from '@foggara/schema'

import type { Commit, CommitStream } from './commit-log.ts'
import { type CommitWriter, type WriterSurroundings, openCommitWriter } from './commit-writer.ts'
import { insertColumns, insertTable } from './insert.ts'
import { mapConcurrently } from './map-concurrently.ts'
import type { NativeRows } from './native-block.ts'
import type { Row } from './row-binary.ts'

/** Rows to write, by logical table name. */
export type RowsByTable = ReadonlyMap<string, readonly Row[]>

/** One attempt: rows of any number of tables that become visible together, or never. */
export type Attempt = {
  readonly rowsByTable: RowsByTable
  /** Rows of further tables, which are columns already. */
  readonly columnsByTable?: ReadonlyMap<string, NativeRows>
  readonly firstBlock: number
  readonly lastBlock: number
  readonly blockHashes: readonly Hex[]
  /** Visible commits of the stream that this one retracts. */
  readonly kills: readonly number[]
}

/** The one writer of one of the database's own streams. */
export type StreamWriter = Omit<CommitWriter, 'commit'> & {
  /** {@link CommitWriter.commit} with rows that are encoded here. */
  readonly commit: (attempt: Attempt) => Promise<Commit>
}

const INSERTS_AT_ONCE = 4

/** Takes over a stream for writing into the given tables. */
export async function openStreamWriter(
  stream: CommitStream,
  tables: readonly Table[],
  settledBlock: number,
  surroundings: WriterSurroundings,
): Promise<StreamWriter> {
  const place = {
    stream,
    commits: COMMITS_TABLE.name,
    status: STATUS_TABLE.name,
    tables: tables.map(hotTable),
  }
  const writer = await openCommitWriter(place, settledBlock, surroundings)
  return {
    ...writer,
    commit: ({ rowsByTable, columnsByTable = new Map(), ...attempt }) => {
      for (const name of [...rowsByTable.keys(), ...columnsByTable.keys()]) {
        const known = tables.some((table) => table.name === name)
        invariant(known, `stream ${stream} has no table ${name}`)
      }
      const insertRows = async (seq: number): Promise<Commit['rowCounts']> => {
        const { client } = surroundings
        const tokenSeed = `${stream}:${seq}`
        await mapConcurrently(tables, INSERTS_AT_ONCE, async (table) => {
          const columns = columnsByTable.get(table.name)
          if (columns !== undefined && columns.rowCount > 0) {
            await insertColumns(client, hotTable(table), columns, { commitSeq: seq, tokenSeed })
          }
          const rows = rowsByTable.get(table.name) ?? []
          if (rows.length === 0) return
          const part = { table: hotTable(table), columns: table.columns, rows, commitSeq: seq }
          await insertTable(client, part, tokenSeed)
        })
        return rowCounts(rowsByTable, columnsByTable)
      }
      return writer.commit({ ...attempt, insertRows })
    },
  }
}

function rowCounts(
  rowsByTable: RowsByTable,
  columnsByTable: ReadonlyMap<string, NativeRows>,
): Commit['rowCounts'] {
  const counts = [
    ...[...rowsByTable].map(([name, rows]) => [name, rows.length] as const),
    ...[...columnsByTable].map(([name, { rowCount }]) => [name, rowCount] as const),
  ]
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}
