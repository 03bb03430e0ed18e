import { readFileSync } from 'node:fs'

import type { Hex } from '@foggara/schema'
import { beforeAll, expect, test } from 'vitest'

import { SAMPLE_DEPLOYMENT } from '../simulation/sample-chain.ts'
import { type ReceiptHasher, openReceiptHasher } from './hash/receipt-hasher.ts'
import { type Recovery, openRecovery } from './verify/recovery.ts'
import { verifyBatch } from './verify/verify-batch.ts'
import { verifyText } from './verify/verify-text.ts'

// The vectors that docs/receipts.md gives to other implementations, read by this one.

type Vectors = {
  readonly domain: { readonly chainId: number; readonly verifyingContract: Hex }
  readonly signer: Hex
  readonly receipts: readonly { readonly receipt: unknown; readonly digest: Hex }[]
  readonly batches: readonly {
    readonly bytes: Hex
    readonly digest: Hex
    readonly digests: readonly Hex[]
  }[]
  readonly refused: readonly { readonly name: string; readonly code: string; readonly bytes: Hex }[]
}

const PATH = new URL('../../docs/receipt-vectors.json', import.meta.url)
const { domain, signer, receipts, batches, refused } = JSON.parse(
  readFileSync(PATH, 'utf8'),
) as Vectors
const STAMP = { receivedAtSeconds: 0, lateUpToSeconds: -1 }

let hasher: ReceiptHasher
let recovery: Recovery
beforeAll(async () => {
  const { chainId, verifyingContract } = domain
  const contracts = { ...SAMPLE_DEPLOYMENT.contracts, ComputeRegistry: verifyingContract }
  hasher = openReceiptHasher({ chainId, startBlock: 1, contracts })
  recovery = await openRecovery()
})

test('the receipts of the vectors have their digests and their signer', () => {
  for (const { receipt, digest } of receipts) {
    const text = Buffer.from(JSON.stringify(receipt))
    expect(verifyText(text, hasher, recovery)).toMatchObject({ digest, signer })
  }
})

test('the batches of the vectors have their digests and their signer', () => {
  for (const { bytes, digest, digests } of batches) {
    const verified = verifyBatch(bytesOf(bytes), hasher, recovery, STAMP)
    expect(verified).toMatchObject({ digest, signer })
    const found = verified.type === 'batch' ? Buffer.from(verified.digests).toString('hex') : ''
    expect(found).toBe(digests.map((one) => one.slice(2)).join(''))
  }
})

test.each(refused)('a batch with $name is refused', ({ bytes, code }) => {
  expect(verifyBatch(bytesOf(bytes), hasher, recovery, STAMP)).toMatchObject({ code })
})

function bytesOf(hex: Hex): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex')
}
