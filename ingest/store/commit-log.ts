import { FatalError, type Hex } from '@foggara/schema'

/** The streams that have a commit log of their own. */
export type CommitStream = 'chain' | 'receipt' | 'epoch'

/** One row of the commit log. */
export type Commit = {
  readonly seq: number
  readonly firstBlock: number
  readonly lastBlock: number
  /** One per block from `firstBlock` to `lastBlock`; empty when the commit brings no blocks. */
  readonly blockHashes: readonly Hex[]
  /** The attempts it retracts, its own stream's. */
  readonly kills: readonly number[]
  /** Rows written, by logical table; tables without rows are absent. */
  readonly rowCounts: Readonly<Record<string, number>>
}

/** What a commit log says: which attempts are seen, and which blocks they brought. */
export type LogState = {
  /** The newest sequence number; 0 before the first commit. */
  readonly lastSeq: number
  readonly killed: ReadonlySet<number>
  /** Visible commits, ascending by sequence number. */
  readonly visible: readonly Commit[]
}

/** The state of an empty log. */
export const EMPTY_LOG: LogState = { lastSeq: 0, killed: new Set(), visible: [] }

/**
 * Folds the rows of a commit log, in any order. A row may stand there twice (its insert was
 * repeated after an answer got lost): the copies are equal and count once.
 */
export function foldCommits(commits: readonly Commit[]): LogState {
  const bySeq = new Map(commits.map((commit) => [commit.seq, commit]))
  const killed = new Set(commits.flatMap((commit) => commit.kills))
  const visible = [...bySeq.values()]
    .filter((commit) => !killed.has(commit.seq))
    .toSorted((a, b) => a.seq - b.seq)
  const lastSeq = commits.reduce((last, commit) => Math.max(last, commit.seq), 0)
  return { lastSeq, killed, visible }
}

/** The state after one more commit. */
export function applyCommit(state: LogState, commit: Commit): LogState {
  const kills = new Set(commit.kills)
  return {
    lastSeq: Math.max(state.lastSeq, commit.seq),
    killed: new Set([...state.killed, ...kills]),
    visible: [...state.visible.filter((earlier) => !kills.has(earlier.seq)), commit],
  }
}

/** Visible commits that brought blocks, ascending by block. */
export function blockCommits(state: LogState): readonly Commit[] {
  return state.visible
    .filter((commit) => commit.blockHashes.length > 0)
    .toSorted((a, b) => a.firstBlock - b.firstBlock)
}

/**
 * Checks that visible commits bring each block once and without a gap.
 *
 * @throws {CommitLogBrokenError}
 */
export function checkContiguous(commits: readonly Commit[]): void {
  for (const [index, commit] of commits.entries()) {
    const previous = commits[index - 1]
    const count = commit.lastBlock - commit.firstBlock + 1
    if (commit.blockHashes.length !== count) {
      throw new CommitLogBrokenError(
        `${count} block hashes in commit ${commit.seq}`,
        `${commit.blockHashes.length}`,
      )
    }
    if (previous !== undefined && commit.firstBlock !== previous.lastBlock + 1) {
      throw new CommitLogBrokenError(
        `commit ${commit.seq} to start at block ${previous.lastBlock + 1}`,
        `block ${commit.firstBlock}`,
      )
    }
  }
}

/** The commit log contradicts itself: written by something else, or damaged. */
export class CommitLogBrokenError extends FatalError {
  constructor(expected: string, found: string) {
    super('COMMIT_LOG_BROKEN', `commit log: expected ${expected}, found ${found}`, {
      hint: 'Index again into an empty data directory; keep this one for a report.',
    })
  }
}
