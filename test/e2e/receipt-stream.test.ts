import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { type ClickHouseClient, queryRows } from '@foggara/database'
import { openReceiptSigner } from '@foggara/ingest/provider'
import { type Hex, receiptToJson } from '@foggara/schema'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openReceiptIntake } from '../../ingest/receipts/intake.ts'
import { receiveStream } from '../../ingest/receipts/stream/receive-stream.ts'
import { parseStreamAddress } from '../../ingest/receipts/stream/stream-address.ts'
import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { openRandom } from '../../ingest/simulation/random.ts'
import { SAMPLE_DEPLOYMENT } from '../../ingest/simulation/sample-chain.ts'
import { prepareSampleProvider } from '../../ingest/simulation/sample-provider.ts'
import { sampleId, sampleKey, sampleReceipt } from '../../ingest/simulation/sample-receipt.ts'
import { ensureNatsServer } from '../nats-server.ts'
import { freePort } from './running-foggara.ts'

const NATS_SERVER = ensureNatsServer()
const WITHOUT =
  NATS_SERVER === undefined ? ' (not run: no nats-server; apt-get install nats-server)' : ''
const SEED = 61_124
const KEY = sampleKey('11')
const PROVIDER = `0x${'b0'.repeat(20)}` as const
const NOW_MS = 1_700_000_100_000
const SINGLES = 120
const BATCHES = 4

