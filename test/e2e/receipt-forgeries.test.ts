import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'

import { createApi } from '@foggara/api'
import { type ClickHouseClient, queryRows } from '@foggara/database'
import { openReceiptIntake } from '@foggara/ingest'
import {
  type Hex,
  NO_PREVIOUS_BATCH,
  type Receipt,
  type SignedReceipt,
  receiptToJson,
} from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openReceiptSigner } from '../../ingest/provider/sign-batch.ts'
import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import {
  SAMPLE_DEPLOYMENT,
  commitSampleBlock,
  sampleEvidence,
} from '../../ingest/simulation/sample-chain.ts'
import {
  highTwin,
  sampleId,
  sampleKey,
  sampleReceipt,
  signSample,
  zeroBasedTwin,
} from '../../ingest/simulation/sample-receipt.ts'
import { openChainStore } from '../../ingest/store/chain-store.ts'

/** What somebody may send instead of a receipt: each has its coded answer, and touches nothing else. */

const PROVIDER: Hex = `0x${'b0'.repeat(20)}`
const [KEY, REVOKED, STRANGER] = [sampleKey('11'), sampleKey('22'), sampleKey('33')]
const [JSON_TYPE, LINES] = ['application/json', 'application/x-ndjson']
const BATCH = 'application/vnd.foggara.receipt-batch'
const { chainId, contracts } = SAMPLE_DEPLOYMENT
const OTHER_CHAIN = { ...SAMPLE_DEPLOYMENT, chainId: chainId + 1 }
const OTHER_REGISTRY = {
  ...SAMPLE_DEPLOYMENT,
  contracts: { ...contracts, ComputeRegistry: contracts.Marketplace },
}

let scratch: ScratchIndex
let client: ClickHouseClient
let app: Awaited<ReturnType<typeof createApi>>['app']
let url: string

