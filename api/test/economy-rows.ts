import {
  type Hex,
  RELATIONS,
  WORKLOADS,
  ownershipNftAbi,
  rulesetHash,
  rulesetToJson,
} from '@foggara/schema'
import { encodeAbiParameters, encodeEventTopics } from 'viem'

import type { TestRow } from '../../test/insert-rows.ts'
import {
  ALICE,
  BOB,
  CAROL,
  CLAIMER,
  CLAIM_BLOCK,
  EPOCH_RESULT,
  EPOCH_SNAPSHOT,
  HEAD_BLOCK,
  PAYMENT_COUNT,
  PROVIDER,
  account,
  asset,
  blockHash,
  digest,
} from './economy-names.ts'

/** Blocks 20 to 23 rest on one provider; an event of block 30 could not be read. */
function evidenceOf(block: number): string {
  if (block >= 20 && block <= 23) return 'trusted'
  if (block === 30) return 'undecoded'
  return block % 2 === 0 ? 'bloom-negative' : 'receipts-root'
}

/** The rows of every chain table. */
export function chainRows(): Record<string, TestRow[]> {
  const blocks = Array.from({ length: HEAD_BLOCK + 1 }, (_, block) => ({
    block,
    hash: blockHash(block),
    parent_hash: blockHash(Math.max(0, block - 1)),
    at_seconds: 1000 + block,
    evidence: evidenceOf(block),
  }))
  return {
    block: blocks,
    ...assetRows(),
    ...assetRecordRows(),
    ...marketRows(),
    ...computeRows(),
    ...rewardRows(),
  }
}

function assetRows(): Record<string, TestRow[]> {
  const numbers = [1, 2, 3, 4, 5, 6]
  const edge = (block: number, child: number, parent: number, relation: string): TestRow => ({
    ...at(block, child),
    child_id: asset(child),
    parent_id: asset(parent),
    relation: RELATIONS.findIndex((name) => name === relation),
    share_e8: 10_000_000 * child,
    licence_id: 0n,
  })
  return {
    asset_registered: numbers.map((number) => ({
      ...at(number, 0),
      asset_id: asset(number),
      creator: ALICE,
      kind: number % 5,
      name: number === 6 ? "Six's asset" : `Asset ${number}`,
      metadata_uri: `ipfs://${number}`,
      metadata_hash: asset(number),
    })),
    asset_transferred: [
      ...numbers.map((number) => ({
        ...at(number, 1),
        asset_id: asset(number),
        sender: account(0),
        recipient: ALICE,
      })),
      { ...at(20, 1), asset_id: asset(1), sender: ALICE, recipient: BOB },
    ],
    version_published: [
      { ...at(15, 0), asset_id: asset(1), version: 1, content_hash: asset(77), metadata_uri: 'v1' },
    ],
    edge_linked: [
      edge(11, 2, 1, 'FINETUNED_FROM'),
      edge(12, 3, 2, 'QUANTIZED_FROM'),
      edge(13, 1, 3, 'DISTILLED_FROM'),
      edge(14, 4, 1, 'TRAINED_ON'),
      edge(15, 5, 4, 'COMPOSED_OF'),
      edge(16, 6, 99, 'TRAINED_ON'),
    ],
    edge_ended: [
      {
        ...at(25, 0),
        child_id: asset(4),
        parent_id: asset(1),
        relation: RELATIONS.indexOf('TRAINED_ON'),
      },
    ],
  }
}

function assetRecordRows(): Record<string, TestRow[]> {
  return {
    contribution_recorded: [
      {
        ...at(17, 0),
        contribution_id: 1n,
        asset_id: asset(1),
        contributor: CAROL,
        role: 1,
        share_e8: 5_000_000,
      },
    ],
    storage_anchored: [
      { ...at(18, 0), asset_id: asset(1), version: 1, uri: 'ar://1', byte_length: 2n ** 60n },
    ],
    access_granted: [{ ...at(19, 0), asset_id: asset(1), account: BOB, scope: 1 }],
    dispute_raised: [
      { ...at(40, 0), dispute_id: 1n, asset_id: asset(5), raised_by: BOB, reason: 'copied' },
    ],
    log: [
      {
        ...at(20, 1),
        contract: 'OwnershipNFT',
        event: 'AssetTransferred',
        address: account(0xc0),
        topics: encodeEventTopics({
          abi: ownershipNftAbi,
          eventName: 'AssetTransferred',
          args: { assetId: asset(1), sender: ALICE, recipient: BOB },
        }).map(String),
        payload: encodeAbiParameters([{ type: 'uint64' }], [7n]),
      },
    ],
  }
}