let scratch: ScratchIndex
let folder: string
const children = new Set<ChildProcess>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foggara-nats-'))
  scratch = await startScratchIndex()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await scratch[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(NATS_SERVER === undefined)(
  `through kill -9 of service and server each message counts once (seed ${SEED})${WITHOUT}`,
  async () => {
    const client = await scratch.open('stream')
    await prepareSampleProvider(client, PROVIDER, KEY.address)
    const random = openRandom(SEED)
    const port = await freePort()
    let server = await startServer(port)
    const messages = await randomMessages()
    await using publisher = await openPublisher(port)
    await publisher.publish(messages.slice(0, 70))
    const address = `nats://127.0.0.1:${port}/receipts`
    for (let kill = 0; kill < 4; kill += 1) {
      const service = startService(address)
      expect(await firstLine(service)).toMatch(/^receipts: receiving/)
      await delay(random.below(300))
      if (kill === 1) {
        await killed(server)
        server = await startServer(port)
        await delay(random.below(300))
      }
      await killed(service)
    }
    startService(address)
    await publisher.publish(messages.slice(70))
    await until(() => publisher.isDone())
    const [row] = await queryRows(
      client,
      `select count() as rows, uniqExact(digest) as digests, toString(sum(fee)) as fees
    from submitted_receipt`,
    )
    const count = SINGLES + BATCHES * 10
    const fees = String((BigInt(count) * BigInt(count + 1)) / 2n)
    expect(row).toEqual({ rows: String(count), digests: String(count), fees })
    const refused = await queryRows(
      client,
      'select code, uniqExact(body) as bodies from rejected_receipt group by code order by code',
    )
    expect(refused).toEqual([
      { code: 'BATCH_VERSION_UNKNOWN', bodies: '1' },
      { code: 'RECEIPT_NOT_JSON', bodies: '1' },
    ])
  },
  180_000,
)

test.skipIf(NATS_SERVER === undefined)(
  `no more is taken from a stream than has room${WITHOUT}`,
  async () => {
    const client = await scratch.open('pressure')
    await prepareSampleProvider(client, PROVIDER, KEY.address)
    const port = await freePort()
    await startServer(port)
    const messages = await randomMessages()
    await using publisher = await openPublisher(port)
    await publisher.publish(messages)
    const over = new AbortController()
    const surroundings = { nowMs: () => NOW_MS, sleep: () => delay(20), signal: over.signal }
    const intake = await openReceiptIntake({
      client,
      deployment: SAMPLE_DEPLOYMENT,
      ...surroundings,
    })
    let [open, openMax] = [0, 0]
    const counted = async <T>(answer: Promise<T>): Promise<T> => {
      openMax = Math.max(openMax, (open += 1))
      return answer.finally(() => (open -= 1))
    }
    const receiving = receiveStream({
      address: parseStreamAddress(`nats://127.0.0.1:${port}/receipts`),
      intake: {
        accept: (text) => counted(intake.accept(text)),
        acceptBatch: (bytes) => counted(intake.acceptBatch(bytes)),
      },
      log: () => undefined,
      inFlightMax: 7,
      ...surroundings,
    })
    await until(() => publisher.isDone())
    over.abort()
    await receiving
    expect(openMax).toBe(7)
    expect(await storedCount(client)).toBe(SINGLES + BATCHES * 10)
  },
  120_000,
)

test('an address of a stream is read in one form', () => {
  expect(parseStreamAddress('nats://me:p%40ss@broker/usage_1?consumer=second')).toEqual({
    server: 'broker:4222',
    user: 'me',
    password: 'p@ss',
    isEncrypted: false,
    stream: 'usage_1',
    consumer: 'second',
  })
  for (const wrong of ['', 'receipts', 'http://a/b', 'nats://a', 'nats://a/b/c', 'nats:///b']) {
    expect(() => parseStreamAddress(wrong), wrong).toThrow(
      expect.objectContaining({ code: 'RECEIPT_STREAM_MALFORMED' }),
    )
  }
})

async function storedCount(client: ClickHouseClient): Promise<number> {
  const sql = 'select count() as receipts from submitted_receipt'
  const [row] = await queryRows<{ receipts: string }>(client, sql)
  return Number(row?.receipts)
}

/** Receipts alone, receipts in batches, some twice, and what is neither. */
async function randomMessages(): Promise<readonly Uint8Array[]> {
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  const receiptOf = (nonce: bigint) => sampleReceipt(PROVIDER, { nonce, fee: nonce })
  const messages: Uint8Array[] = []
  let nonce = 0n
  for (let index = 0; index < SINGLES; index += 1) {
    const receipt = receiptOf((nonce += 1n))
    const { signature } = await signer.signReceipt(receipt)
    messages.push(Buffer.from(JSON.stringify(receiptToJson({ ...receipt, signature }))))
  }
  let previous: Hex = sampleId('00')
  for (let sequence = 1n; sequence <= BigInt(BATCHES); sequence += 1n) {
    const receipts = Array.from({ length: 10 }, () => receiptOf((nonce += 1n)))
    const batch = await signer.signBatch(receipts, { sequence, previous })
    previous = batch.digest
    messages.push(batch.bytes)
  }
  const twice = messages.filter((_, index) => index % 40 === 0)
  return [Buffer.from('poison'), Buffer.from('FGRBpoison'), ...messages, ...twice]
}

async function openPublisher(port: number) {
  const connection: NatsConnection = await connect({
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  })
  const manager = await jetstreamManager(connection)
  const client = jetstream(connection)
  await manager.streams.add({ name: 'receipts', subjects: ['receipts.>'] })
  return {
    publish: async (messages: readonly Uint8Array[]): Promise<void> => {
      for (const message of messages) await client.publish('receipts.usage', message)
    },
    isDone: async (): Promise<boolean> => {
      const consumer = await manager.consumers.info('receipts', 'foggara').catch(() => undefined)
      return consumer?.num_pending === 0 && consumer.num_ack_pending === 0
    },
    [Symbol.asyncDispose]: () => connection.close(),
  }
}

async function startServer(port: number): Promise<ChildProcess> {
  const store = join(folder, String(port))
  const arguments_ = ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', store]
  const child = spawn(NATS_SERVER ?? '', arguments_, { stdio: 'ignore' })
  children.add(child)
  await until(async () => {
    const probe = await connect({ servers: `127.0.0.1:${port}`, timeout: 500 }).catch(
      () => undefined,
    )
    await probe?.close()
    return probe !== undefined
  })
  return child
}

function startService(address: string): ChildProcess {
  const { url, username, password } = scratch.server
  const connection = { url, username, password, database: 'stream' }
  const task = { connection, deployment: SAMPLE_DEPLOYMENT, address, nowMs: NOW_MS }
  const main = fileURLToPath(new URL('./stream-service.ts', import.meta.url))
  const child = spawn(process.execPath, [main, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.add(child)
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => 'exit')
  const told = once(child.stdout ?? child, 'data').then(([bytes]) => String(bytes))
  return Promise.race([told, ended])
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(90_000)
  while (!(await isSo())) {
    deadline.throwIfAborted()
    await delay(50)
  }
}
