import { type ClickHouseClient, currentPin, pinAt, queryRows } from '@foggara/database'
import type { Execution } from '@foggara/gpu-analytics'
import {
  type EpochResult,
  FatalError,
  type Hex,
  type Pin,
  type Snapshot,
  epochBlocks,
  pinnedRelations,
} from '@foggara/schema'
import { z } from 'zod'

import type { EpochComputer } from './epoch-computer.ts'
import { type Rows, hexText, readRows, smallNumber } from './rows.ts'
import { readRulesets, rulesetOf } from './rulesets.ts'
import { readSnapshot } from './snapshot.ts'

/** What closing epochs needs. */
export type CloserOptions = {
  readonly client: ClickHouseClient
  readonly compute: EpochComputer['compute']
  readonly chainId: number
  /** The reward distributor. */
  readonly distributor: Hex
  /** Stores a closed epoch; visible as a whole or not at all. */
  readonly store: (snapshot: Snapshot, result: EpochResult) => Promise<void>
}

/** An epoch that was just closed. */
export type ClosedEpoch = {
  readonly snapshot: Snapshot
  readonly result: EpochResult
  /** How the engine computed rank and flow. */
  readonly executions: readonly Execution[]
}

/** Queries of a client as {@link Rows}. */
export function rowsOf(client: ClickHouseClient): Rows {
  return (sql) => queryRows<unknown>(client, sql)
}

/**
 * Closes the next epoch if its last block is final and indexed; undefined when there is none yet.
 *
 * @throws {EpochGapError} when the ruleset's epochs do not follow on each other.
 */
export async function closeNextEpoch(
  options: CloserOptions,
  finalizedBlock: number,
): Promise<ClosedEpoch | undefined> {
  const { client, chainId, distributor } = options
  const rows = rowsOf(client)
  const newest = await currentPin(client)
  const last = await lastClosed(rows, newest)
  const epoch = (last?.epoch ?? 0) + 1
  const published = rulesetOf(await readRulesets(rows, pinnedRelations(newest)), epoch)
  if (published === undefined) return undefined
  const { firstBlock, cutoffBlock } = epochBlocks(published.ruleset, epoch)
  if (last !== undefined && firstBlock !== last.cutoffBlock + 1) {
    throw new EpochGapError(epoch, last.cutoffBlock + 1, firstBlock)
  }
  if (cutoffBlock > Math.min(finalizedBlock, newest.block)) return undefined
  const pin = await pinAt(client, cutoffBlock)
  const { ruleset } = published
  const snapshot = await readSnapshot(rows, { chainId, distributor, epoch, ruleset, pin })
  const { result, executions } = await options.compute(snapshot)
  await options.store(snapshot, result)
  return { snapshot, result, executions }
}

const closedRow = z.object({ epoch: smallNumber, cutoffBlock: smallNumber, cutoffHash: hexText })

/** The newest closed epoch, undefined before the first. */
export async function lastClosed(
  rows: Rows,
  pin: Pin,
): Promise<{ readonly epoch: number; readonly cutoffBlock: number } | undefined> {
  const [last] = await readRows(
    rows,
    closedRow,
    `select source.epoch as "epoch", source.cutoff_block as "cutoffBlock",
      concat('0x', lower(hex(source.cutoff_hash))) as "cutoffHash"
    from ${pinnedRelations(pin).relation('closed_epoch')} as source
    order by source.epoch desc
    limit 1`,
  )
  return last
}

/** A ruleset starts its epochs elsewhere than where the last closed one ended. */
export class EpochGapError extends FatalError {
  constructor(epoch: number, expected: number, found: number) {
    super(
      'EPOCH_BLOCKS_BROKEN',
      `epoch ${epoch}: expected to start at block ${expected}, found ${found}`,
      { hint: 'Publish a ruleset whose firstBlock continues the epochs before it.' },
    )
  }
}
