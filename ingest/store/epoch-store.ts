import { queryRows } from '@foggara/database'
import {
  EPOCH_TABLES,
  type EpochResult,
  FatalError,
  type Hex,
  hotTable,
  CLOSED_EPOCH_TABLE,
} from '@foggara/schema'

import type { WriterSurroundings } from './commit-writer.ts'
import type { Row } from './row-binary.ts'
import { visibleSql } from './settle.ts'
import { type StreamWriter, openStreamWriter } from './stream-writer.ts'

/** A closed epoch as it is stored: the result, with what is needed to check and to claim it. */
export type ClosedEpoch = {
  readonly result: EpochResult
  /** The manifest in canonical JSON: its sha256 is the result's `manifestHash`. */
  readonly manifestText: string
  /** The token that allocations are paid in. */
  readonly token: Hex
  /** The canonical snapshot: the lines of each table in order. */
  readonly snapshot: readonly { readonly tableName: string; readonly lines: readonly string[] }[]
  /** The Merkle proof of each account with a leaf. */
  readonly proofs: ReadonlyMap<Hex, readonly Hex[]>
}

/** The only writer of closed epochs. */
export type EpochStore = {
  /**
   * Commits one closed epoch: all its rows become visible together.
   *
   * @throws {EpochClosedError} when the epoch is stored already; nothing changes.
   */
  readonly writeEpoch: (epoch: ClosedEpoch) => Promise<void>
}

/** Opens the epoch stream for writing: takes it over from an earlier process. */
export async function openEpochStore(surroundings: WriterSurroundings): Promise<EpochStore> {
  const writer = await openStreamWriter('epoch', EPOCH_TABLES, -1, surroundings)
  return { writeEpoch: (epoch) => writeEpoch(surroundings, writer, epoch) }
}

async function writeEpoch(
  { client }: WriterSurroundings,
  writer: StreamWriter,
  epoch: ClosedEpoch,
): Promise<void> {
  const number = epoch.result.epoch
  const [stored] = await queryRows<{ epoch: number }>(
    client,
    `select epoch
    from ${hotTable(CLOSED_EPOCH_TABLE)}
    where epoch = ${number} and ${visibleSql(writer.state())}
    limit 1`,
  )
  if (stored !== undefined) throw new EpochClosedError(number)
  await writer.commit({
    rowsByTable: epochRows(epoch),
    firstBlock: epoch.result.manifest.firstBlock,
    lastBlock: epoch.result.manifest.cutoffBlock,
    blockHashes: [],
    kills: [],
  })
}

function epochRows(closed: ClosedEpoch): ReadonlyMap<string, readonly Row[]> {
  const { result } = closed
  const { epoch } = result
  const snapshotLines = closed.snapshot.flatMap(({ tableName, lines }) =>
    lines.map((line, position) => ({ epoch, table_name: tableName, position, line })),
  )
  const scores = result.scores.map(({ measure, id, score }) => ({ epoch, measure, id, score }))
  return new Map<string, readonly Row[]>([
    ['closed_epoch', [closedEpochRow(closed)]],
    ['snapshot_line', snapshotLines],
    ['score', scores],
    ['epoch_pool', result.pools.map((pool) => ({ epoch, ...pool }))],
    ['allocation', allocationRows(closed)],
    ['allocation_part', partRows(result)],
  ])
}

function closedEpochRow({ result, manifestText }: ClosedEpoch): Row {
  const { manifest, identity } = result
  return {
    epoch: result.epoch,
    first_block: manifest.firstBlock,
    cutoff_block: manifest.cutoffBlock,
    cutoff_hash: manifest.cutoffHash,
    ruleset_version: manifest.rulesetVersion,
    ruleset_hash: manifest.rulesetHash,
    budget: identity.budget,
    paid: identity.paid,
    carry_change: identity.carryChange,
    withheld: identity.withheld,
    unallocated: identity.unallocated,
    cumulative_total: result.cumulativeTotal,
    root: result.root,
    manifest_hash: result.manifestHash,
    manifest: manifestText,
  }
}

function allocationRows({ result, token, proofs }: ClosedEpoch): readonly Row[] {
  return result.allocations.map((allocation) => ({
    epoch: result.epoch,
    account: allocation.account,
    token,
    earned: allocation.earned,
    carry_before: allocation.carryBefore,
    carry_after: allocation.carryAfter,
    paid: allocation.paid,
    cumulative: allocation.cumulative,
    proof: proofs.get(allocation.account) ?? [],
  }))
}

function partRows({ epoch, parts, withheld }: EpochResult): readonly Row[] {
  const all = [...parts.map((part) => ({ ...part, reason: '' })), ...withheld]
  return all.map(({ account, pool, sourceId, score, amount, reason }) => ({
    epoch,
    account,
    pool,
    source_id: sourceId,
    score,
    amount,
    withheld_reason: reason,
  }))
}

/** An epoch is stored already; closed epochs are never changed. */
export class EpochClosedError extends FatalError {
  constructor(epoch: number) {
    super('EPOCH_ALREADY_CLOSED', `expected epoch ${epoch} to be open, found it stored`, {
      hint: 'Verify the stored epoch instead; a correction is a proposal in a later epoch.',
    })
  }
}
