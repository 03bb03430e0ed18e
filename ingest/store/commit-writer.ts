import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import { COMMITS_TABLE, FatalError, FoggaraError, STATUS_TABLE, invariant } from '@foggara/schema'

import type { Surroundings } from '../surroundings.ts'
import { type Commit, type LogState, applyCommit, foldCommits } from './commit-log.ts'
import { insertTable } from './insert.ts'
import { type StoredLog, type StreamPlace, collectedKey, readLog, readOrphans } from './log-rows.ts'
import { mapConcurrently } from './map-concurrently.ts'

/** A commit that is to be, with the rows that it makes visible. */
export type PlannedCommit = Omit<Commit, 'seq' | 'rowCounts'> & {
  /** Inserts the rows under the sequence number and counts them by table. */
  readonly insertRows: (seq: number) => Promise<Commit['rowCounts']>
}

/** Where a writer writes, and its surroundings. */
export type WriterSurroundings = Surroundings & { readonly client: ClickHouseClient }

/** When the rows of killed attempts are deleted. */
export type CollectRules = {
  /** How long ago an attempt must have been killed, for readers that are pinned before. */
  readonly delayMs: number
  /** How many such attempts there must be: a deletion rewrites something of every table. */
  readonly countMin: number
}

/** The one writer of one commit log. Calls are carried out one after the other. */
export type CommitWriter = {
  readonly state: () => LogState
  /**
   * Writes an attempt and its commit row. When it raises, nothing of the attempt is visible, and
   * never will be.
   */
  readonly commit: (planned: PlannedCommit) => Promise<Commit>
  /** Deletes the rows of killed attempts, if it is worth it; harmless to repeat. */
  readonly collectGarbage: (rules: CollectRules) => Promise<void>
  /** Drops commits from memory of which nothing is needed any more. */
  readonly forget: (isNeedless: (commit: Commit) => boolean) => void
  /** Reads commits with blocks above `block` again that were forgotten. */
  readonly recall: (block: number) => Promise<void>
}

/** Sequence numbers that an earlier writer may have used without our seeing a row of it. */
const UNSEEN_ATTEMPTS_MAX = 3
const INSERTS_AT_ONCE = 4
/** Commits that readers may have to look at: every pin reads those above the collected number. */
const FLOOR_LAG_MAX = 200
const RETRY_MS_MIN = 50
const RETRY_MS_MAX = 2_000

/**
 * Takes over a commit log: folds it and fences off whatever an earlier writer left behind.
 *
 * The fence is an empty commit that kills the attempts the earlier writer may have begun, those
 * without any row included: its last insert may still be on its way and must not appear later under
 * a number that a commit of ours has passed.
 */
export async function openCommitWriter(
  place: StreamPlace,
  settledBlock: number,
  surroundings: WriterSurroundings,
): Promise<CommitWriter> {
  const { client } = surroundings
  const before = await readLog(client, place, settledBlock)
  const orphans = await readOrphans(client, place, before.lastSeq)
  const unseen = Array.from(
    { length: UNSEEN_ATTEMPTS_MAX },
    (_, index) => before.lastSeq + 1 + index,
  )
  const kills = [...new Set([...unseen, ...orphans])].toSorted((a, b) => a - b)
  const fence = fenceCommit(foldCommits(before.commits), (kills.at(-1) ?? 0) + 1, kills)
  await insertCommit(surroundings, place, fence)
  const stored = await readLog(client, place, settledBlock)
  const writer = new Writer(place, surroundings, stored)
  return {
    state: () => writer.state,
    commit: (planned) => writer.commit(planned),
    collectGarbage: (rules) => writer.collectGarbage(rules),
    forget: (isNeedless) => writer.forget(isNeedless),
    recall: (block) => writer.recall(block),
  }
}

