import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { createApi } from '@foggara/api'
import { type ClickHouseClient, queryRows } from '@foggara/database'
import { openReceiptIntake } from '@foggara/ingest'
import { type Hex, NO_PREVIOUS_BATCH } from '@foggara/schema'
import { numberToHex } from 'viem'

import { startScratchIndex } from '../ingest/scratch-index.ts'
import {
  SAMPLE_DEPLOYMENT,
  commitSampleBlock,
  sampleEvidence,
} from '../ingest/simulation/sample-chain.ts'
import { openChainStore } from '../ingest/store/chain-store.ts'
import { type Measurement, publish } from './measurement.ts'
import { libraryLimits } from './receipts/library-limits.ts'
import { ASSETS, KEY, type LoadKind, type LoadShare } from './receipts/load.ts'
import type { SentLoad } from './receipts/send-load.ts'
import { memoryMib, processorSeconds, secondsByThread } from './receipts/use-of-machine.ts'

/**
 * How many signed receipts a second does one service take, over HTTP into the embedded database?
 * `node bench/receipts.ts [--minutes 3] [--threads 2] [--only 4096]`: receipts with a signature of their own
 * as lines, and receipts in signed batches of 512 and of 4096, each kind for some five seconds or for so many
 * minutes, with the libraries' own limits beside them. What is sent is made before and sent by a small
 * process of its own. Sender, service and database share the machine, and the processor time of
 * each is what a busy machine distorts least.
 */
const MINUTES = option('--minutes', 0)
const THREAD_COUNT = option('--threads', 2)
const ONLY = process.argv.includes('--only') ? option('--only', 0) : undefined

/** How one kind of load is sent. Its rate is a guess, by which enough is made for the time. */
type Case = {
  readonly subject: string
  readonly kind: LoadKind
  readonly receiptsPerRequest: number
  readonly connectionCount: number
  readonly guessPerSecond: number
}

const CASES: readonly Case[] = [
  {
    subject: 'signed one by one',
    kind: 'lines',
    receiptsPerRequest: 100,
    connectionCount: 16,
    guessPerSecond: 4_000,
  },
  {
    subject: 'batches of 512',
    kind: 'batches',
    receiptsPerRequest: 512,
    connectionCount: 32,
    guessPerSecond: 40_000,
  },
  {
    subject: 'batches of 4096',
    kind: 'batches',
    receiptsPerRequest: 4096,
    connectionCount: 8,
    guessPerSecond: 60_000,
  },
]

function option(name: string, otherwise: number): number {
  const place = process.argv.indexOf(name)
  return place === -1 ? otherwise : Number(process.argv[place + 1])
}

function providerOf({ receiptsPerRequest }: Case, connection: number): Hex {
  return numberToHex(receiptsPerRequest * 256 + connection, { size: 20 })
}

/** Two processes make the bodies: signing and hashing them takes longer than sending. */
async function makeLoad(one: Case, folder: string): Promise<readonly LoadShare[]> {
  const { kind, receiptsPerRequest, connectionCount } = one
  const seconds = MINUTES > 0 ? MINUTES * 60 : 5
  const perConnection = (one.guessPerSecond * seconds) / connectionCount / receiptsPerRequest
  const shares = Array.from({ length: connectionCount }, (_, connection): LoadShare => {
    return {
      kind,
      path: join(folder, `${receiptsPerRequest}-${connection}`),
      provider: providerOf(one, connection),
      requestCount: Math.ceil(perConnection) + 2,
      receiptsPerRequest,
    }
  })
  const halves = [0, 1].map((half) => shares.filter((_, index) => index % 2 === half))
  await Promise.all(
    halves.map(async (half) => {
      const child = start('make-load.ts', [JSON.stringify(half)])
      const [code] = await once(child, 'exit')
      if (code !== 0) throw new Error(`making the load ended with ${code}`)
    }),
  )
  return shares
}

/** What one case took: of the sender, of the service and of the database. */
type Run = SentLoad & {
  readonly service: number
  readonly database: number
  readonly memory: readonly { readonly service: number; readonly database: number }[]
}

async function deliver(url: string, shares: readonly LoadShare[], pid: number): Promise<Run> {
  const child = start('send-load.ts', [url, JSON.stringify(shares)])
  const { stdout } = child
  if (stdout === null) throw new Error('expected the sender to be heard')
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  if ((await lines.next()).value !== 'warm') throw new Error('expected the sender to warm up')
  const before = { own: process.cpuUsage(), database: processorSeconds(pid) }
  const threads = secondsByThread(pid)
  const memory: { service: number; database: number }[] = []
  const look = (): void => {
    memory.push({ service: memoryMib(process.pid), database: memoryMib(pid) })
  }
  look()
  const timer = setInterval(look, 1_000)
  const sent = JSON.parse((await lines.next()).value ?? '') as SentLoad
  clearInterval(timer)
  look()
  const { user, system } = process.cpuUsage(before.own)
  if (process.argv.includes('--by-thread')) {
    const list = [...secondsByThread(pid)].map(([name, s]) => [name, s - (threads.get(name) ?? 0)])
    console.error(JSON.stringify(list))
  }
  const service = (user + system) / 1e6
  return { ...sent, service, database: processorSeconds(pid) - before.database, memory }
}

