import type { ClickHouseClient } from '@foggara/database'
import { allocationTree, manifestToJson, snapshotToLines } from '@foggara/gpu-analytics'

import { type TestRow, insertTestRows } from '../../test/insert-rows.ts'
import {
  BOB,
  CAROL,
  EPOCH_RESULT,
  EPOCH_SNAPSHOT,
  HEAD_BLOCK,
  SETTLED_BLOCK,
  asset,
  blockHash,
} from './economy-names.ts'
import { at, chainRows, receiptRow } from './economy-rows.ts'

/** Writes the economy as one settled part, one commit, one retracted commit and one epoch. */
export async function writeEconomy(client: ClickHouseClient): Promise<void> {
  for (const [table, rows] of Object.entries(chainRows())) {
    const isSettled = (row: TestRow): boolean => Number(row['block']) <= SETTLED_BLOCK
    const hot = rows.filter((row) => !isSettled(row)).map((row) => ({ commit_seq: 2, ...row }))
    await insertTestRows(client, table, rows.filter(isSettled), 'settled')
    await insertTestRows(client, table, hot)
  }
  await insertTestRows(client, 'asset_transferred', [
    { ...at(30, 9), asset_id: asset(1), sender: BOB, recipient: CAROL, commit_seq: 1 },
  ])
  await insertTestRows(client, 'submitted_receipt', [
    { ...receiptRow(900, [asset(2)], 7n), received_at_seconds: 5, commit_seq: 1 },
  ])
  await writeEpoch(client)
  await insertTestRows(client, 'settlement', [
    { boundary_block: SETTLED_BLOCK, boundary_hash: blockHash(SETTLED_BLOCK) },
  ])
  await insertTestRows(client, 'commits', [
    commit('chain', 1, SETTLED_BLOCK + 1, 30, []),
    commit('chain', 2, SETTLED_BLOCK + 1, HEAD_BLOCK, [1]),
    commit('receipt', 1, 0, 0, []),
    commit('epoch', 1, 0, 0, []),
  ])
}

async function writeEpoch(client: ClickHouseClient): Promise<void> {
  const { epoch, identity, manifest, manifestHash, root } = EPOCH_RESULT
  const seq = { commit_seq: 1, epoch }
  await insertTestRows(client, 'closed_epoch', [
    {
      ...seq,
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
      cumulative_total: EPOCH_RESULT.cumulativeTotal,
      root,
      manifest_hash: manifestHash,
      manifest: manifestToJson(manifest),
    },
  ])
  const lines = Object.entries(snapshotToLines(EPOCH_SNAPSHOT)).flatMap(([name, own]) =>
    own.map((line, position) => ({ ...seq, table_name: name, position, line })),
  )
  await insertTestRows(client, 'snapshot_line', lines)
  await insertTestRows(
    client,
    'score',
    EPOCH_RESULT.scores.map((row) => ({ ...seq, ...row })),
  )
  await insertTestRows(
    client,
    'epoch_pool',
    EPOCH_RESULT.pools.map((row) => ({ ...seq, ...row })),
  )
  await writeAllocations(client, seq)
}

async function writeAllocations(client: ClickHouseClient, seq: TestRow): Promise<void> {
  const parts = [
    ...EPOCH_RESULT.parts.map((part) => ({ ...part, reason: '' })),
    ...EPOCH_RESULT.withheld,
  ]
  await insertTestRows(
    client,
    'allocation_part',
    parts.map(({ sourceId, reason, account: payee, pool, score, amount }) => ({
      ...seq,
      account: payee,
      pool,
      source_id: sourceId,
      score,
      amount,
      withheld_reason: reason,
    })),
  )
  const { token } = EPOCH_SNAPSHOT.ruleset
  const tree = allocationTree(token, EPOCH_RESULT.allocations)
  await insertTestRows(
    client,
    'allocation',
    EPOCH_RESULT.allocations.map((row) => ({
      ...seq,
      account: row.account,
      token,
      earned: row.earned,
      carry_before: row.carryBefore,
      carry_after: row.carryAfter,
      paid: row.paid,
      cumulative: row.cumulative,
      proof: tree.proofs.get(row.account) ?? [],
    })),
  )
}

function commit(
  stream: string,
  seq: number,
  firstBlock: number,
  lastBlock: number,
  kills: readonly number[],
): TestRow {
  const count = stream === 'chain' ? lastBlock - firstBlock + 1 : 0
  return {
    stream,
    commit_seq: seq,
    first_block: firstBlock,
    last_block: lastBlock,
    block_hashes: Array.from({ length: count }, (_, index) => blockHash(firstBlock + index)),
    kills,
  }
}
