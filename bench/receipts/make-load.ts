import { type Hex, NO_PREVIOUS_BATCH, receiptToJson } from '@foggara/schema'

import { openReceiptSigner } from '../../ingest/provider/sign-batch.ts'
import { openReceiptHasher } from '../../ingest/receipts/hash/receipt-hasher.ts'
import { loadNativeCurve } from '../../ingest/receipts/verify/recovery.ts'
import { SAMPLE_DEPLOYMENT } from '../../ingest/simulation/sample-chain.ts'
import { KEY, type LoadShare, drawReceipt, writeBodies } from './load.ts'

// A process that makes what others send: `node make-load.ts JSON`, a list of shares.

async function* batchBodies(share: LoadShare): AsyncGenerator<Uint8Array> {
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  const { provider, requestCount, receiptsPerRequest } = share
  let previous = NO_PREVIOUS_BATCH
  for (let request = 0; request < requestCount; request += 1) {
    const receipts = Array.from({ length: receiptsPerRequest }, (_, place) => {
      return drawReceipt(provider, request * receiptsPerRequest + place + 1)
    })
    const batch = await signer.signBatch(receipts, { sequence: BigInt(request + 1), previous })
    previous = batch.digest
    yield batch.bytes
  }
}

/** Signs with the native library, as a sender that has to sign each receipt would. */
async function* lineBodies(share: LoadShare): AsyncGenerator<Uint8Array> {
  const hasher = openReceiptHasher(SAMPLE_DEPLOYMENT)
  const curve = loadNativeCurve()
  if (curve === undefined) throw new Error('expected a native library to sign with, found none')
  const key = Buffer.from(KEY.privateKey.slice(2), 'hex')
  const { provider, requestCount, receiptsPerRequest } = share
  for (let request = 0; request < requestCount; request += 1) {
    const lines = Array.from({ length: receiptsPerRequest }, (_, place) => {
      const receipt = drawReceipt(provider, request * receiptsPerRequest + place + 1)
      const { signature, recid } = curve.ecdsaSign(hasher.digestOf(receipt), key)
      const v = recid === 0 ? '1b' : '1c'
      const text: Hex = `0x${Buffer.from(signature).toString('hex')}${v}`
      return JSON.stringify(receiptToJson({ ...receipt, signature: text }))
    })
    yield Buffer.from(lines.join('\n'))
  }
}

for (const share of JSON.parse(process.argv[2] ?? '[]') as readonly LoadShare[]) {
  await writeBodies(share.path, share.kind === 'lines' ? lineBodies(share) : batchBodies(share))
}
