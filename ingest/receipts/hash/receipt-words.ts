import { type Hex, type Receipt, WORKLOADS } from '@foggara/schema'

// A receipt as the 32-byte words of its ABI encoding. EIP-712 hashes the same words, with the hash of
// the assets in the place of their offset, so neither decoding nor hashing has to rewrite a number.

/** Words of a receipt before its assets. */
export const HEAD_WORDS = 11
/** Bytes of a receipt before its assets. */
export const HEAD_BYTES = 32 * HEAD_WORDS

/** Where each field stands among the words of a receipt. */
export const WORD = {
  provider: 0,
  consumer: 1,
  workload: 2,
  nonce: 3,
  assets: 4,
  units: 5,
  fee: 6,
  startedAtSeconds: 7,
  finishedAtSeconds: 8,
  inputHash: 9,
  outputHash: 10,
} as const

/** Bytes that a receipt of so many assets takes: head, number of assets, assets. */
export function encodedLength(assetCount: number): number {
  return HEAD_BYTES + 32 + 32 * assetCount
}

/** Writes a receipt at an offset of bytes that are zero there. */
export function writeReceipt(target: Buffer, offset: number, receipt: Receipt): void {
  const place = (word: number): number => offset + 32 * word
  const number = (word: number, value: bigint): void => writeWord(target, place(word), value)
  const bytes = (word: number, hex: Hex, byteLength: number): void => {
    target.write(hex.slice(2), place(word) + 32 - byteLength, byteLength, 'hex')
  }
  bytes(WORD.provider, receipt.provider, 20)
  bytes(WORD.consumer, receipt.consumer, 20)
  number(WORD.workload, BigInt(WORKLOADS.indexOf(receipt.workload)))
  number(WORD.nonce, receipt.nonce)
  number(WORD.assets, BigInt(HEAD_BYTES))
  number(WORD.units, receipt.units)
  number(WORD.fee, receipt.fee)
  number(WORD.startedAtSeconds, receipt.startedAtSeconds)
  number(WORD.finishedAtSeconds, receipt.finishedAtSeconds)
  bytes(WORD.inputHash, receipt.inputHash, 32)
  bytes(WORD.outputHash, receipt.outputHash, 32)
  number(HEAD_WORDS, BigInt(receipt.assets.length))
  for (const [index, asset] of receipt.assets.entries()) bytes(HEAD_WORDS + 1 + index, asset, 32)
}

/** Writes an unsigned integer as one word, most significant byte first. */
export function writeWord(target: Buffer, offset: number, value: bigint): void {
  if (value < LIMB_BOUND) {
    target.fill(0, offset, offset + 24)
    target.writeBigUInt64BE(value, offset + 24)
    return
  }
  for (let limb = 3; limb >= 0; limb -= 1) {
    target.writeBigUInt64BE(BigInt.asUintN(64, value >> BigInt(64 * (3 - limb))), offset + 8 * limb)
  }
}

const LIMB_BOUND = 1n << 64n

/** Reads one word as an unsigned integer. */
export function readWord(source: Buffer, offset: number): bigint {
  let value = 0n
  for (let limb = 0; limb < 4; limb += 1) {
    value = (value << 64n) | source.readBigUInt64BE(offset + 8 * limb)
  }
  return value
}
