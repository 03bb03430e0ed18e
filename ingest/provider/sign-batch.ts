import {
  type Deployment,
  FatalError,
  type Hex,
  RECEIPT_BATCH_COUNT_MAX,
  RECEIPT_BATCH_MAGIC,
  RECEIPT_BATCH_VERSION,
  type Receipt,
  type ReceiptBatchHeader,
  sum,
} from '@foggara/schema'
import { sign } from 'viem/accounts'

import { openReceiptHasher, writeHeader } from '../receipts/hash/receipt-hasher.ts'
import { encodedLength, writeReceipt, writeWord } from '../receipts/hash/receipt-words.ts'

/** Signs for a provider, with one of its signing keys. */
export type ReceiptSigner = {
  /** A receipt's id and signature, for sending it alone. */
  readonly signReceipt: (receipt: Receipt) => Promise<{
    readonly digest: Hex
    readonly signature: Hex
  }>
  /** Signs receipts of one provider together; `place` is the batch's place among the signer's. */
  readonly signBatch: (receipts: readonly Receipt[], place: BatchPlace) => Promise<SignedBatch>
}

/** Which batch of its signer one is, and the digest of the one before it. */
export type BatchPlace = Pick<ReceiptBatchHeader, 'sequence' | 'previous'>

/** A batch as it is sent. */
export type SignedBatch = {
  readonly header: ReceiptBatchHeader
  readonly digest: Hex
  readonly signature: Hex
  /** The digests of the receipts by ascending leaf: what `anchorBatch` takes. */
  readonly digests: readonly Hex[]
  readonly bytes: Uint8Array
}

/** Opens a signer for the receipts of a deployment. */
export async function openReceiptSigner(
  deployment: Deployment,
  signerKey: Hex,
): Promise<ReceiptSigner> {
  const hasher = openReceiptHasher(deployment)
  const signed = (digest: Hex): Promise<Hex> =>
    sign({ hash: digest, privateKey: signerKey, to: 'hex' })
  return {
    signReceipt: async (receipt) => {
      const digest = hexOf(hasher.digestOf(receipt))
      return { digest, signature: await signed(digest) }
    },
    signBatch: async (receipts, place) => {
      const [first] = receipts
      const isOne = receipts.every(({ provider }) => provider === first?.provider)
      if (first === undefined || receipts.length > RECEIPT_BATCH_COUNT_MAX || !isOne) {
        throw new BatchUnfitError(receipts.length)
      }
      const { words, starts } = wordsOf(receipts)
      const { digests, leaves } = hasher.hashReceipts(words, receipts.length)
      const partOf = (all: Buffer, index: number): Buffer => {
        return all.subarray(32 * index, 32 * index + 32)
      }
      const order = [...receipts.keys()].toSorted((one, other) => {
        return Buffer.compare(partOf(leaves, one), partOf(leaves, other))
      })
      const header: ReceiptBatchHeader = {
        version: RECEIPT_BATCH_VERSION,
        provider: first.provider,
        ...place,
        count: receipts.length,
        feeTotal: sum(receipts.map(({ fee }) => fee)),
        root: hexOf(hasher.rootOf(Buffer.concat(order.map((index) => partOf(leaves, index))))),
      }
      const digest = hexOf(hasher.batchDigest(header))
      const signature = await signed(digest)
      const pieces = order.map((index) => words.subarray(starts[index], starts[index + 1]))
      const bytes = encodeBatch(header, pieces, signature)
      return {
        header,
        digest,
        signature,
        digests: order.map((index) => hexOf(partOf(digests, index))),
        bytes,
      }
    },
  }
}

/** The words of receipts one behind the other, where each of them starts, and where the last ends. */
function wordsOf(receipts: readonly Receipt[]) {
  const starts = [0]
  for (const { assets } of receipts) {
    starts.push((starts.at(-1) ?? 0) + encodedLength(assets.length))
  }
  const words = Buffer.alloc(starts.at(-1) ?? 0)
  for (const [index, receipt] of receipts.entries()) {
    writeReceipt(words, starts[index] ?? 0, receipt)
  }
  return { words, starts }
}

/** Magic, version, and `abi.encode` of header, receipts and signature. */
function encodeBatch(
  header: ReceiptBatchHeader,
  receipts: readonly Buffer[],
  signature: Hex,
): Uint8Array {
  const headerBytes = 32 * 9
  const listAt = headerBytes + 32 + 32 * receipts.length
  const signatureAt = receipts.reduce((end, { length }) => end + length, listAt)
  const all = Buffer.alloc(6 + signatureAt + 128)
  all.write(RECEIPT_BATCH_MAGIC.slice(2), 0, 'hex')
  all.writeUInt16BE(header.version, 4)
  const words = all.subarray(6)
  writeHeader(words, 0, header)
  writeWord(words, headerBytes - 64, BigInt(headerBytes))
  writeWord(words, headerBytes - 32, BigInt(signatureAt))
  writeWord(words, headerBytes, BigInt(receipts.length))
  let at = listAt
  for (const [index, receipt] of receipts.entries()) {
    writeWord(words, headerBytes + 32 + 32 * index, BigInt(at - headerBytes - 32))
    words.set(receipt, at)
    at += receipt.length
  }
  writeWord(words, signatureAt, 65n)
  words.write(signature.slice(2), signatureAt + 32, 'hex')
  return all
}

function hexOf(bytes: Buffer): Hex {
  return `0x${bytes.toString('hex')}`
}

/** Receipts that cannot be one batch. */
export class BatchUnfitError extends FatalError {
  constructor(count: number) {
    const expected = `expected 1 to ${RECEIPT_BATCH_COUNT_MAX} receipts of one provider`
    super('BATCH_UNFIT', `${expected}, found ${count}, of several or of none`)
  }
}
