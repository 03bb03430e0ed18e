import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  type Hex,
  NO_PREVIOUS_BATCH,
  type Receipt,
  type SignedReceipt,
  receiptToJson,
} from '@foggara/schema'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { type ReceiptSigner, type SignedBatch, openReceiptSigner } from '../provider/sign-batch.ts'
import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { SAMPLE_DEPLOYMENT, commitSampleBlock, sampleEvidence } from '../simulation/sample-chain.ts'
import {
  type SampleKey,
  sampleId,
  sampleKey,
  sampleReceipt,
  signSample,
} from '../simulation/sample-receipt.ts'
import { type ChainStore, openChainStore } from '../store/chain-store.ts'
import { type Row } from '../store/row-binary.ts'
import { type ReceiptIntake, openReceiptIntake } from './intake.ts'

const PROVIDER: Hex = `0x${'b0'.repeat(20)}`
const [KEY, NEW_KEY] = [sampleKey('11'), sampleKey('22')]
const NOW_MS = 1_700_000_100_000
const { signal } = new AbortController()

let scratch: ScratchIndex
let client: ClickHouseClient
let store: ChainStore
let intake: ReceiptIntake
let signer: ReceiptSigner
let databaseCount = 0

beforeAll(async () => {
  scratch = await startScratchIndex()
  signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
})
beforeEach(async () => {
  client = await scratch.open(`outcomes_${(databaseCount += 1)}`)
  store = await openChainStore(surroundings(), () => undefined)
  await commitSampleBlock(store, {
    asset_registered: [assetRow(1, 0, 'a1'), assetRow(1, 1, 'a2')],
    signing_key_set: [keyRow(1, 2, KEY, true)],
  })
  intake = await openIntake()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('a receipt with an unknown asset waits, also through a restart, and counts when it is there', async () => {
  const early = await signed({ nonce: 1n, assets: [sampleId('a1'), sampleId('ff')] })
  expect(await intake.accept(textOf(early))).toMatchObject({
    status: 'quarantined',
    code: 'ASSET_UNKNOWN',
  })
  expect(await intake.accept(textOf(early))).toMatchObject({ status: 'quarantined' })
  await intake.revisit()
  expect(await countOf('submitted_receipt')).toBe(0)
  intake = await openIntake()
  await commitSampleBlock(store, { asset_registered: [assetRow(2, 0, 'ff')] })
  await intake.revisit()
  expect(await intake.accept(textOf(early))).toMatchObject({ status: 'duplicate' })
  expect(await countOf('submitted_receipt')).toBe(1)
  expect(await countOf('quarantined_receipt')).toBe(1)
  const [release] = await queryRows(client, 'select outcome, code from quarantine_release')
  expect(release).toEqual({ outcome: 'accepted', code: 'ACCEPTED' })
})

test('what waited too long and came again waits again, also through a restart', async () => {
  const early = await signed({ nonce: 1n, assets: [sampleId('ff')] })
  expect(await intake.accept(textOf(early))).toMatchObject({ status: 'quarantined' })
  intake = await openIntake({ quarantineSeconds: -1 })
  await intake.revisit()
  const [release] = await queryRows(client, 'select outcome from quarantine_release')
  expect(release).toEqual({ outcome: 'rejected' })
  intake = await openIntake()
  expect(await intake.accept(textOf(early))).toMatchObject({ status: 'quarantined' })
  intake = await openIntake()
  await commitSampleBlock(store, { asset_registered: [assetRow(2, 0, 'ff')] })
  await intake.revisit()
  expect(await countOf('submitted_receipt')).toBe(1)
})

test('a forgery that waits for its key does not stand in the way of the receipt', async () => {
  const receipt = await signed({ nonce: 2n })
  const forged = await signed({ nonce: 2n }, NEW_KEY)
  expect(forged.digest).toBe(receipt.digest)
  expect(await intake.accept(textOf(forged))).toMatchObject({ code: 'SIGNER_UNKNOWN' })
  expect(await intake.accept(textOf(receipt))).toMatchObject({ status: 'accepted' })
  await commitSampleBlock(store, { signing_key_set: [keyRow(2, 0, NEW_KEY, true)] })
  await intake.revisit()
  const [release] = await queryRows(client, 'select outcome, code from quarantine_release')
  expect(release).toEqual({ outcome: 'duplicate', code: 'DUPLICATE' })
})

test('a key counts for what ended while it signed, and not for what arrives long after', async () => {
  await commitSampleBlock(store, { signing_key_set: [keyRow(2, 0, NEW_KEY, true)] })
  await commitSampleBlock(store, { signing_key_set: [keyRow(3, 0, NEW_KEY, false)] })
  const ended = async (nonce: bigint, seconds: bigint) => {
    const times = { startedAtSeconds: seconds, finishedAtSeconds: seconds }
    return (await intake.accept(textOf(await signed({ nonce, ...times }, NEW_KEY)))).code
  }
  expect(await ended(1n, 1_700_000_002n)).toBe('ACCEPTED')
  expect(await ended(2n, 1_700_000_003n)).toBe('SIGNER_REVOKED')
  expect(await ended(3n, 1_700_000_001n)).toBe('SIGNER_NOT_YET_VALID')
  expect(await ended(4n, 1_600_000_000n)).toBe('FINISHED_TOO_LONG_AGO')
  intake = await openIntake({ graceSeconds: -1 })
  expect(await ended(5n, 1_700_000_002n)).toBe('SIGNER_REVOKED')
})

test('receipts whose epoch is closed are late, alone and in batches', async () => {
  await closeEpochAtBlock(1)
  const late = { startedAtSeconds: 1_700_000_000n, finishedAtSeconds: 1_700_000_001n }
  expect(await intake.accept(textOf(await signed({ nonce: 1n, ...late })))).toMatchObject({
    status: 'late',
    code: 'LATE',
  })
  const receipts = [sampleReceipt(PROVIDER, { nonce: 2n, ...late }), receiptOf(3n)]
  const batch = await signer.signBatch(receipts, { sequence: 1n, previous: NO_PREVIOUS_BATCH })
  expect(await intake.acceptBatch(batch.bytes)).toMatchObject({ status: 'late' })
  const rows = await queryRows(client, 'select nonce, late from submitted_receipt order by nonce')
  expect(rows).toEqual([
    { nonce: '1', late: true },
    { nonce: '2', late: true },
    { nonce: '3', late: false },
  ])
})

test('a signed batch is stored as its receipts are, once, with the batch as their evidence', async () => {
  const [first, second] = await chainOf([
    [1n, 2n, 3n],
    [4n, 5n],
  ])
  const alone = await signed({ nonce: 2n })
  expect(await intake.accept(textOf(alone))).toMatchObject({ status: 'accepted' })
  const outcomes = await Promise.all(
    [first, first, second, first].map(({ bytes }) => intake.acceptBatch(bytes)),
  )
  expect(outcomes.map(({ status }) => status)).toEqual([
    'accepted',
    'duplicate',
    'accepted',
    'duplicate',
  ])
  expect(await intake.accept(textOf(await signed({ nonce: 5n })))).toMatchObject({
    status: 'duplicate',
  })
  const rows = await queryRows<Record<string, unknown>>(
    client,
    `select nonce, toString(fee) as fee, length(assets) as assets, length(signature) as signed,
      concat('0x', lower(hex(digest))) as digest, concat('0x', lower(hex(batch_digest))) as batch,
      units = 1000 and started_at_seconds = 1700000000 and finished_at_seconds = 1700000060
        and hex(signer) = upper('${KEY.address.slice(2)}') and workload = 0 as is_same
    from submitted_receipt order by nonce`,
  )
  const digestsOf = new Set([...first.digests, ...second.digests])
  expect(rows.map(({ nonce, batch }) => [nonce, batch])).toEqual([
    ['1', first.digest],
    ['2', NO_PREVIOUS_BATCH],
    ['3', first.digest],
    ['4', second.digest],
    ['5', second.digest],
  ])
  for (const { fee, assets, signed: length, digest, is_same: isSame, nonce } of rows) {
    expect([fee, assets, isSame]).toEqual(['5000000000000000000', '2', 1])
    expect(length).toBe(nonce === '2' ? '65' : '0')
    expect(digestsOf.has(digest as Hex)).toBe(true)
  }
  const [stored] = await queryRows(
    client,
    `select sequence, receipt_count, toString(fee_total) as fees, count() over () as batches
    from signed_batch order by sequence`,
  )
  const fees = (15n * 10n ** 18n).toString()
  expect(stored).toEqual({ sequence: '1', receipt_count: 3, fees, batches: '2' })
})

test('a batch that comes before another waits for it; a fork, a reuse and a break are named', async () => {
  const [first, second, third] = await chainOf([[1n], [2n], [3n]])
  const code = async ({ bytes }: SignedBatch) => (await intake.acceptBatch(bytes)).code
  expect(await code(third)).toBe('GAP_BEFORE')
  expect(await code(second)).toBe('GAP_BEFORE')
  expect(await code(first)).toBe('ACCEPTED')
  await intake.revisit()
  expect(await code(third)).toBe('DUPLICATE')
  expect(await countOf('submitted_receipt')).toBe(3)
  const place = { sequence: 2n, previous: first.digest }
  const fork = await signer.signBatch([receiptOf(9n)], place)
  expect(await code(fork)).toBe('SEQUENCE_REUSED')
  const altered = { sequence: 4n, previous: first.digest }
  expect(await code(await signer.signBatch([receiptOf(9n)], altered))).toBe('PREVIOUS_MISMATCH')
  const next = { sequence: 4n, previous: third.digest }
  const other = sampleReceipt(PROVIDER, { nonce: 3n, units: 7n })
  expect(await code(await signer.signBatch([receiptOf(9n), other], next))).toBe('NONCE_REUSED')
  expect(await countOf('submitted_receipt')).toBe(3)
  intake = await openIntake()
  expect(await code(await signer.signBatch([receiptOf(9n)], next))).toBe('ACCEPTED')
  expect(await conflicts()).toEqual([
    ['NONCE_REUSED', '3', '0', third.digests[0]],
    ['PREVIOUS_MISMATCH', '0', '4', third.digest],
    ['SEQUENCE_REUSED', '0', '2', second.digest],
  ])
})

test('batches that are given at once are judged in that order, by however many threads', async () => {
  intake = await openIntake({ threadCount: 2 })
  const long = Array.from({ length: 300 }, (_, index) => BigInt(100 + index))
  const batches = await chainOf([long, [1n], [2n], [3n]])
  const outcomes = await Promise.all(batches.map(({ bytes }) => intake.acceptBatch(bytes)))
  expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set(['ACCEPTED']))
})

test('what was stored a moment ago is stored once, and its nonce is used', async () => {
  const [first, other] = [await signed({ nonce: 1n }), await signed({ nonce: 1n, units: 7n })]
  const [batch] = await chainOf([[2n]])
  const fork = await signer.signBatch([receiptOf(3n)], {
    sequence: 1n,
    previous: NO_PREVIOUS_BATCH,
  })
  const codes: string[] = []
  for (const receipt of [first, first, other])
    codes.push((await intake.accept(textOf(receipt))).code)
  for (const { bytes } of [batch, batch, fork]) codes.push((await intake.acceptBatch(bytes)).code)
  const twice = ['ACCEPTED', 'DUPLICATE']
  expect(codes).toEqual([...twice, 'NONCE_REUSED', ...twice, 'SEQUENCE_REUSED'])
  expect(await conflicts()).toEqual([
    ['NONCE_REUSED', '1', '0', first.digest],
    ['SEQUENCE_REUSED', '0', '1', batch.digest],
  ])
})

test('only what a valid key signed twice is a conflict', async () => {
  const first = await signed({ nonce: 1n })
  const other = await signed({ nonce: 1n, units: 7n })
  const forged = await signed({ nonce: 1n, units: 8n }, NEW_KEY)
  const altered = { ...other, units: 9n }
  for (const receipt of [first, forged, altered, other]) await intake.accept(textOf(receipt))
  expect(await countOf('rejected_receipt')).toBe(3)
  expect(await conflicts()).toEqual([['NONCE_REUSED', '1', '0', first.digest]])
  const sql = 'select body from signed_conflict'
  expect(await queryRows(client, sql)).toEqual([{ body: textOf(other) }])
})

function receiptOf(nonce: bigint): Receipt {
  return sampleReceipt(PROVIDER, { nonce })
}

/** Batches of these nonces, each naming the one before. */
async function chainOf<const T extends readonly (readonly bigint[])[]>(nonces: T) {
  const batches: SignedBatch[] = []
  for (const [index, list] of nonces.entries()) {
    const previous = batches.at(-1)?.digest ?? NO_PREVIOUS_BATCH
    const place = { sequence: BigInt(index + 1), previous }
    batches.push(await signer.signBatch(list.map(receiptOf), place))
  }
  return batches as unknown as { readonly [K in keyof T]: SignedBatch }
}

async function closeEpochAtBlock(block: number): Promise<void> {
  const { columns, zero } = { columns: 'epoch, cutoff_block, commit_seq', zero: `1, ${block}, 1` }
  await client.command({ query: `insert into closed_epoch_rows (${columns}) values (${zero})` })
  await client.command({
    query: `insert into commits (stream, commit_seq) values ('epoch', 1)`,
  })
}

function assetRow(block: number, logIndex: number, byte: string): Row {
  const common = { ...sampleEvidence(block, logIndex), sequence: logIndex + 1, creator: PROVIDER }
  const described = { kind: 0, name: byte, metadata_uri: '', metadata_hash: sampleId('00') }
  return { ...common, asset_id: sampleId(byte), ...described }
}

function keyRow(block: number, logIndex: number, key: SampleKey, active: boolean): Row {
  const evidence = sampleEvidence(block, logIndex)
  return { ...evidence, sequence: 1, provider: PROVIDER, signer: key.address, active }
}

function surroundings() {
  return { client, nowMs: () => NOW_MS, sleep: () => Promise.resolve(), signal }
}

function openIntake(
  changes: {
    readonly graceSeconds?: number
    readonly quarantineSeconds?: number
    readonly threadCount?: number
  } = {},
): Promise<ReceiptIntake> {
  const clocks = { driftSeconds: 0, ...changes }
  const known = { deployment: SAMPLE_DEPLOYMENT, factsMsMax: 0 }
  return openReceiptIntake({ ...surroundings(), ...known, ...clocks })
}

function signed(changes: Partial<Receipt>, key: SampleKey = KEY): Promise<SignedReceipt> {
  return signSample(SAMPLE_DEPLOYMENT, sampleReceipt(PROVIDER, changes), key)
}

function textOf(receipt: SignedReceipt): string {
  return JSON.stringify(receiptToJson(receipt))
}

/** Code, nonce, sequence and what is stored of every conflict. */
async function conflicts(): Promise<readonly (readonly unknown[])[]> {
  const rows = await queryRows(
    client,
    `select code, nonce, sequence, concat('0x', lower(hex(stored_digest))) as stored
    from signed_conflict order by code`,
  )
  return rows.map((row) => Object.values(row as object))
}

async function countOf(table: string): Promise<number> {
  const [row] = await queryRows<{ rows: string }>(client, `select count() as rows from ${table}`)
  return Number(row?.rows)
}
