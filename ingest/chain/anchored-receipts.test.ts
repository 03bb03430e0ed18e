import {
  EVENT_TABLES,
  type Hex,
  RECEIPT_BATCH_PARAMETERS,
  type Receipt,
  type SignedReceipt,
  ZERO_ADDRESS,
  receiptDomain,
  receiptMessage,
} from '@foggara/schema'
import { encodeAbiParameters } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { SAMPLE_DEPLOYMENT, commitSampleBlock, sampleEvidence } from '../simulation/sample-chain.ts'
import {
  highTwin,
  sampleId,
  sampleKey,
  sampleReceipt,
  signSample,
} from '../simulation/sample-receipt.ts'
import { encodeEvent } from '../simulation/simulated-chain.ts'
import { type ChainStore, openChainStore } from '../store/chain-store.ts'
import { anchoredReceiptRows } from './anchored-receipts.ts'
import { createLogDecoder } from './decode-log.ts'

const PROVIDER: Hex = `0x${'b0'.repeat(20)}`
const KEY = sampleKey('11')
const DOMAIN = receiptDomain(SAMPLE_DEPLOYMENT.chainId, SAMPLE_DEPLOYMENT.contracts.ComputeRegistry)

let scratch: ScratchIndex
let store: ChainStore

beforeAll(async () => {
  scratch = await startScratchIndex()
  const client = await scratch.open('anchored_rows')
  const { signal } = new AbortController()
  const sleep = () => Promise.resolve()
  store = await openChainStore({ client, nowMs: () => 0, sleep, signal }, () => undefined)
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('a receipt is judged by the keys and assets known just before its batch', async () => {
  const receipt = await signed({ nonce: 1n })
  const events: readonly Event[] = [
    anchor(1n, [receipt]),
    keySet(true),
    anchor(2n, [receipt]),
    ['asset_registered', assetArguments('a1')],
    ['asset_registered', assetArguments('a2')],
    anchor(3n, [receipt]),
    keySet(false),
    anchor(4n, [await signed({ nonce: 2n })]),
  ]
  expect(await verdicts(events)).toEqual([
    'ASSET_UNKNOWN',
    'ASSET_UNKNOWN',
    'valid',
    'SIGNER_UNKNOWN',
  ])
})

test('what was stored before the range counts as known', async () => {
  const used = await signed({ nonce: 7n })
  await commitSampleBlock(store, {
    asset_registered: ['a1', 'a2'].map((byte, index) => ({
      ...sampleEvidence(1, index),
      sequence: index,
      asset_id: sampleId(byte),
      creator: PROVIDER,
      kind: 0,
      name: '',
      metadata_uri: '',
      metadata_hash: sampleId('00'),
    })),
    signing_key_set: [
      {
        ...sampleEvidence(1, 2),
        sequence: 1,
        provider: PROVIDER,
        signer: KEY.address,
        active: true,
      },
    ],
  })
  const first = await rowsOf([anchor(1n, [used])])
  expect(first.map((row) => row['verdict'])).toEqual(['valid'])
  await commitSampleBlock(store, { anchored_receipt: first })
  const other = await signed({ nonce: 7n, units: 9n })
  const wrongProvider = sampleKey('44')
  const forged = await signSample(
    SAMPLE_DEPLOYMENT,
    sampleReceipt(wrongProvider.address, { nonce: 8n }),
    wrongProvider,
  )
  const twisted = await signed({ nonce: 9n })
  const batch = [
    await signed({ nonce: 10n }),
    used,
    other,
    forged,
    { ...twisted, signature: highTwin(twisted.signature) },
    { ...(await signed({ nonce: 11n })), units: 5n },
    await signed({ nonce: 12n, assets: [sampleId('a2'), sampleId('a1')] }),
    await signed({ nonce: 13n, fee: 1n << 96n }),
    await signed({ nonce: 13n }),
    await signed({ nonce: 13n, units: 2n }),
  ]
  const rows = await rowsOf([anchor(2n, batch)])
  expect(rows.map((row) => row['verdict'])).toEqual([
    'valid',
    'valid',
    'NONCE_REUSED',
    'PROVIDER_MISMATCH',
    'SIGNATURE_INVALID',
    'DIGEST_MISMATCH',
    'RECEIPT_MALFORMED',
    'RECEIPT_MALFORMED',
    'valid',
    'NONCE_REUSED',
  ])
  expect(rows[0]).toMatchObject({ signer: KEY.address, position: 0, batch_id: 2n, nonce: 10n })
  expect(rows[3]).toMatchObject({ signer: ZERO_ADDRESS, provider: wrongProvider.address })
  // Everything fits its columns, also what is refused.
  await commitSampleBlock(store, { anchored_receipt: rows })
})

test('a batch without bodies waits for them, and one that cannot be read is malformed', async () => {
  const receipts = [await signed({ nonce: 20n }), await signed({ nonce: 21n })]
  expect(await verdicts([anchor(1n, receipts, '0x')])).toEqual(['bodyless', 'bodyless'])
  expect(await verdicts([anchor(1n, receipts, '0x1234')])).toEqual([
    'BATCH_MALFORMED',
    'BATCH_MALFORMED',
  ])
  const fewer = anchor(1n, receipts, bodiesOf(receipts.slice(1)))
  expect(await verdicts([fewer])).toEqual(['BATCH_MALFORMED', 'BATCH_MALFORMED'])
  const rows = await rowsOf([anchor(1n, receipts, '0x')])
  expect(rows[1]).toMatchObject({ digest: receipts[1]?.digest, provider: PROVIDER, assets: [] })
})

type Event = readonly [table: string, args: Readonly<Record<string, unknown>>]

function signed(changes: Partial<Receipt>): Promise<SignedReceipt> {
  return signSample(SAMPLE_DEPLOYMENT, sampleReceipt(PROVIDER, changes), KEY)
}

function keySet(active: boolean): Event {
  return ['signing_key_set', { sequence: 1n, provider: PROVIDER, signer: KEY.address, active }]
}

function assetArguments(byte: string): Readonly<Record<string, unknown>> {
  const texts = { name: '', metadataUri: '', metadataHash: sampleId('00') }
  return { sequence: 1n, assetId: sampleId(byte), creator: PROVIDER, kind: 0, ...texts }
}

function anchor(batchId: bigint, receipts: readonly SignedReceipt[], bodies?: Hex): Event {
  const args = {
    sequence: 1n,
    batchId,
    provider: PROVIDER,
    root: sampleId('00'),
    feeTotal: 0n,
    digests: receipts.map(({ digest }) => digest),
    receipts: bodies ?? bodiesOf(receipts),
  }
  return ['batch_anchored', args]
}

function bodiesOf(receipts: readonly SignedReceipt[]): Hex {
  const bodies = receipts.map((receipt) => ({
    ...receiptMessage(receipt),
    signature: receipt.signature,
  }))
  return encodeAbiParameters(RECEIPT_BATCH_PARAMETERS, [{ receipts: bodies }])
}

async function verdicts(events: readonly Event[]): Promise<readonly unknown[]> {
  return (await rowsOf(events)).map((row) => row['verdict'])
}

/** Judges the receipts of events that follow the stored blocks, one per log. */
async function rowsOf(events: readonly Event[]) {
  const decoder = createLogDecoder(SAMPLE_DEPLOYMENT)
  const block = (store.head()?.block ?? 0) + 1
  const logs = events.map(([name, args], logIndex) => {
    const table = EVENT_TABLES.find((candidate) => candidate.name === name)
    if (table === undefined) throw new Error(name)
    const { topics, data: payload } = encodeEvent(table, args)
    const address = SAMPLE_DEPLOYMENT.contracts[table.contract]
    const hash = sampleId('99')
    const place = { block, blockHash: hash, logIndex, transactionHash: hash }
    return decoder.decode({ ...place, address, topics, payload })
  })
  const head = store.head()
  const before = head === undefined ? undefined : store.pinAt(head.block)
  return anchoredReceiptRows(await scratch.open('anchored_rows'), before, logs, DOMAIN, () => 5)
}
