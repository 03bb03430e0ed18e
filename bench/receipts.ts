import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { createApi } from '@foggara/api'
import { queryRows } from '@foggara/database'
import { type ReceiptIntake, openReceiptIntake } from '@foggara/ingest'
import { type Hex, NO_PREVIOUS_BATCH, type Receipt, receiptToJson } from '@foggara/schema'
import { numberToHex, recoverAddress } from 'viem'

import { openReceiptSigner } from '../ingest/provider/sign-batch.ts'
import { openReceiptHasher } from '../ingest/receipts/hash/receipt-hasher.ts'
import { openNativeRecovery, openWasmRecovery } from '../ingest/receipts/verify/recovery.ts'
import { type ScratchIndex, startScratchIndex } from '../ingest/scratch-index.ts'
import {
  SAMPLE_DEPLOYMENT,
  commitSampleBlock,
  sampleEvidence,
} from '../ingest/simulation/sample-chain.ts'
import { sampleId, sampleKey, sampleReceipt } from '../ingest/simulation/sample-receipt.ts'
import { openChainStore } from '../ingest/store/chain-store.ts'
import { type Measurement, publish } from './measurement.ts'

/**
 * How many signed receipts a second does one process take, over HTTP into the embedded database?
 * `node bench/receipts.ts [--receipts 30000] [--batches 400] [--threads 2]`: receipts with a signature of
 * their own as lines, and receipts in signed batches of 512 and of 4096, with the signature libraries'
 * own limits beside them. Sender, service and database share the machine; what is sent is made before. Processor
 * time, of all three together, is what a busy machine distorts least.
 */
const RECEIPT_COUNT = option('--receipts', 30_000)
const BATCHED_COUNT = option('--batches', 400) * 512
const THREAD_COUNT = option('--threads', 2)
const LINES_PER_REQUEST = 500
const CONNECTION_COUNT = 8
const ASSETS = Array.from({ length: 64 }, (_, index) => numberToHex(index + 1, { size: 32 }))
const [SINGLES, KEY] = [`0x${'b0'.repeat(20)}` as const, sampleKey('11')]

type Connection = readonly Sent[]
type Sent = { readonly body: Uint8Array; readonly count: number }

function option(name: string, otherwise: number): number {
  const place = process.argv.indexOf(name)
  return place === -1 ? otherwise : Number(process.argv[place + 1])
}

function drawReceipt(provider: Hex, nonce: number): Receipt {
  const first = (nonce * 7) % (ASSETS.length - 3)
  const times = { startedAtSeconds: 1_700_000_001n, finishedAtSeconds: 1_700_000_060n }
  const outputHash = numberToHex(nonce, { size: 32 })
  const assets = ASSETS.slice(first, first + 3)
  return sampleReceipt(provider, { nonce: BigInt(nonce), assets, outputHash, ...times })
}

/** The library's own limit, in signatures per second of processor time. */
async function libraryLimits(): Promise<readonly Measurement[]> {
  const hasher = await openReceiptHasher(SAMPLE_DEPLOYMENT)
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  const items = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const { digest, signature } = await signer.signReceipt(drawReceipt(SINGLES, index))
      const bytes = [digest, signature].map((hex) => Buffer.from(hex.slice(2), 'hex'))
      return { digest, signature, bytes }
    }),
  )
  const measure = async (
    contender: string,
    roundCount: number,
    run: (index: number) => unknown,
  ) => {
    for (let index = 0; index < 100; index += 1) await run(index)
    const before = process.cpuUsage()
    for (let index = 0; index < roundCount; index += 1) await run(index % 100)
    const { user, system } = process.cpuUsage(before)
    const value = roundCount / ((user + system) / 1e6)
    return { subject: 'library', contender, quantity: 'of one processor', value, unit: '/s' }
  }
  const results: Measurement[] = []
  for (const recovery of [await openNativeRecovery(), await openWasmRecovery()]) {
    if (recovery === undefined) continue
    const run = (index: number): unknown => {
      const [digest, signature] = items[index]?.bytes ?? []
      return recovery.signerOf(digest ?? Buffer.alloc(0), signature ?? Buffer.alloc(0))
    }
    results.push(await measure(`signers by ${recovery.library}`, 8_000, run))
  }
  const viem = (index: number) => {
    const { digest, signature } = items[index] ?? { digest: '0x', signature: '0x' }
    return recoverAddress({ hash: digest, signature })
  }
  results.push(await measure('signers by viem', 400, viem))
  const receipt = drawReceipt(SINGLES, 1)
  results.push(await measure('digests', 40_000, () => hasher.digestOf(receipt)))
  return results
}

