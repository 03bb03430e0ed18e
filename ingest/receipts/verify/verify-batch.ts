import { type Hex, type ReceiptBatchHeader, invariant } from '@foggara/schema'

import type { ReceiptHasher } from '../hash/receipt-hasher.ts'
import { WORD, encodedLength } from '../hash/receipt-words.ts'
import { type Refused, refused } from '../parse-receipt.ts'
import { type DecodedBatch, SIGNATURE_BYTES, decodeBatch } from './decode-batch.ts'
import {
  type BatchStamp,
  type ReceiptBlock,
  type Stamp,
  encodeReceiptBlock,
  readSeconds,
} from './encode-block.ts'
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
  readonly nonceRange: readonly [bigint, bigint]
  /** When the first and the last of the receipts ended. Above 2^53 it is near that. */
  readonly finishedSeconds: readonly [bigint, bigint]
  /** Every asset with the earliest end of a receipt that names it. */
  readonly assets: readonly { readonly id: Hex; readonly usedAtSeconds: bigint }[]
  readonly block: ReceiptBlock
  /** What the block was stamped with. */
  readonly stamp: BatchStamp
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
  const whole = { ...stamp, batch: digest, signer: signer ?? NOBODY }
  return {
    type: 'batch',
    header,
    digest: hexOf(digest),
    signature: hexOf(batch.signature),
    signer: signer === undefined ? undefined : hexOf(Buffer.from(signer)),
    nonces: summary.nonces,
    nonceRange: summary.nonceRange,
    digests,
    finishedSeconds: summary.finishedSeconds,
    assets: summary.assets,
    block: encodeReceiptBlock(batch, digests, whole),
    stamp: whole,
  }
}

/** The receipts of a batch without some, by their positions: those that are stored already. */
export function blockWithout(
  bytes: Uint8Array,
  { digests, stamp, block }: VerifiedBatch,
  positions: ReadonlySet<number>,
): ReceiptBlock {
  if (positions.size === 0) return block
  const batch = decodeBatch(bytes)
  invariant(batch.type === 'batch', 'a verified batch is one')
  const others = [...batch.receipts.keys()].filter((position) => !positions.has(position))
  return encodeReceiptBlock(batch, digests, stamp, others)
}

/** In the place of a signer where there is none; such a batch is never stored. */
const NOBODY = Buffer.alloc(20)

function summarise({ words, receipts }: DecodedBatch) {
  const view = new DataView(words.buffer, words.byteOffset, words.length)
  const nonces = new BigUint64Array(receipts.length)
  const usedAt = new Map<string, number>()
  const fee = [0, 0, 0]
  let [first, last] = [0, 0]
  for (const [index, { offset, assetCount }] of receipts.entries()) {
    const end = offset + 32 * (WORD.fee + 1)
    nonces[index] = view.getBigUint64(offset + 32 * WORD.nonce + 24)
    // A fee has at most three limbs of 32 bits, so that their sums stay exact.
    for (let limb = 0; limb < 3; limb += 1) {
      fee[limb] = (fee[limb] ?? 0) + view.getUint32(end - 4 * (limb + 1))
    }
    const finished = readSeconds(view, offset + 32 * WORD.finishedAtSeconds)
    if (finished < finishedOf(first)) first = index
    if (finished > finishedOf(last)) last = index
    const start = offset + encodedLength(0)
    for (let at = start; at < start + 32 * assetCount; at += 32) {
      const id = words.toString('latin1', at, at + 32)
      const before = usedAt.get(id)
      if (before === undefined || finished < before) usedAt.set(id, finished)
    }
  }
  function finishedOf(index: number): number {
    return readSeconds(view, (receipts[index]?.offset ?? 0) + 32 * WORD.finishedAtSeconds)
  }
  const ascending = nonces.toSorted()
  return {
    nonces,
    nonceRange: [ascending[0] ?? 0n, ascending.at(-1) ?? 0n] as const,
    feeTotal: fee.reduceRight((total, limb) => (total << 32n) + BigInt(limb), 0n),
    finishedSeconds: [BigInt(finishedOf(first)), BigInt(finishedOf(last))] as const,
    assets: [...usedAt].map(([id, seconds]) => {
      return { id: hexOf(Buffer.from(id, 'latin1')), usedAtSeconds: BigInt(seconds) }
    }),
    hasRepeatedNonce: ascending.some((nonce, index) => index > 0 && nonce === ascending[index - 1]),
  }
}

function hexOf(bytes: Buffer): Hex {
  return `0x${bytes.toString('hex')}`
}