function marketRows(): Record<string, TestRow[]> {
  const payments = Array.from({ length: PAYMENT_COUNT }, (_, index) => ({
    ...at(50 + (index % 30), 10 + index),
    asset_id: asset(1 + (index % 6)),
    payer: index % 2 === 0 ? BOB : CAROL,
    kind: index % 4,
    amount: index % 7 === 0 ? 2n ** 200n + BigInt(index % 2) : BigInt(index % 5) * 10n ** 18n,
    fee: 1n,
  }))
  return {
    payment_made: payments,
    licence_terms_offered: [
      {
        ...at(31, 0),
        terms_id: 1n,
        asset_id: asset(1),
        licensor: BOB,
        price: 5n,
        royalty_share_e8: 100,
        commercial_use: true,
        uri: 'terms',
      },
    ],
    licence_granted: [
      {
        ...at(32, 0),
        licence_id: 1n,
        terms_id: 1n,
        asset_id: asset(1),
        licensee: CAROL,
        price: 5n,
      },
    ],
    listing_created: [
      { ...at(33, 0), listing_id: 1n, asset_id: asset(2), seller: ALICE, price: 100n },
    ],
    royalty_paid: [{ ...at(34, 0), child_id: asset(2), parent_id: asset(1), amount: 3n }],
    token_transferred: [
      { ...at(2, 5), sender: account(0), recipient: ALICE, amount: 10n ** 24n },
      { ...at(21, 5), sender: ALICE, recipient: BOB, amount: 10n ** 18n },
    ],
  }
}

function computeRows(): Record<string, TestRow[]> {
  const digests = [101, 102, 103].map(digest)
  return {
    provider_registered: [
      { ...at(22, 0), provider: PROVIDER, name: 'Provider', endpoint: 'https://provider' },
    ],
    stake_changed: [{ ...at(23, 0), provider: PROVIDER, stake: 1000n }],
    signing_key_set: [{ ...at(24, 0), provider: PROVIDER, signer: account(0x51), active: true }],
    batch_anchored: [
      { ...at(35, 0), provider: PROVIDER, batch_id: 1n, digests, fee_total: 60n, root: digest(1) },
    ],
    anchored_receipt: digests.map((_, position) => ({
      ...at(35, 0),
      ...receiptRow(101 + position, [asset(1), asset(2 + position)], 20n),
      position,
      batch_id: 1n,
      verdict: 'valid',
    })),
  }
}

function rewardRows(): Record<string, TestRow[]> {
  const ruleset = EPOCH_SNAPSHOT.ruleset
  const leaf = EPOCH_RESULT.allocations.find((row) => row.account === CLAIMER)
  const claimedAmount = leaf?.cumulative ?? 0n
  return {
    ruleset_published: [
      {
        ...at(3, 0),
        version: ruleset.version,
        active_from_epoch: 1,
        ruleset_hash: rulesetHash(ruleset),
        ruleset: rulesetToJson(ruleset),
      },
    ],
    epoch_root_proposed: [
      {
        ...at(100, 0),
        epoch: EPOCH_RESULT.epoch,
        proposer: ALICE,
        root: EPOCH_RESULT.root,
        challenge_ends_at_seconds: 1110n,
      },
    ],
    reward_claimed: [
      {
        ...at(CLAIM_BLOCK, 0),
        account: CLAIMER,
        token: ruleset.token,
        amount: claimedAmount,
        cumulative: claimedAmount,
      },
    ],
    epoch_root_activated: [{ ...at(110, 0), epoch: EPOCH_RESULT.epoch, root: EPOCH_RESULT.root }],
  }
}

/** The signed content of a receipt. */
export function receiptRow(number: number, assets: readonly Hex[], fee: bigint): TestRow {
  return {
    digest: digest(number),
    provider: PROVIDER,
    consumer: BOB,
    workload: WORKLOADS.indexOf('TRAINING'),
    nonce: BigInt(number),
    assets,
    units: 1n,
    fee,
    signature: '0xabcd',
    signer: account(0x51),
  }
}

/** The evidence columns of a log. */
export function at(block: number, logIndex: number): TestRow {
  return {
    block,
    log_index: logIndex,
    transaction_hash: `0x${(0x7a000000 + block * 100 + logIndex).toString(16).padStart(64, '0')}`,
    at_seconds: 1000 + block,
  }
}
