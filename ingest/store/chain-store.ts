import { queryRows } from '@foggara/database'
import { CHAIN_TABLES, type Hex, type Pin, type Table, invariant } from '@foggara/schema'

import { type DamagedCommit, auditCommits, auditSettled } from './audit.ts'
import { type Commit, blockCommits, checkContiguous } from './commit-log.ts'
import type { WriterSurroundings } from './commit-writer.ts'
import {
  type Settlement,
  deleteSettledHotRows,
  readSettlements,
  settle,
  settleLimit,
  writtenTables,
} from './settle.ts'
import { type Attempt, type StreamWriter, openStreamWriter } from './stream-writer.ts'

/** A block by number and hash. */
export type BlockId = { readonly block: number; readonly hash: Hex }

/** The most blocks that one commit may bring. */
export const COMMIT_BLOCKS_MAX = 10_000

/** What settling needs to know; and when hot rows of settled blocks are deleted. */
export type SettleRules = {
  /** How long ago the blocks must have been settled, for readers that are pinned before. */
  readonly delayMs: number
  /** Rows that may stay in each table: a deletion costs more than a few rows do. */
  readonly rowsKept: number
  /** Every event up to this block is proven to be there; -1: nothing is. */
  readonly provenBlock: number
}

/** Logs of one move: it is sorted in memory and arrives as one part. */
const SETTLE_LOGS_MAX = 200_000

/** The chain's tables and what is known about their blocks; the only writer of them. */
export type ChainStore = {
  /** The newest indexed block. */
  readonly head: () => BlockId | undefined
  /** The newest settled block: nothing up to it can be retracted. */
  readonly settled: () => BlockId | undefined
  /** The stored hash of a block; `undefined` when it is not indexed. */
  readonly hashOf: (block: number) => Promise<Hex | undefined>
  /** Visible commits that hold blocks above the settled boundary, ascending by block. */
  readonly commits: () => readonly Commit[]
  readonly commit: (attempt: Attempt) => Promise<Commit>
  /** Retracts unsettled commits from the one with this block on: their blocks are fetched again. */
  readonly retractFrom: (block: number) => Promise<void>
  /** A pin that sees chain rows up to `block`, for reading back what is stored. */
  readonly pinAt: (block: number) => Pin
  /** Moves final blocks into the settled tables; returns the new boundary if it moved. */
  readonly settleUpTo: (finalBlock: number, rules: SettleRules) => Promise<number | undefined>
  readonly collectGarbage: StreamWriter['collectGarbage']
}

/**
 * Opens the chain's tables for writing and audits them; `tables` are all that the database has.
 *
 * Commits that lost rows are retracted with all that follow them, so that their blocks are fetched
 * again; `onDamage` hears of it. Raises `COMMIT_LOG_BROKEN` and `SETTLED_ROWS_MISSING` for damage
 * that fetching again cannot mend.
 */
export async function openChainStore(
  surroundings: WriterSurroundings,
  onDamage: (damaged: readonly DamagedCommit[]) => void,
  tables: readonly Table[] = CHAIN_TABLES,
): Promise<ChainStore> {
  const [newest] = await readSettlements(surroundings.client)
  await auditSettled(surroundings.client, tables, newest)
  const boundary = newest?.boundaryBlock ?? -1
  const written = writtenTables(tables)
  const writer = await openStreamWriter('chain', written, boundary, surroundings)
  const store = new Store(surroundings, writer, newest, tables)
  checkContiguous(store.commits())
  await store.retractDamaged(onDamage)
  return {
    head: () => store.head(),
    settled: () => store.settled(),
    hashOf: (block) => store.hashOf(block),
    commits: () => store.commits(),
    commit: (attempt) => store.commit(attempt),
    retractFrom: (block) => store.retractFrom(block),
    pinAt: (block) => store.pinAt(block),
    settleUpTo: (finalBlock, rules) => store.settleUpTo(finalBlock, rules),
    collectGarbage: (rules) => writer.collectGarbage(rules),
  }
}

class Store {
  readonly #surroundings: WriterSurroundings
  readonly #writer: StreamWriter
  #settlement: Settlement | undefined
  #tables: readonly Table[]
  /** When blocks were settled, as far as their hot rows may still be there. */
  #settledAtMs: { readonly block: number; readonly atMs: number }[]

  constructor(
    surroundings: WriterSurroundings,
    writer: StreamWriter,
    newest: Settlement | undefined,
    tables: readonly Table[],
  ) {
    this.#surroundings = surroundings
    this.#tables = tables
    this.#writer = writer
    this.#settlement = newest
    const atMs = surroundings.nowMs()
    this.#settledAtMs = newest === undefined ? [] : [{ block: newest.boundaryBlock, atMs }]
  }

  head(): BlockId | undefined {
    const last = this.commits().at(-1)
    const hash = last?.blockHashes.at(-1)
    if (last === undefined || hash === undefined) return this.settled()
    return { block: last.lastBlock, hash }
  }

