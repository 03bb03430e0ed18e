import { once } from 'node:events'
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Hex, receiptToJson } from '@foggara/schema'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { decodeBatch } from '../receipts/verify/decode-batch.ts'
import { SAMPLE_DEPLOYMENT } from '../simulation/sample-chain.ts'
import { sampleKey, sampleReceipt, signSample } from '../simulation/sample-receipt.ts'
import { postReceipts } from './post-receipts.ts'
import { type ReceiptSender, openReceiptSender } from './receipt-sender.ts'

const KEY = sampleKey('11')
const PROVIDER: Hex = `0x${'b0'.repeat(20)}`
const { signal } = new AbortController()

let folder: string
let server: Server
/** What the receiver got, and how it answers next: status and outcome, or nothing at all. */
let bodies: Buffer[]
let answers: (readonly [number, unknown] | 'hang up')[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foggara-outbox-'))
  bodies = []
  answers = []
  server = createServer((request, response) => void receive(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces = (await request.toArray()) as Buffer[]
  const answer = answers.shift() ?? ACCEPTED
  if (answer === 'hang up') {
    request.socket.destroy()
    return
  }
  bodies.push(Buffer.concat(pieces))
  const [status, body] = answer
  response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
}

test('receipts are numbered, batched in order and sent until they are taken', async () => {
  const sender = await open()
  await sender.add([draft(), draft(), draft()])
  answers = [[503, {}], 'hang up', ACCEPTED, [200, { status: 'duplicate' }]]
  expect(await sender.flush()).toEqual({ waitingCount: 0 })
  expect(sequences()).toEqual(['1: 1 2', '1: 1 2', '2: 3'])
  expect(readdirSync(folder).toSorted()).toEqual(['pending.ndjson', 'state.json'])
  const [, first, second] = bodies.map(decodeBatch)
  const previous = second?.type === 'batch' ? second.header.previous : undefined
  expect(first?.type === 'batch' && previous !== undefined && BigInt(previous) > 0n).toBe(true)
})

test('what was kept before a crash is sent after it, once, in the same batches', async () => {
  await (await open()).add([draft(), draft(), draft()])
  // Cut off while it was written: nobody was told that it is kept.
  appendFileSync(join(folder, 'pending.ndjson'), '{"provider":"0xb0')
  const pending = readFileSync(join(folder, 'pending.ndjson'))
  const second = await open()
  answers = [[400, { status: 'rejected', code: 'SIGNER_REVOKED', message: 'no' }]]
  await expect(second.flush()).rejects.toMatchObject({ code: 'RECEIPTS_REFUSED' })
  // As if the crash had come right after the second batch was sealed.
  const [, sealed] = readdirSync(folder).filter((name) => name.startsWith('batch-'))
  expect(sealed).toBe('batch-00000000000000000002.bin')
  rmSync(join(folder, 'state.json'))
  writeFileSync(join(folder, 'pending.ndjson'), pending)
  const third = await open()
  await third.add([draft()])
  expect(await third.flush()).toEqual({ waitingCount: 0 })
  expect(sequences()).toEqual(['1: 1 2', '1: 1 2', '2: 3', '3: 4'])
})

test('a batch that waits in quarantine stays in the outbox', async () => {
  const sender = await open()
  await sender.add([draft()])
  answers = [[202, { status: 'quarantined', code: 'ASSET_UNKNOWN' }]]
  expect(await sender.flush()).toEqual({ waitingCount: 1 })
  expect(await sender.flush()).toEqual({ waitingCount: 0 })
  expect(sequences()).toEqual(['1: 1', '1: 1'])
})

test('of receipts that come alone only those without an outcome are sent again', async () => {
  const receipts = await Promise.all(
    [1n, 2n, 3n].map((nonce) =>
      signSample(SAMPLE_DEPLOYMENT, sampleReceipt(PROVIDER, { nonce }), KEY),
    ),
  )
  const lines = (...statuses: readonly string[]): readonly [number, string] => {
    const rows = statuses.map((status, index) => JSON.stringify({ line: index + 1, status }))
    return [207, rows.join('\n')]
  }
  answers = [lines('accepted', 'retry', 'rejected'), lines('duplicate')]
  const outcomes = await postReceipts(target(), receipts)
  expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'duplicate', 'rejected'])
  expect(bodies[1]?.toString()).toBe(`${JSON.stringify(receiptToJson(receipts[1] ?? fail()))}\n`)
})

test('a receiver that never answers is given up, and everything is kept', async () => {
  const sender = await open()
  await sender.add([draft()])
  answers = Array.from({ length: 4 }, () => 'hang up' as const)
  await expect(sender.flush()).rejects.toMatchObject({ code: 'RECEIPTS_NOT_TAKEN' })
  expect(await sender.flush()).toEqual({ waitingCount: 0 })
})

const ACCEPTED = [202, { status: 'accepted', code: 'ACCEPTED' }] as const

function open(): Promise<ReceiptSender> {
  const key = { provider: PROVIDER, signerKey: KEY.privateKey }
  const deployment = SAMPLE_DEPLOYMENT
  return openReceiptSender({ ...target(), ...key, deployment, folder, batchCountMax: 2 })
}

function target() {
  const { port } = server.address() as AddressInfo
  const sleep = (): Promise<void> => Promise.resolve()
  return { url: `http://127.0.0.1:${port}/receipts`, sleep, signal, attemptsMax: 4 }
}

function draft() {
  const { provider: _, nonce: _unused, ...rest } = sampleReceipt(PROVIDER)
  return rest
}

/** The batches that arrived: sequence and nonces. */
function sequences(): readonly string[] {
  return bodies.map((body) => {
    const batch = decodeBatch(body)
    if (batch.type === 'refused') return batch.message
    const nonces = batch.receipts.map(({ offset }) =>
      Number(batch.words.readBigUInt64BE(offset + 3 * 32 + 24)),
    )
    return `${batch.header.sequence}: ${nonces.toSorted((a, b) => a - b).join(' ')}`
  })
}

function fail(): never {
  throw new Error('a receipt')
}
