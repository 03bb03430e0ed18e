// The hashes of receipts: EIP-712 digests, the leaves over them, and the root over the leaves.

import { keccak256 } from './keccak'

export { keccak256 }

/** Words before a receipt's assets, the fifth of which stands for them. */
const HEAD_BYTES: i32 = 352
const ASSETS_WORD: usize = 128

/** A type's hash and the words after it; the prefix of a message, its domain and its struct's hash. */
const STRUCT: usize = memory.data(384, 8)
const MESSAGE: usize = memory.data(72, 8)
const PAIR: usize = memory.data(64, 8)

/** Makes room for `byteLength` bytes from `__heap_base` on, and says where they are. */
export function reserve(byteLength: usize): usize {
  const end = __heap_base + byteLength
  const pageCount = <i32>((end + 0xffff) >> 16)
  const missing = pageCount - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) unreachable()
  return __heap_base
}

/** Where the hash of the receipt's type and, 32 bytes on, the domain's separator are put. */
export function useDomain(at: usize): void {
  memory.copy(STRUCT, at, 32)
  store<u16>(MESSAGE, 0x0119)
  memory.copy(MESSAGE + 2, at + 32, 32)
}

/** The digest of any struct of the domain: `byteLength` bytes, its type's hash first. */
export function structDigest(at: usize, byteLength: i32, into: usize): void {
  keccak256(at, byteLength, MESSAGE + 34)
  keccak256(MESSAGE, 66, into)
}

/** Writes the digest of each of the receipts that follow each other from `at` on. */
export function receiptDigests(at: usize, count: i32, digests: usize): void {
  let receipt = at
  for (let index = 0; index < count; index += 1) {
    memory.copy(STRUCT + 32, receipt, HEAD_BYTES)
    const assetBytes = 32 * bswap<i32>(load<i32>(receipt + HEAD_BYTES + 28))
    keccak256(receipt + HEAD_BYTES + 32, assetBytes, STRUCT + 32 + ASSETS_WORD)
    structDigest(STRUCT, 32 + HEAD_BYTES, digests + 32 * index)
    receipt += HEAD_BYTES + 32 + assetBytes
  }
}

/** Writes the leaf over each digest; returns the first that does not ascend, or -1. */
export function leavesOver(digests: usize, count: i32, leaves: usize): i32 {
  let unordered = -1
  for (let index = 0; index < count; index += 1) {
    const leaf = leaves + 32 * index
    keccak256(digests + 32 * index, 32, leaf)
    keccak256(leaf, 32, leaf)
    if (index > 0 && unordered < 0 && memory.compare(leaf - 32, leaf, 32) >= 0) unordered = index
  }
  return unordered
}

/**
 * The root over leaves, as OpenZeppelin's standard tree has it: node `i` hashes the nodes `2i + 1` and
 * `2i + 2`, the smaller first, and the leaves are the last nodes, backwards. `nodes` has room for them all.
 */
export function rootOver(leaves: usize, count: i32, nodes: usize): void {
  for (let index = 0; index < count; index += 1) {
    memory.copy(nodes + 32 * (2 * count - 2 - index), leaves + 32 * index, 32)
  }
  for (let index = count - 2; index >= 0; index -= 1) {
    const one = nodes + 32 * (2 * index + 1)
    const isOrdered = memory.compare(one, one + 32, 32) <= 0
    memory.copy(PAIR, isOrdered ? one : one + 32, 32)
    memory.copy(PAIR + 32, isOrdered ? one + 32 : one, 32)
    keccak256(PAIR, 64, nodes + 32 * index)
  }
}
