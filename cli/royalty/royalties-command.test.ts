import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type ScratchDatabase, migrate, startScratchDatabase } from '@foggara/database'
import {
  PAYMENT_KINDS,
  type PaymentKind,
  RELATIONS,
  type Relation,
  migrations,
} from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type TestRow, insertTestRows } from '../../test/insert-rows.ts'
import { COMMANDS } from '../commands.ts'
import { run } from '../run.ts'
import { ALICE, BOB, CAROL, CONSUMER, account, asset, blockHash } from '../test/small-economy.ts'

/**
 * Three assets: 3 owes 20 % to 2 and 5 % to 1; 2 owes 10 % to 1 until block 9 and 30 % from block 10.
 * Asset 3 took in 970 + 9 + 9 (block 5) and 500 (block 9, before the link ended in it), later 100.
 */
const TOKEN = account(0x70)
const HEAD_BLOCK = 14

let scratch: ScratchDatabase
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-royalties-'))
  scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  await migrate({ url, username, password, database: 'default' }, migrations('single'))
  for (const [table, rows] of Object.entries(economyRows())) {
    await insertTestRows(
      scratch.writer,
      table,
      rows.map((row) => ({ commit_seq: 1, ...row })),
    )
  }
  const blocks = Array.from({ length: HEAD_BLOCK + 1 }, (_, block) => block)
  await insertTestRows(
    scratch.writer,
    'block',
    blocks.map((block) => ({ commit_seq: 1, block, hash: blockHash(block) })),
  )
  await insertTestRows(scratch.writer, 'commits', [
    {
      stream: 'chain',
      commit_seq: 1,
      first_block: 0,
      last_block: HEAD_BLOCK,
      block_hashes: blocks.map(blockHash),
    },
  ])
})

