import { setTimeout as delay } from 'node:timers/promises'

import { type ClickHouseClient, currentPin, queryRows } from '@foggara/database'
import { checkRules, createIngest, openRpc, watchRules } from '@foggara/ingest'
import { type Pin, RULE_SENTENCES, openViolationsSql } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { TOKEN_UNIT, devnetAccounts } from '../../devnet/index.ts'
import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { type TestRow, insertTestRows } from '../insert-rows.ts'
import { startProtocolChain } from '../oracle/protocol-chain.ts'

const SLOW_MS = 300_000
const [CLAIMER = '0x'] = devnetAccounts.testers.map(({ address }) => address.toLowerCase())
const STRANGER = `0x${'5a'.repeat(20)}`
const ASSET = `0x${'a5'.repeat(32)}`

let chain: Awaited<ReturnType<typeof startProtocolChain>>
let scratch: ScratchIndex
let client: ClickHouseClient
let stop: AbortController

beforeAll(async () => {
  stop = new AbortController()
  chain = await startProtocolChain()
  scratch = await startScratchIndex()
  client = await scratch.open('rules')
  const ending = new AbortController()
  const { deployment } = chain.devnet
  const ingest = createIngest({
    client,
    deployment,
    rpcUrl: chain.anvil.rpcUrl,
    ...surroundings(ending.signal),
    log: () => undefined,
    onEvent: (event) => {
      if (event.type === 'committed' && event.lastBlock >= chain.headBlock) ending.abort()
    },
  })
  await ingest.run()
  await writeEpoch(deployment.contracts.VotesToken.toLowerCase())
}, SLOW_MS)

afterAll(async () => {
  stop.abort()
  await scratch?.[Symbol.asyncDispose]()
  await chain?.anvil.stop()
})

function surroundings(signal: AbortSignal) {
  const sleep = (durationMs: number): Promise<void> => delay(Math.min(durationMs, 5))
  return { nowMs: () => Date.now(), sleep, signal }
}

/** The epoch whose leaf the chain's economy has claimed. */
async function writeEpoch(token: string): Promise<void> {
  const commit_seq = 1
  const leaf = { commit_seq, epoch: 1, account: CLAIMER }
  await insertTestRows(client, 'closed_epoch', [
    {
      commit_seq,
      epoch: 1,
      budget: TOKEN_UNIT + 40n,
      paid: TOKEN_UNIT,
      carry_change: 10,
      withheld: 20,
      unallocated: 10,
      cumulative_total: TOKEN_UNIT,
    },
  ])
  await insertTestRows(client, 'allocation', [
    { ...leaf, token, earned: TOKEN_UNIT + 10n, paid: TOKEN_UNIT, cumulative: TOKEN_UNIT },
  ])
  await insertTestRows(client, 'allocation_part', [
    { ...leaf, pool: 'creators', amount: TOKEN_UNIT + 10n },
    { ...leaf, pool: 'creators', amount: 20n, withheld_reason: 'disputed' },
  ])
  await insertTestRows(client, 'commits', [{ stream: 'epoch', commit_seq }])
}