  settled(): BlockId | undefined {
    if (this.#settlement === undefined) return undefined
    return { block: this.#settlement.boundaryBlock, hash: this.#settlement.boundaryHash }
  }

  commits(): readonly Commit[] {
    const boundary = this.#settlement?.boundaryBlock ?? -1
    return blockCommits(this.#writer.state()).filter((commit) => commit.lastBlock > boundary)
  }

  async hashOf(block: number): Promise<Hex | undefined> {
    const holder = this.commits().find(
      (commit) => commit.firstBlock <= block && block <= commit.lastBlock,
    )
    if (holder !== undefined) return holder.blockHashes[block - holder.firstBlock]
    if (block < 0 || block > (this.#settlement?.boundaryBlock ?? -1)) return undefined
    const [row] = await queryRows<{ hash: Hex }>(
      this.#surroundings.client,
      `select concat('0x', lower(hex(hash))) as hash from block_settled where block = ${block}`,
    )
    return row?.hash
  }

  async commit(attempt: Attempt): Promise<Commit> {
    const count = attempt.lastBlock - attempt.firstBlock + 1
    invariant(count === attempt.blockHashes.length, 'a commit brings one hash per block')
    invariant(count <= COMMIT_BLOCKS_MAX, 'a commit stays within COMMIT_BLOCKS_MAX')
    const kills = new Set(attempt.kills)
    const kept = this.commits().filter((commit) => !kills.has(commit.seq))
    const before = kept.at(-1)?.lastBlock ?? this.#settlement?.boundaryBlock
    invariant(
      before === undefined || attempt.firstBlock === before + 1,
      `a commit continues at block ${(before ?? 0) + 1}, not at ${attempt.firstBlock}`,
    )
    return this.#writer.commit(attempt)
  }

  async retractDamaged(onDamage: (damaged: readonly DamagedCommit[]) => void): Promise<void> {
    const commits = this.commits()
    const boundary = this.#settlement?.boundaryBlock ?? -1
    const damaged = await auditCommits(
      this.#surroundings.client,
      writtenTables(this.#tables),
      commits,
      boundary,
    )
    const [first] = damaged
    if (first === undefined) return
    onDamage(damaged)
    await this.retractFrom(Math.max(first.commit.firstBlock, boundary + 1))
  }

  async retractFrom(block: number): Promise<void> {
    const retracted = this.commits().filter((commit) => commit.lastBlock >= block)
    const kills = retracted.map((commit) => commit.seq)
    if (kills.length === 0) return
    const last = Math.max(0, (retracted[0]?.firstBlock ?? block) - 1)
    const nothing = { rowsByTable: new Map(), firstBlock: last, lastBlock: last, blockHashes: [] }
    await this.#writer.commit({ ...nothing, kills })
  }

  pinAt(block: number): Pin {
    const { lastSeq, killed } = this.#writer.state()
    const nothing = { commitSeq: 0, killed: [] }
    return {
      block,
      blockHash: `0x${'00'.repeat(32)}`,
      blockSeconds: 0,
      settledBlock: this.#settlement?.boundaryBlock ?? -1,
      chain: { commitSeq: lastSeq, killed: [...killed] },
      receipt: nothing,
      epoch: nothing,
    }
  }

  async settleUpTo(finalBlock: number, rules: SettleRules): Promise<number | undefined> {
    const { client, nowMs } = this.#surroundings
    const before = this.#settlement
    const first = before?.boundaryBlock ?? (this.commits()[0]?.firstBlock ?? 0) - 1
    const block = Math.min(finalBlock, settleLimit(first), this.#lastWithinLogsMax())
    if (block <= first) return undefined
    const hash = await this.hashOf(block)
    invariant(hash !== undefined, `block ${block} is settled before it is indexed`)
    await this.#deleteHotRows(rules)
    const { lastSeq, killed } = this.#writer.state()
    const moved = { tables: this.#tables, lastSeq, killed, provenBlock: rules.provenBlock }
    this.#settlement = await settle(client, before, { block, hash }, moved)
    this.#settledAtMs.push({ block, atMs: nowMs() })
    const { visible } = this.#writer.state()
    const newest = visible.findLast((commit) => commit.blockHashes.length > 0)
    this.#writer.forget((commit) => commit.lastBlock <= block && commit !== newest)
    return block
  }

  /** The last block of the commits that may be moved together; the head if all may. */
  #lastWithinLogsMax(): number {
    let logCount = 0
    for (const commit of this.commits()) {
      logCount += commit.rowCounts['log'] ?? 0
      if (logCount > SETTLE_LOGS_MAX) return commit.lastBlock
    }
    return this.head()?.block ?? -1
  }

  async #deleteHotRows({ delayMs, rowsKept }: SettleRules): Promise<void> {
    const dueMs = this.#surroundings.nowMs() - delayMs
    const due = this.#settledAtMs.findLast(({ atMs }) => atMs <= dueMs)
    if (due === undefined) return
    await deleteSettledHotRows(this.#surroundings.client, this.#tables, due.block, rowsKept)
    this.#settledAtMs = this.#settledAtMs.filter(({ block }) => block > due.block)
  }
}
