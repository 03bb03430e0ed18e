import type { Hex } from '@foggara/schema'

import { type Keccak, openKeccak } from '../receipts/hash/keccak.ts'

/** The fields of a header in their order, by JSON-RPC name; the last ones came with forks. */
const FIELDS = [
  ['parentHash', 'bytes'],
  ['sha3Uncles', 'bytes'],
  ['miner', 'bytes'],
  ['stateRoot', 'bytes'],
  ['transactionsRoot', 'bytes'],
  ['receiptsRoot', 'bytes'],
  ['logsBloom', 'bytes'],
  ['difficulty', 'number'],
  ['number', 'number'],
  ['gasLimit', 'number'],
  ['gasUsed', 'number'],
  ['timestamp', 'number'],
  ['extraData', 'bytes'],
  ['mixHash', 'bytes'],
  ['nonce', 'bytes'],
] as const
const FORK_FIELDS = [
  ['baseFeePerGas', 'number'],
  ['withdrawalsRoot', 'bytes'],
  ['blobGasUsed', 'number'],
  ['excessBlobGas', 'number'],
  ['parentBeaconBlockRoot', 'bytes'],
  ['requestsHash', 'bytes'],
] as const

/**
 * The hash that a header of Ethereum's form has, from the block as JSON-RPC gives it; `undefined`
 * when it lacks a field. Chains with headers of another form have other hashes.
 */
export function headerHash(block: Readonly<Record<string, unknown>>): Hex | undefined {
  let end = LIST_HEAD_BYTES
  for (const [name, form] of FIELDS) {
    const past = writeField(block[name], form, end)
    if (past === undefined) return undefined
    end = past
  }
  for (const [name, form] of FORK_FIELDS) {
    const value = block[name]
    if (value === undefined || value === null) continue
    const past = writeField(value, form, end)
    if (past === undefined) return undefined
    end = past
  }
  const start = writeListHead(end)
  keccak ??= openKeccak()
  return `0x${Buffer.from(keccak(rlp.subarray(start, end))).toString('hex')}`
}

let keccak: Keccak | undefined

/** What stands before the fields of the largest header: how long they are together. */
const LIST_HEAD_BYTES = 5
const ITEM_HEAD_BYTES_MAX = 5
/** A header is written here and hashed before the next one is. */
let rlp = Buffer.allocUnsafe(4_096)

/** Writes a field as RLP and says where it ends; `undefined` when it is no hex. */
function writeField(value: unknown, form: 'bytes' | 'number', at: number): number | undefined {
  if (typeof value !== 'string' || !value.startsWith('0x')) return undefined
  const digits = form === 'number' ? wholeDigits(value) : value.slice(2)
  if (digits.length % 2 !== 0) return undefined
  const byteLength = digits.length / 2
  reserve(at + ITEM_HEAD_BYTES_MAX + byteLength)
  const isOwnHead = byteLength === 1 && Number.parseInt(digits, 16) < 0x80
  const start = isOwnHead ? at : writeHead(0x80, byteLength, at)
  // `write` stops at the first character that is no hex digit: then it wrote fewer bytes.
  return rlp.write(digits, start, 'hex') === byteLength ? start + byteLength : undefined
}

/** A quantity without leading zeros, in whole bytes; nothing for zero. */
function wholeDigits(value: string): string {
  let first = 2
  while (value.codePointAt(first) === 0x30) first += 1
  const digits = value.slice(first)
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

function writeListHead(end: number): number {
  const byteLength = end - LIST_HEAD_BYTES
  const start = LIST_HEAD_BYTES - headBytes(byteLength)
  writeHead(0xc0, byteLength, start)
  return start
}

/** Writes how long a text (from 0x80 on) or a list (from 0xc0 on) is; says where it begins. */
function writeHead(base: number, byteLength: number, at: number): number {
  const lengthBytes = headBytes(byteLength) - 1
  if (lengthBytes === 0) return rlp.writeUInt8(base + byteLength, at)
  const after = rlp.writeUInt8(base + 55 + lengthBytes, at)
  return rlp.writeUIntBE(byteLength, after, lengthBytes)
}

function headBytes(byteLength: number): number {
  if (byteLength < 56) return 1
  return byteLength < 0x100 ? 2 : byteLength < 0x1_0000 ? 3 : byteLength < 0x100_0000 ? 4 : 5
}

function reserve(byteLength: number): void {
  if (byteLength <= rlp.length) return
  const grown = Buffer.allocUnsafe(2 * byteLength)
  rlp.copy(grown)
  rlp = grown
}
