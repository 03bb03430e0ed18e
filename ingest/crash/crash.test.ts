import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { queryRows } from '@foggara/database'
import {
  type Anvil,
  type Devnet,
  FINALITY_BLOCK_COUNT,
  type Transaction,
  connectDevnet,
  deploy,
  devnetAccounts,
  headNumber,
  mineBlock,
  seedHistory,
  startAnvil,
} from '@foggara/devnet'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { FollowEvent } from '../chain/follow.ts'
import { type ScratchIndex, startScratchIndex, visibleRows } from '../scratch-index.ts'
import { type Random, openRandom } from '../simulation/random.ts'

const SEED = 20_261_122
const KILL_COUNT = 10
const REORG_COUNT = 3

let scratch: ScratchIndex
let anvil: Anvil
const children = new Set<ChildProcess>()

beforeAll(async () => {
  scratch = await startScratchIndex()
  anvil = await startAnvil()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await anvil.stop()
  await scratch[Symbol.asyncDispose]()
})

test(`the same chain indexed twice, once with ${KILL_COUNT} kill -9 and ${REORG_COUNT} reorgs, gives equal rows (seed ${SEED})`, async () => {
  const random = openRandom(SEED)
  const devnet = connectDevnet(anvil.rpcUrl, await deploy(anvil.rpcUrl))
  await seedHistory(devnet, { seed: 'crash', blockCount: 24, assetCount: 16 })
  const crashed = await scratch.open('crashed')
  const reorgDepths: number[] = []
  for (let kill = 0; kill < KILL_COUNT; kill += 1) {
    if (kill % 3 === 2) {
      // Everything is indexed before, so that something indexed is replaced; nothing final is. The
      // process that finds it is killed as it does, and the next that comes this far has stored it.
      await untilAtHead(startChild('crashed', devnet, { killAt: 0, settleBlocks: 12 }))
      const depth = 1 + random.below(FINALITY_BLOCK_COUNT - 1)
      reorgDepths.push(depth)
      await devnet.rpc.request('anvil_reorg', depth, [])
    }
    const child = startChild('crashed', devnet, {
      killAt: 1 + random.below(kill % 3 === 2 ? 30 : 70),
      killWhen: random.pick(['before', 'during', 'after']),
      countFrom: kill % 3 === 1 ? 'head' : 'start',
      settleBlocks: 12,
    })
    if (kill % 5 === 3) void once(child.stdout, 'data').then(killDatabase)
    for await (const line of createInterface(child.stdout)) {
      if (isAtHead(line)) await mineSome(devnet, random)
    }
    expect(await exitOf(child)).toBe('SIGKILL')
  }
  expect(reorgDepths).toHaveLength(REORG_COUNT)
  // The last look settles something in both: the evidence of old blocks is proven by then.
  await mineBlock(devnet, [], (await headNumber(devnet)) + 1)
  await untilSettled(startChild('crashed', devnet, { killAt: 0, settleBlocks: 1 }))
  const clean = await scratch.open('clean')
  await untilSettled(startChild('clean', devnet, { killAt: 0, settleBlocks: 1 }))
  const found = await visibleRows(crashed)
  expect(found).toEqual(await visibleRows(clean))
  expect(found['block']).toHaveLength(await headNumber(devnet))
  expect(Object.values(found).filter((rows) => rows.length > 0).length).toBeGreaterThan(20)
  const [log] = await queryRows<{ fences: string; reorgs: string; settlements: string }>(
    crashed,
    `select
      countIf(empty(block_hashes)) as fences,
      countIf(notEmpty(block_hashes) and notEmpty(kills)) as reorgs,
      (select count() from settlement) as settlements
    from commits`,
  )
  expect(Number(log?.fences)).toBeGreaterThanOrEqual(KILL_COUNT / 2)
  expect(Number(log?.reorgs)).toBeGreaterThanOrEqual(REORG_COUNT)
  expect(Number(log?.settlements)).toBeGreaterThan(1)
}, 480_000)

type Kill = {
  readonly killAt: number
  readonly settleBlocks: number
  readonly killWhen?: 'before' | 'during' | 'after'
  readonly countFrom?: 'start' | 'head'
}

function startChild(database: string, devnet: Devnet, kill: Kill) {
  const { url, username, password } = scratch.server
  const { deployment } = devnet
  const task = { url, username, password, database, rpcUrl: anvil.rpcUrl, deployment, ...kill }
  const path = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

async function exitOf(child: ChildProcess): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.signalCode ?? String(child.exitCode)
}

/** Waits until a child has indexed the newest block and settled the newest final one. */
async function untilSettled(child: ReturnType<typeof startChild>): Promise<void> {
  let settledBlock = -1
  for await (const line of createInterface(child.stdout)) {
    const event = eventOf(line)
    if (event?.type === 'settled') settledBlock = event.block
    if (event?.type === 'looked' && isAtHead(line) && event.finalizedBlock === settledBlock) break
  }
  child.kill('SIGKILL')
  await exitOf(child)
}

/** Waits for two looks at the newest block without anything between: a fork would have been met. */
async function untilAtHead(child: ReturnType<typeof startChild>): Promise<void> {
  let looks = 0
  for await (const line of createInterface(child.stdout)) {
    if (eventOf(line) !== undefined) looks = isAtHead(line) ? looks + 1 : 0
    if (looks === 2) break
  }
  child.kill('SIGKILL')
  await exitOf(child)
}

function isAtHead(line: string): boolean {
  const event = eventOf(line)
  return event?.type === 'looked' && event.indexedBlock === event.chainHead.block
}

/** Lines for people stand between those of events. */
function eventOf(line: string): FollowEvent | undefined {
  return line.startsWith('{"type":') ? (JSON.parse(line) as FollowEvent) : undefined
}

function killDatabase(): void {
  process.kill(scratch.server.pid, 'SIGKILL')
}

/** A few blocks of transfers and registrations, some of them empty. */
async function mineSome(devnet: Devnet, random: Random): Promise<void> {
  const from = devnetAccounts.deployer.address
  const blockCount = 1 + random.below(4)
  for (let count = 0; count < blockCount; count += 1) {
    devnet.nonces.clear()
    const transactions = Array.from({ length: random.below(4) }, (): Transaction => {
      const [name, hash, salt] = [random.bytes(6), random.bytes(32), random.bytes(32)]
      const register = [random.below(5), name, `ipfs://${hash.slice(2)}`, hash, salt]
      return random.oneIn(2)
        ? { from, contract: 'OwnershipNFT', functionName: 'register', args: register }
        : { from, contract: 'VotesToken', functionName: 'transfer', args: [hash.slice(0, 42), 5n] }
    })
    await mineBlock(devnet, transactions, (await headNumber(devnet)) + 1)
  }
}
