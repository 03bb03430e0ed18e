import type { Hex, ReceiptBatchHeader } from '@foggara/schema'

import type { ReceiptHasher } from '../hash/receipt-hasher.ts'
import { WORD, encodedLength, readWord } from '../hash/receipt-words.ts'
import { type Refused, refused } from '../parse-receipt.ts'
import { type DecodedBatch, SIGNATURE_BYTES, decodeBatch } from './decode-batch.ts'
import { type BatchRows, type Stamp, encodeBatchRows } from './encode-rows.ts'
import type { Recovery } from './recovery.ts'

/** A batch whose hashes hold, with who signed it and what judging it takes. */
export type VerifiedBatch = {
  readonly type: 'batch'
  readonly header: ReceiptBatchHeader
  readonly digest: Hex
  readonly signature: Hex
  /** `undefined`: the signature is no valid one. */
  readonly signer: Hex | undefined
  /** In the order of the receipts. */
  readonly nonces: BigUint64Array
  /** 32 bytes each, in the order of the receipts. */
  readonly digests: Uint8Array
  /** When the first and the last of the receipts ended. */
  readonly finishedSeconds: readonly [bigint, bigint]
  /** Every asset with the earliest end of a receipt that names it. */
  readonly assets: readonly { readonly id: Hex; readonly usedAtSeconds: bigint }[]
  readonly rows: BatchRows
}

/** Decodes a batch and checks everything about it that needs no database. */
export function verifyBatch(
  bytes: Uint8Array,
  hasher: ReceiptHasher,
  recovery: Recovery,
  stamp: Stamp,
): VerifiedBatch | Refused {
  const batch = decodeBatch(bytes)
  if (batch.type === 'refused') return batch
  const { header, words, receipts } = batch
  const listed = words.subarray(receipts[0]?.offset, words.length - SIGNATURE_BYTES)
  const { digests, leaves, unorderedAt } = hasher.hashReceipts(listed, receipts.length)
  if (unorderedAt !== -1) {
    return refused(
      'LEAVES_NOT_ASCENDING',
      `expected ascending leaves, found others at ${unorderedAt}`,
    )
  }
  const root: Hex = `0x${hasher.rootOf(leaves).toString('hex')}`
  if (root !== header.root) {
    return refused('ROOT_MISMATCH', `expected receipts of root ${header.root}, found ${root}`)
  }
  const summary = summarise(batch)
  if (summary.feeTotal !== header.feeTotal) {
    const found = `found ${summary.feeTotal}`
    return refused('FEE_TOTAL_MISMATCH', `expected fees of ${header.feeTotal} in sum, ${found}`)
  }
  if (summary.hasRepeatedNonce) {
    return refused('NONCE_REUSED', 'expected a nonce of its own for each receipt, found one twice')
  }
  const digest = hasher.batchDigest(header)
  const signer = recovery.signerOf(digest, batch.signature)
  return {
    type: 'batch',
    header,
    digest: hexOf(digest),
    signature: hexOf(batch.signature),
    signer: signer === undefined ? undefined : hexOf(Buffer.from(signer)),
    nonces: summary.nonces,
    digests,
    finishedSeconds: summary.finishedSeconds,
    assets: summary.assets,
    rows: encodeBatchRows(batch, digests, { ...stamp, batch: digest, signer: signer ?? NOBODY }),
  }
}

const NOBODY = Buffer.alloc(20)

function summarise({ words, receipts }: DecodedBatch) {
  const nonces = new BigUint64Array(receipts.length)
  const usedAt = new Map<string, bigint>()
  let [first, last, feeTotal] = [1n << 64n, 0n, 0n]
  for (const [index, { offset, assetCount }] of receipts.entries()) {
    const uint64 = (word: number): bigint => words.readBigUInt64BE(offset + 32 * word + 24)
    const finished = uint64(WORD.finishedAtSeconds)
    nonces[index] = uint64(WORD.nonce)
    feeTotal += readWord(words, offset + 32 * WORD.fee)
    if (finished < first) first = finished
    if (finished > last) last = finished
    const start = offset + encodedLength(0)
    for (let at = start; at < start + 32 * assetCount; at += 32) {
      const id = words.toString('latin1', at, at + 32)
      const before = usedAt.get(id)
      if (before === undefined || finished < before) usedAt.set(id, finished)
    }
  }
  const ascending = nonces.toSorted()
  const assets = [...usedAt].map(([id, usedAtSeconds]) => {
    return { id: hexOf(Buffer.from(id, 'latin1')), usedAtSeconds }
  })
  return {
    nonces,
    feeTotal,
    assets,
    finishedSeconds: [first, last] as const,
    hasRepeatedNonce: ascending.some((nonce, index) => index > 0 && nonce === ascending[index - 1]),
  }
}

function hexOf(bytes: Buffer): Hex {
  return `0x${bytes.toString('hex')}`
}