afterAll(async () => {
  await scratch[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

test('what is owed, what was paid and why they differ, by hand', async () => {
  const { code, printed } = await royalties('--json', '--out', 'pairs.csv')
  expect(code).toBe(0)
  const report = JSON.parse(printed.join('')) as Report
  expect(report).toMatchObject({
    block: HEAD_BLOCK,
    blockHash: blockHash(HEAD_BLOCK),
    reading: { policy: 'LRP' },
    assetCount: 3,
    linkCount: 5,
    standingCount: 3,
    paymentCount: 6,
    saleCount: 1,
  })
  // 3 to 2: ⌊1488·0.2⌋ + 20 = 317, paid 194 + 1 + 1 + 100 + 20; 3 to 1: ⌊1488·0.05⌋ + 5 = 79, paid 78.
  // 2 to 1: ⌊297·0.1⌋ + ⌊(50 + 20)·0.3⌋ = 50, paid ⌊196·0.1⌋ = 19 and, at the new share, 150·0.3 = 45;
  // 20 wait in vault 2, so 6 for 1. Without rounding 50.76 was due, and 19.76 + 45 + 6 goes up.
  expect(report.tokens).toMatchObject([
    {
      token: TOKEN,
      revenue: '1638',
      kept: '1638',
      dust: '0',
      totals: {
        owed: '446',
        paid: '458',
        difference: '-12',
        waiting: '6',
        relinked: '-20',
        rounding: '2',
        policy: '0',
        unexplained: '0',
      },
      assets: [
        { assetId: asset(1), name: 'asset 1', owed: '129', paid: '142', difference: '-13' },
        { assetId: asset(2), name: 'asset 2', owed: '317', paid: '316', difference: '1' },
      ],
      // Asset 1 went from Alice to Bob: who holds it at the block receives.
      accounts: [
        { account: BOB, owed: '129', paid: '142' },
        { account: CAROL, owed: '317', paid: '316' },
      ].toSorted((a, b) => (a.account < b.account ? -1 : 1)),
    },
  ])
  const pair = { childId: asset(2), parentId: asset(1), relation: 'FINETUNED_FROM' }
  const evaluation = { childId: asset(3), parentId: asset(1), relation: 'EVALUATED_ON' }
  expect(report.refused).toEqual([
    { ...pair, shareE8: 10_000_000, fromBlock: 4, toBlock: 9, reason: 'expired', owed: '29' },
    { ...evaluation, shareE8: 0, fromBlock: 4, toBlock: null, reason: 'noShare', owed: '0' },
  ])
  expect(await readFile(path.join(directory, 'pairs.csv'), 'utf8')).toBe(
    [
      'token,from,to,account,owed,paid,difference,waiting,relinked,rounding,policy,unexplained',
      `${TOKEN},${asset(2)},${asset(1)},${BOB},50,64,-14,6,-20,0,0,0`,
      `${TOKEN},${asset(3)},${asset(1)},${BOB},79,78,1,0,0,1,0,0`,
      `${TOKEN},${asset(3)},${asset(2)},${CAROL},317,316,1,0,0,1,0,0`,
      '',
    ].join('\n'),
  )
})

test('an earlier block knows nothing of what came later, and a block counts to its last event', async () => {
  const totals = async (block: number) => {
    const { printed } = await royalties('--json', '--block', String(block))
    return (JSON.parse(printed.join('')) as Report).tokens[0]?.totals
  }
  // ⌊988·0.2⌋ + ⌊988·0.05⌋ + ⌊197·0.1⌋ against 196 + 48 + 19.
  expect(await totals(8)).toMatchObject({ owed: '265', paid: '263', rounding: '2', waiting: '0' })
  // The payment of block 9 came before its link ended: 297 + 74 + 29, and nothing waits along no link.
  expect(await totals(9)).toMatchObject({ owed: '400', relinked: '10', waiting: '0' })
})

test('absolute shares are told apart from the relative ones that contracts pay', async () => {
  const { code, printed } = await royalties('--json', '--block', '8', '--mode', 'path')
  expect(code).toBe(0)
  const report = JSON.parse(printed.join('')) as Report
  // Asset 1 has 5 % and, through 2, 10 % of 988: 49 + 98; asset 2 has 197. 346 is charged for 35 %.
  expect(report.tokens).toMatchObject([
    {
      kept: '986',
      dust: '2',
      totals: { owed: '344', paid: '263', policy: '79', rounding: '2', unexplained: '0' },
    },
  ])
  const best = await royalties('--json', '--block', '8', '--mode', 'max')
  const other = JSON.parse(best.printed.join('')) as Report
  expect(other.tokens[0]?.totals).toMatchObject({ owed: '295', policy: '30' })
})

test('the printed report says the same in words', async () => {
  const { printed } = await royalties('--limit', '1')
  expect(printed.join('\n')).toMatchInlineSnapshot(`
    "block 14 0x0000000000000000000000000000000000000000000000000000000000b1000e
    3 assets, 5 links, 3 of which owe
    6 payments into vaults, 10 royalties paid; sales, which go to sellers: 1
    owed: relative shares (LRP), as the contracts pay them

    token 0x0000000000000000000000000000000000000070, base units
    owed         446
    paid         458
    difference   -12
      waiting      6  in vaults that nobody has settled since
      relinked   -20  links made or ended between a payment and its settling
      rounding     2  contracts round down at every settling
      unexplained  0  royalty events that are not what the contract’s rule gives
    revenue 1638 = kept 1638 + dust 0

    to asset                       owed        paid  difference
    0x00000000…0002 asset 2         317         316           1
    … and 1 more (--limit, --json)

    to account                                        owed        paid  difference
    0x00000000000000000000000000000000000ca401         317         316           1
    … and 1 more (--limit, --json)

    2 links owe nothing at this block: expired 1, noShare 1
      expired: 0x00000000…0002 asset 2 FINETUNED_FROM 0x00000000…0001 asset 1 (block 4, owed 29 before)
    … and 1 more (--limit, --json)"
  `)
})

test('bad input is refused with a code', async () => {
  const refusal = async (...args: string[]) => (await royalties(...args)).warned[0]
  expect(await refusal('--block', '15')).toMatch(/^BLOCK_NOT_INDEXED block 15/)
  expect(await refusal('--block', 'x')).toMatch(/^OPTION_MALFORMED --block/)
  expect(await refusal('--mode', 'best')).toMatch(/^OPTION_MALFORMED --mode.*path, edge, max/)
  expect(await refusal('--token', '0x70')).toMatch(/^OPTION_MALFORMED --token/)
  expect(await refusal('--token', account(0x71))).toMatch(/^ROYALTY_TOKEN_UNKNOWN/)
  expect((await royalties('--token', TOKEN, '--block', '1')).code).toBe(0)
})

type Report = {
  readonly tokens: readonly { readonly totals: Readonly<Record<string, string>> }[]
  readonly refused: readonly unknown[]
}

async function royalties(...args: readonly string[]) {
  const { url, username, password } = scratch.database
  const place = new URL('/default', url)
  place.username = username
  place.password = password
  const printed: string[] = []
  const warned: string[] = []
  const code = await run(['royalties', ...args], COMMANDS, '0.0.0', {
    environment: { FOGGARA_CLICKHOUSE_URL: place.href },
    directory,
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    nowMs: () => 0,
    stopped: new AbortController().signal,
  })
  return { code, printed, warned }
}

function economyRows(): Record<string, TestRow[]> {
  const nobody = account(0)
  const registered = (block: number, number: number): TestRow => ({
    ...at(block, 1),
    asset_id: asset(number),
    creator: ALICE,
    name: `asset ${number}`,
  })
  const moved = (block: number, number: number, sender = nobody, recipient = ALICE): TestRow => ({
    ...at(block, 2),
    asset_id: asset(number),
    sender,
    recipient,
  })
  return {
    log: [{ ...at(1, 0), contract: 'VotesToken', event: 'TokenTransferred', address: TOKEN }],
    asset_registered: [registered(1, 1), registered(2, 2), registered(3, 3)],
    asset_transferred: [
      moved(1, 1),
      moved(2, 2, nobody, CAROL),
      moved(3, 3),
      moved(13, 1, ALICE, BOB),
    ],
    edge_linked: [
      { ...at(4, 0), ...link(2, 1, 'FINETUNED_FROM'), share_e8: 10_000_000 },
      { ...at(4, 1), ...link(3, 2, 'FINETUNED_FROM'), share_e8: 20_000_000 },
      { ...at(4, 2), ...link(3, 1, 'TRAINED_ON'), share_e8: 5_000_000 },
      { ...at(4, 3), ...link(3, 1, 'EVALUATED_ON'), share_e8: 0 },
      { ...at(10, 0), ...link(2, 1, 'FINETUNED_FROM'), share_e8: 30_000_000 },
    ],
    edge_ended: [{ ...at(9, 5), ...link(2, 1, 'FINETUNED_FROM') }],
    payment_made: [
      { ...at(5, 0), ...payment(3, 'USAGE'), amount: 1000n, fee: 30n },
      { ...at(5, 10), ...payment(3, 'TIP'), amount: 9n, fee: 0n },
      { ...at(5, 20), ...payment(3, 'TIP'), amount: 9n, fee: 0n },
      { ...at(6, 0), ...payment(3, 'SALE'), amount: 9999n, fee: 299n },
      { ...at(9, 0), ...payment(3, 'LICENCE'), amount: 500n, fee: 0n },
      { ...at(11, 0), ...payment(2, 'USAGE'), amount: 50n, fee: 0n },
      { ...at(12, 0), ...payment(3, 'USAGE'), amount: 100n, fee: 0n },
    ],
    royalty_paid: [
      passed(5, 1, 3, 2, 194n),
      passed(5, 2, 3, 1, 48n),
      passed(5, 11, 3, 2, 1n),
      passed(5, 21, 3, 2, 1n),
      passed(7, 0, 2, 1, 19n),
      passed(9, 1, 3, 2, 100n),
      passed(9, 2, 3, 1, 25n),
      passed(11, 1, 2, 1, 45n),
      passed(12, 1, 3, 2, 20n),
      passed(12, 2, 3, 1, 5n),
    ],
    revenue_claimed: [{ ...at(7, 1), asset_id: asset(2), account: CAROL, amount: 177n }],
  }
}

function link(child: number, parent: number, relation: Relation): TestRow {
  return {
    child_id: asset(child),
    parent_id: asset(parent),
    relation: RELATIONS.indexOf(relation),
  }
}

function payment(number: number, kind: PaymentKind): TestRow {
  return { asset_id: asset(number), payer: CONSUMER, kind: PAYMENT_KINDS.indexOf(kind) }
}

function passed(
  block: number,
  logIndex: number,
  child: number,
  parent: number,
  amount: bigint,
): TestRow {
  return { ...at(block, logIndex), child_id: asset(child), parent_id: asset(parent), amount }
}

function at(block: number, logIndex: number): TestRow {
  return { block, log_index: logIndex, transaction_hash: blockHash(block), at_seconds: block }
}