function start(file: string, options: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'receipts', file), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function measurementsOf(subject: string, run: Run): readonly Measurement[] {
  const { receiptCount, seconds, processorSeconds: sender, service, database, memory } = run
  const found = (contender: string, quantity: string, value: number, unit: string): Measurement => {
    return { subject, contender, quantity, value, unit }
  }
  const whole = `${THREAD_COUNT} threads`
  const latencies = run.latenciesMs.toSorted((one, other) => one - other)
  const latency = (share: number): number => {
    return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  }
  const each = (spent: number): number => (1e6 * spent) / receiptCount
  const spent = Object.entries({ sender, service, database })
  const places = ['start', 'middle', 'end'] as const
  return [
    found(whole, 'receipts stored', receiptCount / seconds, '/s'),
    found(whole, 'acknowledged, p50', latency(0.5), 'ms'),
    found(whole, 'acknowledged, p99', latency(0.99), 'ms'),
    found(whole, 'acknowledged, last', latency(1), 'ms'),
    ...spent.map(([who, value]) => found(who, 'processor time of one', each(value), 'µs')),
    found('all three', 'processor time of one', each(sender + service + database), 'µs'),
    ...places.flatMap((place, index) => {
      const looked = memory[Math.floor(((memory.length - 1) * index) / 2)]
      return [
        found('service', `memory at the ${place}`, looked?.service ?? 0, 'MiB'),
        found('database', `memory at the ${place}`, looked?.database ?? 0, 'MiB'),
      ]
    }),
  ]
}

async function prepare(client: ClickHouseClient, cases: readonly Case[]) {
  const { signal } = new AbortController()
  const sleep = (): Promise<void> => Promise.resolve()
  const surroundings = { client, nowMs: () => 1_700_000_100_000, sleep, signal }
  const store = await openChainStore(surroundings, () => undefined)
  const described = { kind: 0, name: '', metadata_uri: '', metadata_hash: NO_PREVIOUS_BATCH }
  const providers = cases.flatMap((one) =>
    Array.from({ length: one.connectionCount }, (_, index) => providerOf(one, index)),
  )
  const registered = ASSETS.map((id, place) => {
    const asset = { ...sampleEvidence(1, place), sequence: place + 1, asset_id: id }
    return { ...asset, creator: KEY.address, ...described }
  })
  const keys = providers.map((provider, place) => {
    const key = { sequence: 1, provider, signer: KEY.address, active: true }
    return { ...sampleEvidence(1, 100 + place), ...key }
  })
  await commitSampleBlock(store, { asset_registered: registered, signing_key_set: keys })
  const deployment = SAMPLE_DEPLOYMENT
  const receipts = await openReceiptIntake({
    ...surroundings,
    deployment,
    threadCount: THREAD_COUNT,
  })
  const log = (line: string): void => console.error(line)
  const { app } = await createApi({ client, deployment, receipts, log })
  return { app, url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/receipts` }
}

async function main(): Promise<void> {
  const cases = CASES.filter(
    ({ receiptsPerRequest }) => ONLY === undefined || receiptsPerRequest === ONLY,
  )
  const measurements: Measurement[] = ONLY === undefined ? [...(await libraryLimits())] : []
  const folder = mkdtempSync(join(tmpdir(), 'foggara-load-'))
  await using index = await startScratchIndex()
  const client = await index.open('receipts')
  const { app, url } = await prepare(client, cases)
  let expected = 0
  for (const one of cases) {
    const shares = await makeLoad(one, folder)
    for (const share of shares) expected += share.requestCount * share.receiptsPerRequest
    measurements.push(...measurementsOf(one.subject, await deliver(url, shares, index.server.pid)))
    for (const { path } of shares) rmSync(path)
  }
  const [row] = await queryRows<{ rows: string }>(
    client,
    'select count() as rows from submitted_receipt',
  )
  if (Number(row?.rows) !== expected) throw new Error(`expected ${expected}, found ${row?.rows}`)
  await app.close()
  rmSync(folder, { recursive: true })
  publish('How many signed receipts does one process take in a second?', measurements)
}

await main()
process.exit()
