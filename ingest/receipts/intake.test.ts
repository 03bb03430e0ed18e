import { type ClickHouseClient, queryRows } from '@foggara/database'
import { type Receipt, type SignedReceipt, receiptToJson } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { SAMPLE_DEPLOYMENT, commitSampleBlock, sampleEvidence } from '../simulation/sample-chain.ts'
import {
  type SampleKey,
  highTwin,
  sampleId,
  sampleKey,
  sampleReceipt,
  signSample,
  zeroBasedTwin,
} from '../simulation/sample-receipt.ts'
import { openChainStore } from '../store/chain-store.ts'
import { type ReceiptIntake, openReceiptIntake } from './intake.ts'
import { RECEIPT_BYTES_MAX } from './parse-receipt.ts'

const PROVIDER = `0x${'b0'.repeat(20)}` as const
const KEY = sampleKey('11')
const REVOKED_KEY = sampleKey('22')
const NOW_MS = 1_700_000_100_000

let scratch: ScratchIndex
let client: ClickHouseClient
let intake: ReceiptIntake

beforeAll(async () => {
  scratch = await startScratchIndex()
  client = await scratch.open('receipts')
  intake = await openIntake()
  const store = await openChainStore(surroundings(), () => undefined)
  const keySet = (logIndex: number, { address: signer }: SampleKey, active: boolean) => {
    return { ...sampleEvidence(1, logIndex), sequence: 1, provider: PROVIDER, signer, active }
  }
  await expect(intake.accept('{}')).rejects.toMatchObject({ code: 'BLOCK_NOT_INDEXED' })
  await commitSampleBlock(store, {
    asset_registered: [assetRow(0, 'a1'), assetRow(1, 'a2')],
    signing_key_set: [
      keySet(2, KEY, true),
      keySet(3, REVOKED_KEY, true),
      keySet(4, REVOKED_KEY, false),
    ],
  })
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('a receipt is stored once, however often and however concurrently it arrives', async () => {
  const receipt = await signed({ nonce: 100n })
  const text = textOf(receipt)
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => intake.accept(text)))
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual([
    'accepted',
    ...Array.from({ length: 11 }, () => 'duplicate'),
  ])
  expect(new Set(outcomes.map(({ digest }) => digest))).toEqual(new Set([receipt.digest]))
  // A later process knows what an earlier one stored.
  intake = await openIntake()
  expect(await intake.accept(text)).toMatchObject({ status: 'duplicate', code: 'DUPLICATE' })
  const rows = await queryRows(
    client,
    `select concat('0x', lower(hex(signer))) as by, nonce, toString(fee) as paid, length(assets) as assets
    from submitted_receipt where nonce = 100`,
  )
  expect(rows).toEqual([
    { by: KEY.address, nonce: '100', paid: '5000000000000000000', assets: '2' },
  ])
})

test('a batch of many receipts is one commit', async () => {
  const receipts = await Promise.all(
    Array.from({ length: 40 }, (_, index) => signed({ nonce: BigInt(1_000 + index) })),
  )
  const before = await commitCount()
  const outcomes = await Promise.all(receipts.map((receipt) => intake.accept(textOf(receipt))))
  expect(outcomes.every(({ status }) => status === 'accepted')).toBe(true)
  expect((await commitCount()) - before).toBeLessThanOrEqual(2)
  const [row] = await queryRows<{ pending: string }>(
    client,
    `select count() as pending from receipt where status = 'PENDING' and nonce >= 1000`,
  )
  expect(row?.pending).toBe('40')
})

