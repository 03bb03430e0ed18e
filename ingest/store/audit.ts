import { type ClickHouseClient, queryRows } from '@foggara/database'
import { FatalError, type Table, hotTable, settledTable } from '@foggara/schema'

import type { Commit } from './commit-log.ts'
import { type Settlement, countSettled } from './settle.ts'

/** A commit of which not all rows are there. */
export type DamagedCommit = {
  readonly commit: Commit
  readonly table: string
  readonly expectedRows: number
  readonly foundRows: number
}

/**
 * Compares the rows that commits say they wrote with those that are there. The commits must be
 * visible and bring blocks above `settledBlock`. Of the one that it divides, rows up to it are counted
 * among the settled ones: they may be deleted from the hot tables.
 */
export async function auditCommits(
  client: ClickHouseClient,
  tables: readonly Table[],
  commits: readonly Commit[],
  settledBlock: number,
): Promise<readonly DamagedCommit[]> {
  const first = commits.reduce((seq, commit) => Math.min(seq, commit.seq), Number.MAX_SAFE_INTEGER)
  if (commits.length === 0) return []
  const hot = tables.map(
    (table) => `select '${table.name}' as name, commit_seq, count() as rows
    from ${hotTable(table)}
    where commit_seq >= ${first} and toInt64(block) > ${settledBlock}
    group by commit_seq`,
  )
  const divided = commits.find(({ firstBlock }) => firstBlock <= settledBlock)
  const settled = tables.map(
    (table) => `select '${table.name}' as name, toUInt64(${divided?.seq}), count()
    from ${settledTable(table)}
    where block between ${divided?.firstBlock} and ${settledBlock}`,
  )
  const each = [...hot, ...(divided === undefined ? [] : settled)]
  const rows = await queryRows<CountRow>(client, each.join('\nunion all\n'))
  const counts = new Map<string, number>()
  for (const { name, commit_seq: seq, rows: count } of rows) {
    counts.set(`${name} ${seq}`, (counts.get(`${name} ${seq}`) ?? 0) + Number(count))
  }
  return commits.flatMap((commit) =>
    tables.flatMap((table) => {
      const expectedRows = commit.rowCounts[table.name] ?? 0
      const foundRows = counts.get(`${table.name} ${commit.seq}`) ?? 0
      if (expectedRows === foundRows) return []
      return [{ commit, table: table.name, expectedRows, foundRows }]
    }),
  )
}

/**
 * Checks that every settled table holds at least what the newest settlement counted (more: a later
 * move was cut short, the next one goes on from there).
 *
 * @throws {SettledRowsMissingError}
 */
export async function auditSettled(
  client: ClickHouseClient,
  tables: readonly Table[],
  settlement: Settlement | undefined,
): Promise<void> {
  if (settlement === undefined) return
  const missing = (await countSettled(client, tables)).filter(
    ({ name, rows }) => rows < (settlement.rowCounts[name] ?? 0),
  )
  if (missing.length > 0) throw new SettledRowsMissingError(settlement, missing)
}

type CountRow = { readonly name: string; readonly commit_seq: string; readonly rows: string }

/** Rows of final blocks are gone: the disk or somebody lost them. */
export class SettledRowsMissingError extends FatalError {
  constructor(
    settlement: Settlement,
    missing: readonly { readonly name: string; readonly rows: number }[],
  ) {
    const list = missing.map(
      ({ name, rows }) => `${rows} instead of ${settlement.rowCounts[name] ?? 0} in ${name}`,
    )
    super(
      'SETTLED_ROWS_MISSING',
      `expected the rows of blocks up to ${settlement.boundaryBlock}, found ${list.join(', ')}`,
      { hint: 'Restore a backup, or index again into an empty data directory.' },
    )
  }
}