class Writer {
  state: LogState
  readonly #place: StreamPlace
  readonly #surroundings: WriterSurroundings
  /** Killed attempts whose rows may still be there. */
  readonly #pendingKills = new Map<number, { readonly atMs: number; readonly killerSeq: number }>()
  #failedSeqs: number[] = []
  #collectedSeq: number
  #queue: Promise<unknown> = Promise.resolve()

  constructor(place: StreamPlace, surroundings: WriterSurroundings, stored: StoredLog) {
    this.#place = place
    this.#surroundings = surroundings
    this.state = { ...foldCommits(stored.commits), lastSeq: stored.lastSeq }
    this.#collectedSeq = stored.collectedSeq
    for (const commit of stored.commits) {
      if (commit.seq > stored.collectedSeq) this.#noteKills(commit)
    }
  }

  commit(planned: PlannedCommit): Promise<Commit> {
    return this.#inTurn(() => this.#commit(planned))
  }

  collectGarbage(rules: CollectRules): Promise<void> {
    return this.#inTurn(() => this.#collectGarbage(rules))
  }

  recall(block: number): Promise<void> {
    return this.#inTurn(async () => {
      const { commits } = await readLog(this.#surroundings.client, this.#place, block)
      const { visible } = foldCommits([...this.state.visible, ...commits])
      const { killed } = this.state
      this.state = { ...this.state, visible: visible.filter(({ seq }) => !killed.has(seq)) }
    })
  }

  forget(isNeedless: (commit: Commit) => boolean): void {
    const visible = this.state.visible.filter((commit) => !isNeedless(commit))
    this.state = { ...this.state, visible }
  }

  async #commit({ insertRows, ...planned }: PlannedCommit): Promise<Commit> {
    const visible = new Set(this.state.visible.map((commit) => commit.seq))
    for (const kill of planned.kills) {
      invariant(visible.has(kill), `a commit retracts ${kill}, which is not visible`)
    }
    await this.#fenceFailures()
    const seq = this.state.lastSeq + 1
    try {
      const commit = { seq, ...planned, rowCounts: await insertRows(seq) }
      await this.#checkFence()
      await insertCommit(this.#surroundings, this.#place, commit)
      this.#advance(commit)
      return commit
    } catch (error) {
      this.#failedSeqs.push(seq)
      throw error
    }
  }

  /** Kills failed attempts in a commit of their own before anything newer may become visible. */
  async #fenceFailures(): Promise<void> {
    if (this.#failedSeqs.length === 0) return
    const seq = Math.max(this.state.lastSeq, ...this.#failedSeqs) + 1
    const fence = fenceCommit(this.state, seq, this.#failedSeqs)
    await insertCommit(this.#surroundings, this.#place, fence)
    this.#failedSeqs = []
    this.#advance(fence)
  }

  /** Another writer begins with a fence: seeing one that is not ours means that it took over. */
  async #checkFence(): Promise<void> {
    const { stream, commits } = this.#place
    const [row] = await queryRows<{ last_seq: string }>(
      this.#surroundings.client,
      `select max(commit_seq) as last_seq from ${commits} where stream = {stream:String}`,
      { stream },
    )
    const found = Number(row?.last_seq ?? 0)
    if (found !== this.state.lastSeq) {
      throw new WriterFencedError(stream, this.state.lastSeq, found)
    }
  }

  #advance(commit: Commit): void {
    this.state = applyCommit(this.state, commit)
    this.#noteKills(commit)
  }

  #noteKills({ seq: killerSeq, kills }: Commit): void {
    const atMs = this.#surroundings.nowMs()
    for (const seq of kills) this.#pendingKills.set(seq, { atMs, killerSeq })
  }

  async #collectGarbage({ delayMs, countMin }: CollectRules): Promise<void> {
    const dueMs = this.#surroundings.nowMs() - delayMs
    const pending = [...this.#pendingKills]
    const due = pending.filter(([, { atMs }]) => atMs <= dueMs).map(([seq]) => seq)
    const isFloorLow = this.state.lastSeq - this.#collectedSeq >= FLOOR_LAG_MAX
    if (due.length < Math.max(1, countMin) && !isFloorLow) return
    if (due.length > 0) await this.#deleteRows(due)
    for (const seq of due) this.#pendingKills.delete(seq)
    await this.#writeCollected()
    const killed = new Set([...this.state.killed].filter((seq) => this.#pendingKills.has(seq)))
    this.state = { ...this.state, killed }
  }

  async #deleteRows(seqs: readonly number[]): Promise<void> {
    const { client } = this.#surroundings
    const list = seqs.join(', ')
    const each = this.#place.tables.map(
      (table, index) => `select ${index} as position from ${table} where commit_seq in (${list})`,
    )
    const found = await queryRows<{ position: number }>(
      client,
      `select distinct position from (${each.join('\nunion all\n')}) order by position`,
    )
    await mapConcurrently(found, INSERTS_AT_ONCE, async ({ position }) => {
      const table = this.#place.tables[position] ?? ''
      const settings = { lightweight_deletes_sync: '2' } as const
      await command(client, `delete from ${table} where commit_seq in (${list})`, {}, { settings })
    })
  }

  /**
   * Readers look at commits above this number only. It stays below every commit that killed what
   * still has rows, and below the commit of the newest blocks, which readers must find.
   */
  async #writeCollected(): Promise<void> {
    const { lastSeq, visible } = this.state
    const newest = visible.findLast((commit) => commit.blockHashes.length > 0)?.seq ?? 1
    const below = this.#place.stream === 'chain' ? newest : lastSeq + 1
    const killers = [...this.#pendingKills.values()].map(({ killerSeq }) => killerSeq)
    const collectedSeq = Math.min(...killers, below) - 1
    if (collectedSeq <= this.#collectedSeq) return
    const row = {
      key: collectedKey(this.#place.stream),
      value: String(collectedSeq),
      at_ms: this.#surroundings.nowMs(),
    }
    const rows = { table: this.#place.status, columns: STATUS_TABLE.columns, rows: [row] }
    await insertTable(this.#surroundings.client, rows, `collected:${row.value}:${row.at_ms}`)
    this.#collectedSeq = collectedSeq
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }
}

function fenceCommit(state: LogState, seq: number, kills: readonly number[]): Commit {
  const block = Math.max(0, ...state.visible.slice(-1).map((commit) => commit.lastBlock))
  return { seq, firstBlock: block, lastBlock: block, blockHashes: [], kills, rowCounts: {} }
}

/**
 * Inserts one commit row and repeats it until it is acknowledged: copies of it are equal and count
 * once, whereas giving up would leave open whether the attempt became visible.
 */
async function insertCommit(
  { client, nowMs, sleep, signal }: WriterSurroundings,
  { stream, commits }: StreamPlace,
  commit: Commit,
): Promise<void> {
  const row = {
    stream,
    commit_seq: commit.seq,
    first_block: commit.firstBlock,
    last_block: commit.lastBlock,
    block_hashes: commit.blockHashes,
    kills: commit.kills,
    row_counts: commit.rowCounts,
    committed_at_ms: nowMs(),
  }
  const rows = { table: commits, columns: COMMITS_TABLE.columns, rows: [row] }
  let waitMs = RETRY_MS_MIN
  while (true) {
    try {
      await insertTable(client, rows, `${stream}:${commit.seq}`)
      return
    } catch (error) {
      const retryable = error instanceof FoggaraError && error.retryable
      if (!retryable || signal.aborted) throw error
      await sleep(waitMs)
      waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)
    }
  }
}

/** Another process writes the same stream; this one must stop. */
export class WriterFencedError extends FatalError {
  constructor(stream: string, expected: number, found: number) {
    super(
      'WRITER_FENCED',
      `stream ${stream}: expected ${expected} to be the newest commit, found ${found}`,
      { hint: 'Another process writes to this database: run only one.' },
    )
  }
}