test('a receipt that does not count is refused with its reason and kept', async () => {
  const good = await signed({ nonce: 200n })
  await intake.accept(textOf(good))
  const stranger = sampleKey('33')
  const cases: readonly (readonly [string, string])[] = [
    ['RECEIPT_NOT_JSON', 'no json\n\n; drop table submitted_receipt_rows;\n'],
    ['RECEIPT_NOT_JSON', ''],
    ['RECEIPT_TOO_LARGE', `{"a":"${'x'.repeat(RECEIPT_BYTES_MAX)}"}`],
    ['RECEIPT_MALFORMED', '[]'],
    ['RECEIPT_MALFORMED', '['.repeat(8_000) + ']'.repeat(8_000)],
    ['RECEIPT_MALFORMED', textOf(good).replace('{', '{"__proto__":{"isAdmin":true},')],
    ['RECEIPT_MALFORMED', textOf(good).replace('"nonce":"200"', '"nonce":200')],
    ['RECEIPT_MALFORMED', textOf(good).replace('"nonce":"200"', `"nonce":"${1n << 64n}"`)],
    ['RECEIPT_MALFORMED', textOf(good).replace(`"fee":"${good.fee}"`, `"fee":"${1n << 96n}"`)],
    ['HEX_MALFORMED', textOf(good).replace(good.signature, good.signature.slice(0, 130))],
    ['NONCE_REUSED', textOf(await signed({ nonce: 200n, units: 7n }))],
    ['RECEIPT_MALFORMED', textOf(good).replace('"nonce":"200"', '"nonce":"7","nonce":"200"')],
    ['SIGNER_REVOKED', textOf(await signed({ nonce: 202n }, REVOKED_KEY))],
    ['PROVIDER_UNKNOWN', textOf(await signed({ nonce: 204n, provider: stranger.address }))],
    ['SIGNATURE_INVALID', textOf(twin(await signed({ nonce: 206n }), highTwin))],
    ['SIGNATURE_INVALID', textOf(twin(await signed({ nonce: 207n }), zeroBasedTwin))],
    [
      'FINISHED_IN_FUTURE',
      textOf(await signed({ nonce: 208n, finishedAtSeconds: 1_700_000_401n })),
    ],
  ]
  for (const [code, text] of cases) {
    expect(await intake.accept(text), text.slice(0, 80)).toMatchObject({ status: 'rejected', code })
  }
  const late = await signed({ nonce: 209n, finishedAtSeconds: 1_700_000_400n })
  expect(await intake.accept(textOf(late))).toMatchObject({ status: 'accepted' })
  const stored = await queryRows<{ code: string; body: string; reason: string }>(
    client,
    'select code, body, reason from rejected_receipt order by code',
  )
  expect(stored.map(({ code }) => code)).toEqual(cases.map(([code]) => code).toSorted())
  expect(stored.map(({ body }) => body)).toContain(cases[0]?.[1])
  expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
  const [row] = await queryRows<{ accepted: string }>(
    client,
    'select count() as accepted from submitted_receipt where nonce between 200 and 208',
  )
  expect(row?.accepted).toBe('1')
})

test('a key that sends too much is told when to come again, and another is not held up', async () => {
  const known = { deployment: SAMPLE_DEPLOYMENT, keyRate: { perSecond: 1, burst: 2 } }
  const limited = await openReceiptIntake({ ...surroundings(), ...known })
  // Until the facts are read, nobody's key is known.
  await limited.revisit()
  const receipts = await Promise.all([300n, 301n, 302n].map((nonce) => signed({ nonce })))
  const other = await signed({ nonce: 303n }, REVOKED_KEY)
  const answers = await Promise.allSettled(
    [...receipts, other].map((receipt) => limited.accept(textOf(receipt))),
  )
  expect(answers).toMatchObject([
    { value: { code: 'ACCEPTED' } },
    { value: { code: 'ACCEPTED' } },
    { reason: { code: 'KEY_RATE_LIMITED', retryable: true, waitSeconds: 1 } },
    { value: { code: 'SIGNER_REVOKED' } },
  ])
})

function assetRow(logIndex: number, byte: string) {
  return {
    ...sampleEvidence(1, logIndex),
    sequence: logIndex + 1,
    asset_id: sampleId(byte),
    creator: PROVIDER,
    kind: 0,
    name: byte,
    metadata_uri: '',
    metadata_hash: sampleId('00'),
  }
}

function surroundings() {
  const { signal } = new AbortController()
  return { client, nowMs: () => NOW_MS, sleep: () => Promise.resolve(), signal }
}

function openIntake(): Promise<ReceiptIntake> {
  return openReceiptIntake({ ...surroundings(), deployment: SAMPLE_DEPLOYMENT })
}

function signed(changes: Partial<Receipt>, key: SampleKey = KEY): Promise<SignedReceipt> {
  return signSample(SAMPLE_DEPLOYMENT, sampleReceipt(PROVIDER, changes), key)
}

function twin(receipt: SignedReceipt, change: typeof highTwin): SignedReceipt {
  return { ...receipt, signature: change(receipt.signature) }
}

function textOf(receipt: SignedReceipt): string {
  return JSON.stringify(receiptToJson(receipt))
}

async function commitCount(): Promise<number> {
  const [row] = await queryRows<{ commits: string }>(
    client,
    `select count() as commits from commits where stream = 'receipt'`,
  )
  return Number(row?.commits)
}
