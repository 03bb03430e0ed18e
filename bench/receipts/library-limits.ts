import { recoverAddress } from 'viem'

import { openReceiptSigner } from '../../ingest/provider/sign-batch.ts'
import { openReceiptHasher } from '../../ingest/receipts/hash/receipt-hasher.ts'
import { openNativeRecovery, openWasmRecovery } from '../../ingest/receipts/verify/recovery.ts'
import { SAMPLE_DEPLOYMENT } from '../../ingest/simulation/sample-chain.ts'
import type { Measurement } from '../measurement.ts'
import { KEY, drawReceipt } from './load.ts'

const PROVIDER = `0x${'b0'.repeat(20)}` as const
const ITEM_COUNT = 100

/** What the libraries do by themselves in a second of processor time. */
export async function libraryLimits(): Promise<readonly Measurement[]> {
  const hasher = openReceiptHasher(SAMPLE_DEPLOYMENT)
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  const items = await Promise.all(
    Array.from({ length: ITEM_COUNT }, async (_, index) => {
      const { digest, signature } = await signer.signReceipt(drawReceipt(PROVIDER, index))
      const bytes = [digest, signature].map((hex) => Buffer.from(hex.slice(2), 'hex'))
      return { digest, signature, bytes }
    }),
  )
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
  const receipt = drawReceipt(PROVIDER, 1)
  results.push(await measure('digests', 40_000, () => hasher.digestOf(receipt)))
  return results
}

async function measure(
  contender: string,
  roundCount: number,
  run: (index: number) => unknown,
): Promise<Measurement> {
  for (let index = 0; index < ITEM_COUNT; index += 1) await run(index)
  const before = process.cpuUsage()
  for (let index = 0; index < roundCount; index += 1) await run(index % ITEM_COUNT)
  const { user, system } = process.cpuUsage(before)
  const value = roundCount / ((user + system) / 1e6)
  return { subject: 'library', contender, quantity: 'of one processor', value, unit: '/s' }
}
