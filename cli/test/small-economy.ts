import type { ClickHouseClient } from '@foggara/database'
import {
  type Hex,
  RELATIONS,
  type Ruleset,
  WORKLOADS,
  rulesetHash,
  rulesetToJson,
} from '@foggara/schema'

import { type TestRow, insertTestRows } from '../../test/insert-rows.ts'

/** The reward distributor and the chain of the economy. */
export const DISTRIBUTOR = account(0xd157)
export const CHAIN_ID = 31337

/** The economy's people. */
export const ALICE = account(0xa11ce)
export const BOB = account(0xb0b)
export const CAROL = account(0xca401)
export const CONSUMER = account(0xc0)
export const PROVIDER = account(0x9709)
export const TREASURY = account(0x7e)

/** Epochs of ten blocks from block 1. */
export const RULESET: Ruleset = {
  version: 1,
  firstBlock: 1,
  epochBlockCount: 10,
  rank: {
    iterationCount: 12,
    consumerPassThroughQ32: 0xd999_9999,
    assetPassThroughMaxQ32: 0xd999_9999,
  },
  flow: { stepCountMax: 50 },
  pools: {
    creators: 4000,
    dataProviders: 2500,
    computeOperators: 2000,
    reviewers: 500,
    treasury: 1000,
  },
  payeeCapBps: 10_000,
  payoutMin: 1000n,
  token: account(0x70),
  treasury: TREASURY,
}

/** An account by number. */
export function account(number: number): Hex {
  return `0x${number.toString(16).padStart(40, '0')}`
}

/** An asset by number. */
export function asset(number: number): Hex {
  return `0x${(0xa5_0000 + number).toString(16).padStart(64, '0')}`
}

/** A receipt's digest by number. */
export function digest(number: number): Hex {
  return `0x${(0xd1_0000 + number).toString(16).padStart(64, '0')}`
}

/** The hash of a block. */
export function blockHash(block: number): Hex {
  return `0x${(0xb1_0000 + block).toString(16).padStart(64, '0')}`
}

const HEAD_BLOCK = 35

/** Writes 35 blocks of history as one commit. */
export async function writeSmallEconomy(client: ClickHouseClient): Promise<void> {
  const tables = { ...assetRows(), ...useRows(), ...governanceRows() }
  for (const [table, rows] of Object.entries(tables)) {
    await insertTestRows(
      client,
      table,
      rows.map((row) => ({ commit_seq: 1, ...row })),
    )
  }
  const blocks = Array.from({ length: HEAD_BLOCK + 1 }, (_, block) => block)
  await insertTestRows(
    client,
    'block',
    blocks.map((block) => ({
      commit_seq: 1,
      block,
      hash: blockHash(block),
      parent_hash: blockHash(Math.max(0, block - 1)),
      at_seconds: 1000 + block,
      evidence: 'receipts',
    })),
  )
  await insertTestRows(client, 'commits', [
    {
      stream: 'chain',
      commit_seq: 1,
      first_block: 0,
      last_block: HEAD_BLOCK,
      block_hashes: blocks.map(blockHash),
    },
  ])
}

function assetRows(): Record<string, TestRow[]> {
  const registered = (block: number, number: number, kind: number): TestRow => ({
    ...at(block, 0),
    asset_id: asset(number),
    creator: ALICE,
    kind,
    name: `asset ${number}`,
  })
  const moved = (block: number, number: number, sender: Hex, recipient: Hex): TestRow => ({
    ...at(block, 1),
    asset_id: asset(number),
    sender,
    recipient,
  })
  const nobody = account(0)
  return {
    asset_registered: [registered(1, 1, 0), registered(2, 2, 1), registered(15, 3, 0)],
    asset_transferred: [
      moved(1, 1, nobody, ALICE),
      moved(2, 2, nobody, CAROL),
      moved(5, 1, ALICE, BOB),
      moved(15, 3, nobody, ALICE),
    ],
    edge_linked: [
      {
        ...at(3, 0),
        child_id: asset(1),
        parent_id: asset(2),
        relation: RELATIONS.indexOf('TRAINED_ON'),
        share_e8: 20_000_000,
      },
    ],
    edge_ended: [
      {
        ...at(18, 0),
        child_id: asset(1),
        parent_id: asset(2),
        relation: RELATIONS.indexOf('TRAINED_ON'),
      },
    ],
    contribution_recorded: [
      {
        ...at(4, 3),
        contribution_id: 1n,
        asset_id: asset(2),
        contributor: BOB,
        role: 1,
        share_e8: 25_000_000,
      },
    ],
    dispute_raised: [
      { ...at(12, 5), dispute_id: 1n, asset_id: asset(2), raised_by: BOB, reason: 'copied' },
    ],
    dispute_resolved: [
      { ...at(22, 5), dispute_id: 1n, asset_id: asset(2), resolved_by: CAROL, upheld: false },
    ],
  }
}

function useRows(): Record<string, TestRow[]> {
  const receipt = (block: number, number: number, fee: bigint, assets: Hex[]): TestRow => ({
    ...at(block, 7),
    position: number,
    batch_id: 1n,
    digest: digest(number),
    verdict: 'valid',
    provider: PROVIDER,
    consumer: CONSUMER,
    workload: WORKLOADS.indexOf('INFERENCE'),
    nonce: number,
    assets,
    units: 3n,
    fee,
  })
  return {
    anchored_receipt: [
      receipt(4, 1, 1000n, [asset(1)]),
      receipt(6, 2, 3000n, [asset(1), asset(2)]),
      // Asset 3 is registered in epoch 2 only: the receipt waits for it.
      receipt(8, 3, 500n, [asset(3)]),
      receipt(10, 4, 0n, [asset(2)]),
      receipt(11, 5, 70n, [asset(2)]),
      { ...receipt(9, 6, 99n, [asset(1)]), verdict: 'SIGNER_UNKNOWN' },
    ],
    provider_slashed: [{ ...at(14, 0), provider: PROVIDER, amount: 5n, stake: 10n }],
  }
}

function governanceRows(): Record<string, TestRow[]> {
  const published = (block: number, version: number, fromEpoch: number): TestRow => {
    const ruleset = { ...RULESET, version, payoutMin: BigInt(version) * 1000n }
    return {
      ...at(block, 9),
      version,
      active_from_epoch: fromEpoch,
      ruleset_hash: rulesetHash(ruleset),
      ruleset: rulesetToJson(ruleset),
    }
  }
  const funded = (block: number, epoch: number, amount: bigint): TestRow => ({
    ...at(block, 8),
    epoch,
    funder: TREASURY,
    amount,
  })
  return {
    // The last one is published after the epoch from which it would be active.
    ruleset_published: [published(1, 1, 1), published(16, 2, 3), published(25, 3, 2)],
    epoch_funded: [funded(3, 1, 900_000n), funded(7, 1, 100_007n), funded(13, 2, 500_000n)],
    vote_recorded: [
      { ...at(9, 0), proposal_id: 1n, voter: ALICE, support: 1, weight: 1n },
      { ...at(19, 0), proposal_id: 2n, voter: ALICE, support: 1, weight: 1n },
      { ...at(19, 1), proposal_id: 2n, voter: BOB, support: 0, weight: 1n },
    ],
    exclusion_set: [
      { ...at(17, 0), account: BOB, proposal_id: 2n, from_epoch: 2, to_epoch: 2, reason: 'x' },
    ],
  }
}

function at(block: number, logIndex: number): TestRow {
  return {
    block,
    log_index: logIndex,
    transaction_hash: blockHash(block * 1000 + logIndex),
    at_seconds: 1000 + block,
  }
}
