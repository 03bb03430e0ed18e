import {
  type Hex,
  type Receipt,
  SIGNED_BATCH_PARAMETERS,
  WORKLOADS,
  receiptBatchDigest,
  receiptDigest,
  receiptDomain,
  receiptLeaf,
  receiptMessage,
  receiptRoot,
  receiptToJson,
} from '@foggara/schema'
import { array, assert, asyncProperty, bigInt, constantFrom, uint8Array } from 'fast-check'
import { encodeAbiParameters, recoverAddress } from 'viem'
import { beforeAll, expect, test } from 'vitest'

import { openReceiptSigner } from '../../provider/sign-batch.ts'
import { SAMPLE_DEPLOYMENT } from '../../simulation/sample-chain.ts'
import {
  highTwin,
  sampleKey,
  sampleReceipt,
  signSample,
  zeroBasedTwin,
} from '../../simulation/sample-receipt.ts'
import { type ReceiptHasher, openReceiptHasher } from '../hash/receipt-hasher.ts'
import { type Recovery, openNativeRecovery, openWasmRecovery } from './recovery.ts'
import { verifyBatch } from './verify-batch.ts'
import { verifyText } from './verify-text.ts'

const RUNS = { seed: 20_261_122, numRuns: 40 }
const PROVIDER: Hex = `0x${'b0'.repeat(20)}`
const DOMAIN = receiptDomain(SAMPLE_DEPLOYMENT.chainId, SAMPLE_DEPLOYMENT.contracts.ComputeRegistry)
const STAMP = { receivedAtSeconds: 7, lateUpToSeconds: -1 }

let hasher: ReceiptHasher
let recoveries: readonly Recovery[]
beforeAll(async () => {
  hasher = openReceiptHasher(SAMPLE_DEPLOYMENT)
  const native = await openNativeRecovery()
  recoveries = [...(native === undefined ? [] : [native]), await openWasmRecovery()]
})

const bytesOf = (length: number) =>
  uint8Array({ minLength: length, maxLength: length }).map(
    (bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`,
  )
const integer = (bits: bigint) => bigInt(0n, (1n << bits) - 1n)

const anyReceipt = array(bytesOf(32), { minLength: 1, maxLength: 16 }).chain((assets) =>
  bytesOf(20).chain((consumer) =>
    array(integer(64n), { minLength: 3, maxLength: 3 }).chain(([nonce = 0n, one = 0n, two = 0n]) =>
      integer(256n).chain((units) =>
        integer(96n).chain((fee) =>
          constantFrom(...WORKLOADS).map((workload): Receipt => {
            const changes = { consumer, workload, nonce, units, fee }
            const times = { startedAtSeconds: one < two ? one : two }
            const ended = { finishedAtSeconds: one < two ? two : one }
            const sorted = { assets: [...new Set(assets)].toSorted() }
            return sampleReceipt(PROVIDER, { ...changes, ...times, ...ended, ...sorted })
          }),
        ),
      ),
    ),
  ),
)

test('digests and signers are those of viem, of every library', async () => {
  const law = asyncProperty(anyReceipt, bytesOf(32), async (receipt, privateKey) => {
    if (BigInt(privateKey) === 0n) return
    const signed = await signSample(SAMPLE_DEPLOYMENT, receipt, { privateKey, address: '0x' })
    const signature = signed.signature
    const signer = (await recoverAddress({ hash: signed.digest, signature })).toLowerCase()
    const text = Buffer.from(JSON.stringify(receiptToJson(signed)))
    for (const recovery of recoveries) {
      const verified = verifyText(text, hasher, recovery)
      expect(verified).toMatchObject({ digest: receiptDigest(receipt, DOMAIN), signer })
    }
  })
  await assert(law, RUNS)
})

test('what is no signature of the one valid form recovers nobody', async () => {
  const signed = await signSample(SAMPLE_DEPLOYMENT, sampleReceipt(PROVIDER), sampleKey('11'))
  const good = signed.signature
  const digest = Buffer.from(signed.digest.slice(2), 'hex')
  const zero = '00'.repeat(32)
  const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'
  const cases: readonly Hex[] = [
    highTwin(good),
    zeroBasedTwin(good),
    `0x${good.slice(2, 130)}1d`,
    `0x${zero}${good.slice(66)}`,
    `0x${good.slice(2, 66)}${zero}${good.slice(130)}`,
    `0x${order}${good.slice(66)}`,
    `0x${'ff'.repeat(32)}${good.slice(66)}`,
    `0x${good.slice(2, 130)}`,
    '0x',
  ]
  for (const { library, signerOf } of recoveries) {
    for (const signature of cases) {
      const found = signerOf(digest, Buffer.from(signature.slice(2), 'hex'))
      expect(found, `${library} ${signature}`).toBeUndefined()
    }
  }
})

test('a batch is exactly what abi.encode makes of it, and its hashes are those of viem', async () => {
  const key = sampleKey('22')
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, key.privateKey)
  const place = { sequence: 3n, previous: `0x${'99'.repeat(32)}` as const }
  const law = asyncProperty(array(anyReceipt, { minLength: 1, maxLength: 9 }), async (drawn) => {
    const receipts = drawn.map((receipt, index) => ({ ...receipt, nonce: BigInt(index) }))
    const { header, digest, digests, signature, bytes } = await signer.signBatch(receipts, place)
    const byDigest = new Map(receipts.map((receipt) => [receiptDigest(receipt, DOMAIN), receipt]))
    const sorted = digests.flatMap((one) => byDigest.get(one) ?? [])
    const encoded = encodeAbiParameters(SIGNED_BATCH_PARAMETERS, [
      header,
      sorted.map(receiptMessage),
      signature,
    ])
    expect(Buffer.from(bytes).toString('hex')).toBe(`464752420001${encoded.slice(2)}`)
    expect(header.root).toBe(receiptRoot(digests.map(receiptLeaf)))
    expect(digest).toBe(receiptBatchDigest(header, DOMAIN))
    for (const recovery of recoveries) {
      const verified = verifyBatch(bytes, hasher, recovery, STAMP)
      expect(verified).toMatchObject({ digest, signer: key.address, header })
    }
  })
  await assert(law, RUNS)
})

test('a batch of which any byte is changed is refused, or signed by somebody else', async () => {
  const key = sampleKey('22')
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, key.privateKey)
  const receipts = [1n, 2n, 3n].map((nonce) => sampleReceipt(PROVIDER, { nonce }))
  const place = { sequence: 1n, previous: `0x${'00'.repeat(32)}` as const }
  const { bytes } = await signer.signBatch(receipts, place)
  const [recovery] = recoveries
  if (recovery === undefined) throw new Error('a library')
  const codes = new Set<string>()
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Uint8Array.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    const verified = verifyBatch(changed, hasher, recovery, STAMP)
    const isOurs = verified.type === 'batch' && verified.signer === key.address
    codes.add(verified.type === 'refused' ? verified.code : isOurs ? `byte ${at}` : 'SIGNED')
  }
  expect([...codes].toSorted()).toEqual([
    'BATCH_MALFORMED',
    'BATCH_VERSION_UNKNOWN',
    'FEE_TOTAL_MISMATCH',
    'LEAVES_NOT_ASCENDING',
    'ROOT_MISMATCH',
    'SIGNED',
  ])
})
