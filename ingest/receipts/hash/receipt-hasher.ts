import {
  type Deployment,
  RECEIPT_BATCH_TYPES,
  RECEIPT_TYPES,
  type Receipt,
  type ReceiptBatchHeader,
  receiptDomain,
} from '@foggara/schema'
import { domainSeparator, stringToBytes } from 'viem'

import { type HashKernel, openHashKernel } from './hash-kernel.ts'
import { openKeccak } from './keccak.ts'
import { encodedLength, writeReceipt, writeWord } from './receipt-words.ts'

/** The EIP-712 digests of one deployment's receipts and batches, and their Merkle trees. */
export type ReceiptHasher = {
  readonly digestOf: (receipt: Receipt) => Buffer
  readonly batchDigest: (header: ReceiptBatchHeader) => Buffer
  /** Hashes receipts whose words follow each other. */
  readonly hashReceipts: (words: Uint8Array, count: number) => HashedReceipts
  /** The root over ascending leaves of 32 bytes each, at least one. */
  readonly rootOf: (leaves: Uint8Array) => Buffer
}

/** Digests and leaves, 32 bytes each, in the order of the receipts. */
export type HashedReceipts = {
  readonly digests: Buffer
  readonly leaves: Buffer
  /** The first leaf that is not above the one before it; -1 when all ascend. */
  readonly unorderedAt: number
}

/** Opens the hasher for the receipts of a deployment. */
export function openReceiptHasher(deployment: Deployment): ReceiptHasher {
  const kernel = openHashKernel()
  useDomain(kernel, deployment)
  const header = Buffer.alloc(32 * 8)
  header.set(typeHash('ReceiptBatch', RECEIPT_BATCH_TYPES.ReceiptBatch))
  return {
    digestOf: (receipt) => {
      const words = Buffer.alloc(encodedLength(receipt.assets.length))
      writeReceipt(words, 0, receipt)
      const at = kernel.reserve(32 + words.length)
      const memory = kernel.bytes()
      memory.set(words, at + 32)
      kernel.receiptDigests(at + 32, 1, at)
      return copyOf(memory, at, 32)
    },
    batchDigest: (batch) => {
      writeHeader(header, 32, batch)
      const at = kernel.reserve(32 + header.length)
      const memory = kernel.bytes()
      memory.set(header, at + 32)
      kernel.structDigest(at + 32, header.length, at)
      return copyOf(memory, at, 32)
    },
    hashReceipts: (words, count) => {
      const [digests, leaves] = placesOf(kernel, 64 * count + words.length, 32 * count)
      const memory = kernel.bytes()
      memory.set(words, leaves + 32 * count)
      kernel.receiptDigests(leaves + 32 * count, count, digests)
      const unorderedAt = kernel.leavesOver(digests, count, leaves)
      return {
        digests: copyOf(memory, digests, 32 * count),
        leaves: copyOf(memory, leaves, 32 * count),
        unorderedAt,
      }
    },
    rootOf: (leaves) => {
      const [at, nodes] = placesOf(kernel, 3 * leaves.length, leaves.length)
      const memory = kernel.bytes()
      memory.set(leaves, at)
      kernel.rootOver(at, leaves.length / 32, nodes)
      return copyOf(memory, nodes, 32)
    },
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

function useDomain(kernel: HashKernel, { chainId, contracts }: Deployment): void {
  const domain = receiptDomain(chainId, contracts.ComputeRegistry)
  const at = kernel.reserve(64)
  const memory = kernel.bytes()
  memory.set(typeHash('Receipt', RECEIPT_TYPES.Receipt), at)
  memory.write(domainSeparator({ domain }).slice(2), at + 32, 'hex')
  kernel.useDomain(at)
}

function typeHash(
  name: string,
  fields: readonly { readonly name: string; readonly type: string }[],
): Buffer {
  const list = fields.map((field) => `${field.type} ${field.name}`).join(',')
  return openKeccak()(stringToBytes(`${name}(${list})`))
}

/** Room for `byteLength` bytes: where it begins, and what is `offset` behind that. */
function placesOf(
  kernel: HashKernel,
  byteLength: number,
  offset: number,
): readonly [number, number] {
  const at = kernel.reserve(byteLength)
  return [at, at + offset]
}

function copyOf(memory: Buffer, at: number, byteLength: number): Buffer {
  return Buffer.from(memory.subarray(at, at + byteLength))
}