beforeAll(async () => {
  scratch = await startScratchIndex()
  client = await scratch.open('forgeries')
  const { signal } = new AbortController()
  const sleep = (): Promise<void> => Promise.resolve()
  const surroundings = { client, nowMs: () => 1_700_000_100_000, sleep, signal }
  const store = await openChainStore(surroundings, () => undefined)
  const described = { kind: 0, name: '', metadata_uri: '', metadata_hash: sampleId('00') }
  const asset = (place: number, byte: string) => {
    const evidence = { ...sampleEvidence(1, place), sequence: place + 1 }
    return { ...evidence, asset_id: sampleId(byte), creator: PROVIDER, ...described }
  }
  const key = (place: number, signer: Hex, active: boolean) => {
    return { ...sampleEvidence(1, place), sequence: 1, provider: PROVIDER, signer, active }
  }
  await commitSampleBlock(store, {
    asset_registered: [asset(0, 'a1'), asset(1, 'a2')],
    signing_key_set: [
      key(2, KEY.address, true),
      key(3, REVOKED.address, true),
      key(4, REVOKED.address, false),
    ],
  })
  const deployment = SAMPLE_DEPLOYMENT
  const receipts = await openReceiptIntake({ ...surroundings, deployment })
  const rate = { burst: 96 * 1024 * 1024, perSecond: 16 * 1024 * 1024 }
  const receiptLimits = { rate, idleMsMax: 400, totalMsMax: 20_000 }
  const log = (line: string): void => console.error(line)
  app = (await createApi({ client, deployment, receipts, receiptLimits, log })).app
  url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/receipts`
})
afterAll(async () => {
  await app?.close()
  await scratch[Symbol.asyncDispose]()
})

test('each forgery has its answer, and nothing of it is stored as a receipt', async () => {
  const good = await signed({ nonce: 1n })
  const text = textOf(good)
  const batch = Buffer.from(await batchOf(1n, [50n, 51n]))
  const altered = (at: number): Buffer => {
    const bytes = Buffer.from(batch)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes
  }
  const later = textOf(await signed({ finishedAtSeconds: 1_700_000_401n }))
  const number = (name: string, value: bigint): string =>
    text.replace(new RegExp(`"${name}":"[0-9]*"`), `"${name}":"${value}"`)
  const cases: readonly (readonly [name: string, answer: string, type: string, body: Body])[] = [
    ['the receipt', '202 accepted ACCEPTED', JSON_TYPE, text],
    ['a replay', '200 duplicate DUPLICATE', JSON_TYPE, text],
    ['its high twin', '200 duplicate DUPLICATE', JSON_TYPE, twinOf(good, highTwin)],
    ['a wrong key', quarantined, JSON_TYPE, textOf(await signed({ nonce: 2n }, STRANGER))],
    ['another chain', quarantined, JSON_TYPE, textOf(await foreign(OTHER_CHAIN))],
    ['another registry', quarantined, JSON_TYPE, textOf(await foreign(OTHER_REGISTRY))],
    ['altered units', '409 rejected NONCE_REUSED', JSON_TYPE, number('units', 7n)],
    ['altered units of a new nonce', quarantined, JSON_TYPE, await alteredUnits()],
    ['a used nonce', '409 rejected NONCE_REUSED', JSON_TYPE, textOf(await signed({ fee: 1n }))],
    ['high s', invalid, JSON_TYPE, twinOf(await signed({ nonce: 5n }), highTwin)],
    ['v of 0 or 1', invalid, JSON_TYPE, twinOf(await signed({ nonce: 5n }), zeroBasedTwin)],
    ['a revoked key', '400 rejected SIGNER_REVOKED', JSON_TYPE, await revoked()],
    ['back-dated', '400 rejected FINISHED_TOO_LONG_AGO', JSON_TYPE, await backDated()],
    ['future-dated', '409 rejected NONCE_REUSED', JSON_TYPE, later],
    ['future-dated, new', '400 rejected FINISHED_IN_FUTURE', JSON_TYPE, await futureDated()],
    ['no provider', '400 rejected PROVIDER_UNKNOWN', JSON_TYPE, await unknownProvider()],
    ['17 assets', malformed, JSON_TYPE, await manyAssets(17)],
    ['4 000 assets', '413 retry BODY_TOO_LARGE', JSON_TYPE, await manyAssets(4_000)],
    ['no JSON', '400 rejected RECEIPT_NOT_JSON', JSON_TYPE, '{"provider":\n\n; drop table commits'],
    ['nothing', '400 rejected RECEIPT_NOT_JSON', JSON_TYPE, ''],
    ['a list', malformed, JSON_TYPE, `[${text}]`],
    ['8 000 brackets', malformed, JSON_TYPE, '['.repeat(8_000) + ']'.repeat(8_000)],
    ['a nonce of 2^64', malformed, JSON_TYPE, number('nonce', 1n << 64n)],
    ['a fee of 2^96', malformed, JSON_TYPE, number('fee', 1n << 96n)],
    ['units of 2^256', malformed, JSON_TYPE, number('units', 1n << 256n)],
    ['the largest of all', '202 accepted ACCEPTED', JSON_TYPE, await largest()],
    ['a key twice', malformed, JSON_TYPE, text.replace('{', '{"fee":"1",')],
    ['a key twice, escaped', malformed, JSON_TYPE, text.replace('{', '{"f\\u0065e":"1",')],
    ['__proto__', malformed, JSON_TYPE, text.replace('{', '{"__proto__":{"isAdmin":true},')],
    ['no UTF-8', '400 rejected RECEIPT_NOT_UTF8', JSON_TYPE, Buffer.from([0x7b, 0xc3, 0x28])],
    ['a byte order mark', '400 rejected RECEIPT_NOT_JSON', JSON_TYPE, `\ufeff${text}`],
    ['another type', '415  BAD_REQUEST', 'text/plain', text],
    ['a receipt as a batch', '400 rejected BATCH_MALFORMED', BATCH, text],
    ['a batch as a receipt', '400 rejected RECEIPT_NOT_UTF8', JSON_TYPE, batch],
    ['a batch of version 257', '400 rejected BATCH_VERSION_UNKNOWN', BATCH, altered(4)],
    ['another sum', '400 rejected FEE_TOTAL_MISMATCH', BATCH, altered(6 + 191)],
    ['another root', '400 rejected ROOT_MISMATCH', BATCH, altered(6 + 200)],
    ['an altered sequence', quarantined, BATCH, altered(6 + 95)],
    ['a batch after none', '202 quarantined GAP_BEFORE', BATCH, await batchOf(9n, [60n])],
    ['a batch with a used nonce', '409 rejected NONCE_REUSED', BATCH, await batchOf(1n, [1n, 2n])],
    ['the batch', '202 accepted ACCEPTED', BATCH, batch],
    ['the batch again', '200 duplicate DUPLICATE', BATCH, batch],
    ['another in its place', '409 rejected SEQUENCE_REUSED', BATCH, await batchOf(1n, [70n])],
    ['lines of all kinds', '207  ', LINES, `${text}\nno\n`],
  ]
  const found: string[] = []
  for (const [name, , type, body] of cases) found.push(`${name}: ${await send(type, body)}`)
  expect(found).toEqual(cases.map(([name, answer]) => `${name}: ${answer}`))
  expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
  expect(await nonces()).toEqual(['1', '50', '51', String((1n << 64n) - 1n)])
})

test('a body of 1 GB is cut off early, with its code, and others are served meanwhile', async () => {
  for (const type of [JSON_TYPE, LINES, BATCH]) {
    const head = `content-type: ${type}\r\ncontent-length: 1000000000`
    const { answer, sentBytes } = await sendRaw(head, Buffer.alloc(64 * 1024, 0x61))
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('BODY_TOO_LARGE')
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024)
  }
  const chunk = Buffer.from(`10000\r\n${'a'.repeat(0x10000)}\r\n`)
  const { answer } = await sendRaw(`content-type: ${LINES}\r\ntransfer-encoding: chunked`, chunk)
  expect(answer).toContain('BODY_TOO_LARGE')
})

test('a slow sender is let go, with the outcomes of what it sent, and does not hold up others', async () => {
  const text = textOf(await signed({ nonce: 80n }))
  const slow = sendRaw(
    `content-type: ${LINES}\r\ncontent-length: 5000`,
    Buffer.from(`${text}\n`),
    1,
  )
  expect(await send(JSON_TYPE, textOf(await signed({ nonce: 81n })))).toBe('202 accepted ACCEPTED')
  const { answer } = await slow
  expect(answer).toMatch(/^HTTP\/1.1 408 /)
  expect(answer).toContain('"code":"ACCEPTED"')
  expect(answer).toContain('SENDER_TOO_SLOW')
  expect(await nonces()).toEqual(expect.arrayContaining(['80', '81']))
})

test('who sends too much is told when to come again', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const headers = { 'content-type': LINES, 'content-length': '16000000' }
      const body = Buffer.alloc(16_000_000, 0x61)
      const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined)
      return answer?.status
    }),
  )
  const served = answers.filter((status) => status === 207).length
  expect(served).toBeGreaterThan(0)
  expect(served).toBeLessThan(12)
  expect(answers).toContain(429)
})

type Body = string | Uint8Array
const quarantined = '202 quarantined SIGNER_UNKNOWN'
const invalid = '400 rejected SIGNATURE_INVALID'
const malformed = '400 rejected RECEIPT_MALFORMED'

function signed(changes: Partial<Receipt>, key = KEY): Promise<SignedReceipt> {
  return signSample(SAMPLE_DEPLOYMENT, sampleReceipt(PROVIDER, changes), key)
}

function foreign(deployment: typeof SAMPLE_DEPLOYMENT): Promise<SignedReceipt> {
  return signSample(deployment, sampleReceipt(PROVIDER, { nonce: 3n }), KEY)
}

async function alteredUnits(): Promise<string> {
  return textOf({ ...(await signed({ nonce: 4n })), units: 999_999n })
}

async function revoked(): Promise<string> {
  return textOf(await signed({ nonce: 6n }, REVOKED))
}

async function backDated(): Promise<string> {
  const times = { startedAtSeconds: 1n, finishedAtSeconds: 1_600_000_000n }
  return textOf(await signed({ nonce: 6n, ...times }))
}

async function futureDated(): Promise<string> {
  return textOf(await signed({ nonce: 6n, finishedAtSeconds: (1n << 64n) - 1n }))
}

async function unknownProvider(): Promise<string> {
  return textOf(await signed({ nonce: 6n, provider: STRANGER.address }, STRANGER))
}

async function manyAssets(count: number): Promise<string> {
  const assets = Array.from({ length: count }, (_, index): Hex => {
    return `0x${(index + 1).toString(16).padStart(64, '0')}`
  })
  return textOf(await signed({ nonce: 6n, assets }))
}

async function largest(): Promise<string> {
  const numbers = { nonce: (1n << 64n) - 1n, units: (1n << 256n) - 1n, fee: (1n << 96n) - 1n }
  return textOf(await signed(numbers))
}

async function batchOf(sequence: bigint, nonceList: readonly bigint[]): Promise<Uint8Array> {
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  const receipts = nonceList.map((nonce) => sampleReceipt(PROVIDER, { nonce, units: 4n }))
  return (await signer.signBatch(receipts, { sequence, previous: NO_PREVIOUS_BATCH })).bytes
}

function textOf(receipt: SignedReceipt): string {
  return JSON.stringify(receiptToJson(receipt))
}

function twinOf(receipt: SignedReceipt, change: (signature: Hex) => Hex): string {
  return textOf({ ...receipt, signature: change(receipt.signature) })
}

async function send(type: string, body: Body): Promise<string> {
  const headers = { 'content-type': type }
  const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) })
  const text = await answer.text()
  if (type === LINES) return `${answer.status}  `
  const { status = '', code } = JSON.parse(text) as { status?: string; code: string }
  return `${answer.status} ${answer.status === 415 ? '' : status} ${code}`
}

/** Writes pieces, `count` of them or until the other side has had enough, and reads the answer. */
async function sendRaw(headers: string, piece: Uint8Array, count = Number.MAX_SAFE_INTEGER) {
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  const state = { answer: '', sentBytes: 0, isOver: false }
  socket.on('data', (bytes) => {
    state.answer += bytes.toString()
    state.isOver = true
  })
  socket.on('error', () => (state.isOver = true))
  socket.on('close', () => (state.isOver = true))
  const closed = once(socket, 'close').catch(() => undefined)
  socket.write(`POST /receipts HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n`)
  for (let index = 0; index < count && !state.isOver; index += 1) {
    state.sentBytes += piece.length
    if (!socket.write(piece))
      await Promise.race([once(socket, 'drain').catch(() => undefined), closed])
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  return state
}

async function nonces(): Promise<readonly string[]> {
  const sql = 'select toString(nonce) as number from submitted_receipt order by nonce'
  return (await queryRows<{ number: string }>(client, sql)).map(({ number }) => number)
}
