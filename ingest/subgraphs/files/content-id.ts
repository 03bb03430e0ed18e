import { createHash } from 'node:crypto'

import { sameBytes } from '../entity-cache/entity.ts'
import { bytesToBase58 } from '../host/conversions.ts'
import { decodeBase58, decodeMultibase, encodeBase32 } from './multibase.ts'

/** What a block of IPFS is called: how to read it, and its hash. */
export type ContentId = {
  readonly version: 0 | 1
  readonly codec: number
  readonly hashCode: number
  readonly digest: Uint8Array
  /** As graph-node writes it: version 0 in base 58, version 1 in base 32. */
  readonly text: string
}

/** Bytes without a form of their own. */
export const RAW_CODEC = 0x55
/** A node of a file or folder. */
export const NODE_CODEC = 0x70
/** JSON, and JSON with links: a gateway answers both as they are. */
export const JSON_CODECS: ReadonlySet<number> = new Set([0x0200, 0x0129])

const IDENTITY = 0x00
const HASH_NAMES: ReadonlyMap<number, string> = new Map([
  [0x12, 'sha256'],
  [0x13, 'sha512'],
  [0x14, 'sha3-512'],
  [0x15, 'sha3-384'],
  [0x16, 'sha3-256'],
  [0x17, 'sha3-224'],
  [0xb240, 'blake2b512'],
])
const DIGEST_LENGTH_MAX = 64
/** Longer ids are of no hash that is verified. */
const TEXT_LENGTH_MAX = 200

/** Reads an id of version 0 or 1; undefined for another text. */
export function parseContentId(text: string): ContentId | undefined {
  if (text.length < 2 || text.length > TEXT_LENGTH_MAX) return undefined
  const isFirst = text.length === 46 && text.startsWith('Qm')
  const bytes = isFirst ? decodeBase58(text) : decodeMultibase(text)
  return bytes === undefined ? undefined : readContentId(bytes)
}

/** Reads an id from its bytes, as links hold it; undefined for others. */
export function readContentId(bytes: Uint8Array): ContentId | undefined {
  if (bytes[0] === 0x12 && bytes[1] === 0x20) {
    if (bytes.length !== 34) return undefined
    const digest = bytes.slice(2)
    return { version: 0, codec: NODE_CODEC, hashCode: 0x12, digest, text: bytesToBase58(bytes) }
  }
  const version = readNumber(bytes, 0)
  const codec = version === undefined ? undefined : readNumber(bytes, version.end)
  const hash = codec === undefined ? undefined : readNumber(bytes, codec.end)
  const length = hash === undefined ? undefined : readNumber(bytes, hash.end)
  if (version?.value !== 1 || codec === undefined || hash === undefined || length === undefined) {
    return undefined
  }
  const digest = bytes.slice(length.end)
  if (digest.length !== length.value || digest.length > DIGEST_LENGTH_MAX) return undefined
  const text = `b${encodeBase32(bytes)}`
  return { version: 1, codec: codec.value, hashCode: hash.value, digest, text }
}

/** Whether the hash is one that can be computed here. */
export function isVerifiable({ hashCode }: ContentId): boolean {
  return hashCode === IDENTITY || HASH_NAMES.has(hashCode)
}

/** Whether the bytes are those that the id names. */
export function isNamedBy(bytes: Uint8Array, { hashCode, digest }: ContentId): boolean {
  if (hashCode === IDENTITY) return sameBytes(bytes, digest)
  const name = HASH_NAMES.get(hashCode)
  return name !== undefined && sameBytes(createHash(name).update(bytes).digest(), digest)
}

/** The bytes of an id that holds them itself; undefined where it holds a hash. */
export function inlineBytes({ hashCode, digest }: ContentId): Uint8Array | undefined {
  return hashCode === IDENTITY ? digest : undefined
}

/** An unsigned LEB128 number of at most 28 bits: codecs and hashes have no greater ones. */
function readNumber(
  bytes: Uint8Array,
  start: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let place = 0; place < 4; place += 1) {
    const byte = bytes[start + place]
    if (byte === undefined) return undefined
    value |= (byte & 0x7f) << (7 * place)
    if (byte < 0x80) return { value, end: start + place + 1 }
  }
  return undefined
}