/** Signing is the sender's work: the native library does it where there is one. */
async function signedLines(): Promise<readonly Connection[]> {
  const hasher = await openReceiptHasher(SAMPLE_DEPLOYMENT)
  const require = createRequire(import.meta.url)
  const native = require('secp256k1/bindings.js') as {
    ecdsaSign: (digest: Uint8Array, key: Uint8Array) => { signature: Uint8Array; recid: number }
  }
  const key = Buffer.from(KEY.privateKey.slice(2), 'hex')
  const lines = Array.from({ length: RECEIPT_COUNT }, (_, index) => {
    const receipt = drawReceipt(SINGLES, index + 1)
    const { signature, recid } = native.ecdsaSign(hasher.digestOf(receipt), key)
    const v = recid === 0 ? '1b' : '1c'
    const text: Hex = `0x${Buffer.from(signature).toString('hex')}${v}`
    return JSON.stringify(receiptToJson({ ...receipt, signature: text }))
  })
  const starts = Array.from(
    { length: Math.ceil(lines.length / LINES_PER_REQUEST) },
    (_, index) => index * LINES_PER_REQUEST,
  )
  const requests = starts.map((start) => {
    const some = lines.slice(start, start + LINES_PER_REQUEST)
    return { body: Buffer.from(some.join('\n')), count: some.length }
  })
  const connections = Array.from({ length: CONNECTION_COUNT }, (): Sent[] => [])
  for (const [index, one] of requests.entries()) connections[index % CONNECTION_COUNT]?.push(one)
  return connections
}

/** Each connection is a provider of its own, as a signer's batches come one after the other. */
async function signedBatches(batchSize: number): Promise<readonly Connection[]> {
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  const connections: Connection[] = []
  for (let index = 0; index < CONNECTION_COUNT; index += 1) {
    const provider = providerOf(batchSize, index)
    const sent: Sent[] = []
    let previous = NO_PREVIOUS_BATCH
    for (let start = 0; start < BATCHED_COUNT / CONNECTION_COUNT; start += batchSize) {
      const receipts = Array.from({ length: batchSize }, (_, place) => {
        return drawReceipt(provider, start + place + 1)
      })
      const batch = await signer.signBatch(receipts, {
        sequence: BigInt(sent.length + 1),
        previous,
      })
      previous = batch.digest
      sent.push({ body: batch.bytes, count: batchSize })
    }
    connections.push(sent)
  }
  return connections
}

function providerOf(batchSize: number, index: number): Hex {
  return numberToHex(batchSize * 256 + index, { size: 20 })
}

/** Sends everything; the first request of each connection warms up and is not counted. */
async function deliver(
  url: string,
  type: string,
  connections: readonly Connection[],
  databasePid: number,
) {
  const latencies: number[] = []
  const send = async (sent: Connection): Promise<void> => {
    for (const { body } of sent) {
      const sentMs = performance.now()
      const headers = { 'content-type': type }
      const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) })
      const text = await answer.text()
      if (answer.status !== 202) throw new Error(`${answer.status} ${text.slice(0, 300)}`)
      latencies.push(performance.now() - sentMs)
    }
  }
  await Promise.all(connections.map((sent) => send(sent.slice(0, 1))))
  latencies.length = 0
  const counted = connections.map((sent) => sent.slice(1))
  const startMs = performance.now()
  const before = { own: process.cpuUsage(), database: secondsOf(databasePid) }
  await Promise.all(counted.map(send))
  const seconds = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(before.own)
  const worked = (user + system) / 1e6 + secondsOf(databasePid) - before.database
  const p99 = latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0
  return { count: sizeOf(counted), seconds, worked, p99 }
}