/** For each rule a row that must break it, and what the violation must be about. */
function spoilingRows({
  block,
  blockHash: hash,
}: Pin): Readonly<Record<string, readonly [table: string, row: TestRow, subject: string]>> {
  const at = { block, log_index: 90_000 }
  const token = chain.devnet.deployment.contracts.VotesToken.toLowerCase()
  return {
    'sequences-gap-free': ['vote_recorded', { ...at, sequence: 1_000_000 }, 'ProtocolGovernor'],
    'accumulators-count-events': [
      'accumulator',
      { block, contract: 'Marketplace', sequence: 1_000_000 },
      'Marketplace',
    ],
    'archive-equals-tables': [
      'log',
      { ...at, contract: 'LicenseNFT', event: 'LicenceRevoked' },
      'LicenseNFT LicenceRevoked',
    ],
    'blocks-count-logs': ['log', { ...at, log_index: 90_001 }, 'blocks from 0'],
    'blocks-follow': ['block', { block, hash, parent_hash: ASSET }, `block ${block}`],
    'stakes-within-balances': [
      'token_transferred',
      { ...at, sender: STRANGER, recipient: CLAIMER, amount: 1n },
      STRANGER,
    ],
    'token-stakes-add-up': [
      'token_staked',
      { ...at, account: STRANGER, change: 5, staked: 7 },
      STRANGER,
    ],
    'provider-stakes-add-up': [
      'stake_changed',
      { ...at, provider: STRANGER, change: 5, stake: 7 },
      STRANGER,
    ],
    'vaults-pay-from-credits': ['revenue_claimed', { ...at, asset_id: ASSET, amount: 5 }, ASSET],
    'payments-equal-credits': [
      'payment_made',
      { ...at, asset_id: `0x${'07'.repeat(32)}`, amount: 10n ** 60n },
      'RevenueVault',
    ],
    'fees-fund-epochs': ['payment_made', { ...at, kind: 2, amount: 9, fee: 9 }, 'RevenueVault'],
    'assets-change-hands': [
      'asset_transferred',
      { ...at, asset_id: ASSET, sender: STRANGER, recipient: CLAIMER },
      ASSET,
    ],
    'epoch-identity': ['closed_epoch', { epoch: 8, budget: 5 }, 'epoch 8'],
    'allocations-add-up': ['closed_epoch', { epoch: 9, budget: 5, paid: 5 }, 'epoch 9'],
    'parts-explain-allocations': [
      'allocation_part',
      { epoch: 1, account: STRANGER, amount: 1 },
      `epoch 1, ${STRANGER}`,
    ],
    'claims-within-leaves': [
      'reward_claimed',
      { ...at, account: CLAIMER, token, amount: 1, cumulative: 1 },
      CLAIMER,
    ],
    'batches-hold-receipts': ['anchored_receipt', { ...at, batch_id: 1 }, 'batch 1'],
    'balances-equal-supply': [
      'token_transferred',
      { ...at, recipient: STRANGER, amount: 1n },
      'VotesToken',
    ],
  }
}

test(
  'every rule holds of a real economy, and is broken by one wrong row',
  async () => {
    const { signal } = stop
    const rpc = openRpc({ url: chain.anvil.rpcUrl, ...surroundings(signal) })
    const context = { client, deployment: chain.devnet.deployment, rpc }
    const pin = await currentPin(client)
    const before = await checkRules(context, pin)
    expect(before.map(({ name }) => name)).toEqual(RULE_SENTENCES.map(({ name }) => name))
    expect(before.filter(({ state }) => state !== 'holds')).toEqual([])
    const spoiling = spoilingRows(pin)
    expect(Object.keys(spoiling).toSorted()).toEqual(before.map(({ name }) => name).toSorted())
    const wrong = { chain: pin.chain.commitSeq + 1, epoch: pin.epoch.commitSeq + 1 }
    for (const [table, row] of Object.values(spoiling)) {
      const isEpoch = 'epoch' in row
      await insertTestRows(client, table, [
        { ...row, commit_seq: isEpoch ? wrong.epoch : wrong.chain },
      ])
    }
    await insertTestRows(client, 'commits', [
      { stream: 'chain', commit_seq: wrong.chain },
      { stream: 'epoch', commit_seq: wrong.epoch },
    ])
    const after = await checkRules(context, await currentPin(client))
    for (const { name, state, violations } of after) {
      expect({ name, state }).toEqual({ name, state: 'broken' })
      expect(
        violations.map(({ subject }) => subject),
        name,
      ).toContain(spoiling[name]?.[2])
    }
    const lines: string[] = []
    await watchUntil(lines, () => lines.some((line) => line.startsWith('RULE_BROKEN epoch-id')))
    const open = await queryRows<{ rule: string }>(client, openViolationsSql(pin.block))
    expect(new Set(open.map(({ rule }) => rule)).size).toBe(after.length)
    expect(await queryRows(client, openViolationsSql(pin.block - 1))).toEqual([])
    await insertTestRows(client, 'commits', [
      { stream: 'chain', commit_seq: wrong.chain + 1, kills: [wrong.chain] },
      { stream: 'epoch', commit_seq: wrong.epoch + 1, kills: [wrong.epoch] },
    ])
    await watchUntil(lines, () => lines.some((line) => line.includes('holds again')))
    expect(await queryRows(client, openViolationsSql(pin.block))).toEqual([])
  },
  SLOW_MS,
)

/** Watches the rules until a line says what is awaited. */
async function watchUntil(lines: string[], isThere: () => boolean): Promise<void> {
  const ending = new AbortController()
  const { signal } = ending
  const rpc = openRpc({ url: chain.anvil.rpcUrl, ...surroundings(signal) })
  await watchRules({
    client,
    deployment: chain.devnet.deployment,
    rpc,
    surroundings: surroundings(signal),
    log: (line) => {
      lines.push(line)
      if (isThere()) setImmediate(() => ending.abort())
    },
  })
}
