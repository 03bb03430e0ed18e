import {
  type Deployment,
  RECEIPT_BATCH_TYPES,
  RECEIPT_TYPES,
  type Receipt,
  type ReceiptBatchHeader,
  receiptDomain,
} from '@foggara/schema'
import { domainSeparator, stringToBytes } from 'viem'

import { type Keccak, openKeccak } from './keccak.ts'
import { HEAD_BYTES, WORD, encodedLength, writeReceipt, writeWord } from './receipt-words.ts'

/** The EIP-712 digests of one deployment's receipts and batches, and their Merkle trees. */
export type ReceiptHasher = {
  /** The digest of a receipt whose words start at `offset`. */
  readonly digestAt: (words: Buffer, offset: number, assetCount: number) => Buffer
  readonly digestOf: (receipt: Receipt) => Buffer
  readonly batchDigest: (header: ReceiptBatchHeader) => Buffer
  readonly leafOf: (digest: Uint8Array) => Buffer
  /** The root over ascending leaves, at least one. */
  readonly rootOf: (leaves: readonly Buffer[]) => Buffer
  readonly keccak: Keccak
}

/** Opens the hasher for the receipts of a deployment. */
export async function openReceiptHasher(deployment: Deployment): Promise<ReceiptHasher> {
  const keccak = await openKeccak()
  const finish = finisher(keccak, deployment)
  // The type's hash stands before the words.
  const struct = Buffer.alloc(32 + HEAD_BYTES)
  struct.set(typeHash(keccak, 'Receipt', RECEIPT_TYPES.Receipt))
  const digestAt: ReceiptHasher['digestAt'] = (words, offset, assetCount) => {
    words.copy(struct, 32, offset, offset + HEAD_BYTES)
    const assets = offset + encodedLength(0)
    struct.set(keccak(words.subarray(assets, assets + 32 * assetCount)), 32 + 32 * WORD.assets)
    return finish(struct)
  }
  const batch = Buffer.alloc(32 * 8)
  batch.set(typeHash(keccak, 'ReceiptBatch', RECEIPT_BATCH_TYPES.ReceiptBatch))
  return {
    digestAt,
    digestOf: (receipt) => {
      const words = Buffer.alloc(encodedLength(receipt.assets.length))
      writeReceipt(words, 0, receipt)
      return digestAt(words, 0, receipt.assets.length)
    },
    batchDigest: (header) => {
      writeHeader(batch, 32, header)
      return finish(batch)
    },
    leafOf: (digest) => Buffer.from(keccak(keccak(digest))),
    rootOf: (leaves) => rootOf(keccak, leaves),
    keccak,
  }
}

/** Writes the seven words of a batch's header. */
export function writeHeader(target: Buffer, offset: number, header: ReceiptBatchHeader): void {
  const values = [
    BigInt(header.version),
    BigInt(header.provider),
    header.sequence,
    BigInt(header.previous),
    BigInt(header.count),
    header.feeTotal,
    BigInt(header.root),
  ]
  for (const [index, value] of values.entries()) writeWord(target, offset + 32 * index, value)
}

function finisher(keccak: Keccak, { chainId, contracts }: Deployment) {
  const domain = receiptDomain(chainId, contracts.ComputeRegistry)
  const message = Buffer.alloc(66)
  message.write('1901', 'hex')
  message.write(domainSeparator({ domain }).slice(2), 2, 'hex')
  return (struct: Buffer): Buffer => {
    message.set(keccak(struct), 34)
    return Buffer.from(keccak(message))
  }
}

function typeHash(
  keccak: Keccak,
  name: string,
  fields: readonly { readonly name: string; readonly type: string }[],
): Uint8Array {
  const list = fields.map((field) => `${field.type} ${field.name}`).join(',')
  return keccak(stringToBytes(`${name}(${list})`))
}

/** OpenZeppelin's standard tree: node i hashes the nodes 2i + 1 and 2i + 2, the smaller first. */
function rootOf(keccak: Keccak, leaves: readonly Buffer[]): Buffer {
  const pair = Buffer.alloc(64)
  // The leaves are the last nodes, backwards; the others are filled in from behind.
  const tree: Buffer[] = [...leaves.slice(1).map(() => pair), ...leaves.toReversed()]
  for (let index = leaves.length - 2; index >= 0; index -= 1) {
    const [one, other] = [tree[2 * index + 1] ?? pair, tree[2 * index + 2] ?? pair]
    const isOrdered = Buffer.compare(one, other) <= 0
    pair.set(isOrdered ? one : other, 0)
    pair.set(isOrdered ? other : one, 32)
    tree[index] = Buffer.from(keccak(pair))
  }
  return tree[0] ?? pair
}
