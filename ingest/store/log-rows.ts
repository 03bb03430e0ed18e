import { type ClickHouseClient, queryRows } from '@foggara/database'
import type { Hex } from '@foggara/schema'

import type { Commit } from './commit-log.ts'

/** Where a stream's commit log is, and the tables that its attempts write to, as SQL names. */
export type StreamPlace = {
  readonly stream: string
  readonly commits: string
  readonly status: string
  /** Their rows carry `commit_seq`. */
  readonly tables: readonly string[]
}

/** What a stream's log and tables hold at the moment a writer opens them. */
export type StoredLog = {
  readonly commits: readonly Commit[]
  /** The newest sequence number in the log; 0 when it is empty. */
  readonly lastSeq: number
  /** What commits up to this number killed has no rows any more. */
  readonly collectedSeq: number
}

/**
 * Reads the part of a stream's commit log that still matters: living commits with blocks above
 * `settledBlock` and everything newer than what was collected.
 */
export async function readLog(
  client: ClickHouseClient,
  place: StreamPlace,
  settledBlock: number,
): Promise<StoredLog> {
  const { stream, commits } = place
  const collectedSeq = await readCollected(client, place)
  const rows = await queryRows<CommitRow>(
    client,
    `select
      commit_seq,
      first_block,
      last_block,
      arrayMap(hash -> concat('0x', lower(hex(hash))), block_hashes) as hashes,
      kills,
      row_counts
    from ${commits}
    where stream = {stream:String}
      and (
        commit_seq > {collected:UInt64}
        or toInt64(last_block) > {settled:Int64}
          and commit_seq not in (
            select arrayJoin(kills) from ${commits} where stream = {stream:String}
          )
      )
    order by commit_seq`,
    { stream, collected: collectedSeq, settled: settledBlock },
  )
  const [last] = await queryRows<{ last_seq: string }>(
    client,
    `select max(commit_seq) as last_seq from ${commits} where stream = {stream:String}`,
    { stream },
  )
  return { commits: rows.map(decodeCommit), lastSeq: Number(last?.last_seq ?? 0), collectedSeq }
}

/** Attempts newer than `lastSeq` that left rows in any of the tables, ascending. */
export async function readOrphans(
  client: ClickHouseClient,
  { tables }: StreamPlace,
  lastSeq: number,
): Promise<readonly number[]> {
  const each = tables.map(
    (table) => `select distinct commit_seq from ${table} where commit_seq > ${lastSeq}`,
  )
  const rows = await queryRows<{ commit_seq: string }>(
    client,
    `select distinct commit_seq from (${each.join('\nunion all\n')}) order by commit_seq`,
  )
  return rows.map((row) => Number(row.commit_seq))
}

/** The status key under which a stream says how far the kills of its commits are carried out. */
export function collectedKey(stream: string): string {
  return `collected:${stream}`
}

async function readCollected(
  client: ClickHouseClient,
  { stream, status }: StreamPlace,
): Promise<number> {
  const [row] = await queryRows<{ collected: string }>(
    client,
    `select max(toUInt64(value)) as collected from ${status} where key = {key:String}`,
    { key: collectedKey(stream) },
  )
  return Number(row?.collected ?? 0)
}

type CommitRow = {
  readonly commit_seq: string
  readonly first_block: string
  readonly last_block: string
  readonly hashes: readonly Hex[]
  readonly kills: readonly string[]
  readonly row_counts: Readonly<Record<string, string>>
}

function decodeCommit(row: CommitRow): Commit {
  return {
    seq: Number(row.commit_seq),
    firstBlock: Number(row.first_block),
    lastBlock: Number(row.last_block),
    blockHashes: row.hashes,
    kills: row.kills.map(Number),
    rowCounts: Object.fromEntries(
      Object.entries(row.row_counts).map(([table, count]) => [table, Number(count)]),
    ),
  }
}