function sizeOf(connections: readonly Connection[]): number {
  return connections.flat().reduce((total, { count }) => total + count, 0)
}

async function prepare(index: ScratchIndex) {
  const client = await index.open('receipts')
  const { signal } = new AbortController()
  const sleep = (): Promise<void> => Promise.resolve()
  const surroundings = { client, nowMs: () => 1_700_000_100_000, sleep, signal }
  const store = await openChainStore(surroundings, () => undefined)
  const described = { kind: 0, name: '', metadata_uri: '', metadata_hash: sampleId('00') }
  const registered = ASSETS.map((id, place) => {
    const asset = { ...sampleEvidence(1, place), sequence: place + 1, asset_id: id }
    return { ...asset, creator: SINGLES, ...described }
  })
  const keys = PROVIDERS.map((provider, place) => {
    const key = { sequence: 1, provider, signer: KEY.address, active: true }
    return { ...sampleEvidence(1, 100 + place), ...key }
  })
  await commitSampleBlock(store, { asset_registered: registered, signing_key_set: keys })
  const deployment = SAMPLE_DEPLOYMENT
  const intake: ReceiptIntake = await openReceiptIntake({
    ...surroundings,
    deployment,
    threadCount: THREAD_COUNT,
  })
  const log = (line: string): void => console.error(line)
  const { app } = await createApi({ client, deployment, receipts: intake, log })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/receipts`
  return { client, app, url }
}

const BATCH_TYPE = 'application/vnd.foggara.receipt-batch'
const PROVIDERS = [
  SINGLES,
  ...[512, 4096].flatMap((size) =>
    Array.from({ length: CONNECTION_COUNT }, (_, index) => providerOf(size, index)),
  ),
]

async function main(): Promise<void> {
  const measurements: Measurement[] = [...(await libraryLimits())]
  await using index = await startScratchIndex()
  const { client, app, url } = await prepare(index)
  const { pid } = index.server
  const cases = [
    { subject: 'signed one by one', type: 'application/x-ndjson', make: signedLines },
    { subject: 'batches of 512', type: BATCH_TYPE, make: () => signedBatches(512) },
    { subject: 'batches of 4096', type: BATCH_TYPE, make: () => signedBatches(4096) },
  ]
  let expected = 0
  for (const { subject, type, make } of cases) {
    const connections = await make()
    expected += sizeOf(connections)
    const { count, seconds, worked, p99 } = await deliver(url, type, connections, pid)
    const found = { subject, contender: `${THREAD_COUNT} threads` }
    const [own, other] = [process.memoryUsage().rss / 2 ** 20, memoryMibOf(pid)]
    measurements.push(
      { ...found, quantity: 'receipts stored', value: count / seconds, unit: '/s' },
      { ...found, quantity: 'a second of one processor', value: count / worked, unit: 'receipts' },
      { ...found, quantity: 'acknowledged, p99', value: p99, unit: 'ms' },
      { ...found, quantity: 'memory of sender and service', value: own, unit: 'MiB' },
      { ...found, quantity: 'memory of the database', value: other, unit: 'MiB' },
    )
  }
  const [row] = await queryRows<{ rows: string }>(
    client,
    'select count() as rows from submitted_receipt',
  )
  if (Number(row?.rows) !== expected) throw new Error(`expected ${expected}, found ${row?.rows}`)
  await app.close()
  publish('How many signed receipts does one process take in a second?', measurements)
}

/** Linux counts processor time in hundredths of a second. */
function secondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function memoryMibOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

await main()
process.exit()
