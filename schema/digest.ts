import { concatHex, numberToHex, sha256 } from 'viem'

import type { Hex } from './hex.ts'
import type { Relations } from './table/relation.ts'

/**
 * Digests of the raw archive, by which two indexes of one chain are compared without sending rows.
 *
 * - log:   `L = sha256(log index as u32 ‖ transaction hash ‖ address ‖ topic count as u8 ‖ topics ‖ payload)`
 * - block: `D0 = sha256(0x00 ‖ block number as u64 ‖ block hash ‖ L of each log, by log index)`
 * - range: `Dk = sha256(0x01 ‖ k as u8 ‖ Dk-4 of each part that holds a block, ascending)`
 *
 * Integers are big-endian. A range of level k holds the blocks from `i·2^k` up to the next multiple,
 * as far as they are indexed; k is a multiple of 4, so a range has up to 16 parts. `digestSql` computes
 * the same in ClickHouse.
 */
export type RangeDigest = {
  readonly firstBlock: number
  readonly lastBlock: number
  readonly digest: Hex
}

/** What a block's digest is computed from. */
export type DigestedBlock = {
  readonly block: number
  readonly hash: Hex
  /** Ascending by log index. */
  readonly logs: readonly DigestedLog[]
}

/** What a log's digest is computed from. */
export type DigestedLog = {
  readonly logIndex: number
  readonly transactionHash: Hex
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly payload: Hex
}

/** How many levels lie between a range and its parts. */
export const DIGEST_STEP = 4

/** The levels that digests are computed at: of single blocks up to 2^24 of them. */
export const DIGEST_LEVELS: readonly number[] = [0, 4, 8, 12, 16, 20, 24]

/** The most blocks that are digested by one statement: memory grows with them. */
export const DIGEST_BLOCKS_MAX = 65_536

/** The digest of one block with its logs. */
export function blockDigest({ block, hash, logs }: DigestedBlock): Hex {
  return sha256(concatHex(['0x00', numberToHex(block, { size: 8 }), hash, ...logs.map(logDigest)]))
}

/** The digest of a range of `level` from those of its parts, ascending. */
export function rangeDigest(level: number, parts: readonly Hex[]): Hex {
  return sha256(concatHex(['0x01', numberToHex(level, { size: 1 }), ...parts]))
}

/** How many blocks a range of a level has. */
export function digestBlocks(level: number): number {
  return 2 ** level
}

/**
 * SQL of the digests of `level` over the blocks from `firstBlock` to `lastBlock`, ascending, as columns
 * `first_block`, `last_block` and `digest` (32 bytes); whoever asks for whole ranges gets digests that
 * can be compared. It reads the payload of every log in them.
 */
export function digestSql(
  from: Relations,
  level: number,
  span: { readonly firstBlock: number; readonly lastBlock: number },
): string {
  const between = `block between ${span.firstBlock} and ${span.lastBlock}`
  // The block itself comes before its logs, whose places count from 1.
  const leaves = `
    select
      block as first_block,
      block as last_block,
      SHA256(concat(
        unhex('00'),
        ${bigEndian('UInt64', 'block')},
        arrayStringConcat(arrayMap(part -> part.2, arraySort(groupArray((place, bytes)))))
      )) as digest
    from (
      select block, toUInt64(0) as place, ${asString('hash')} as bytes
      from ${from.relation('block')} as stored where ${between}
      union all
      select block, toUInt64(log_index) + 1, ${LOG_DIGEST_SQL}
      from ${from.relation('log')} as archived where ${between}
    )
    group by block`
  return `${levelSql(level, leaves)} order by first_block`
}

function logDigest({ logIndex, transactionHash, address, topics, payload }: DigestedLog): Hex {
  return sha256(
    concatHex([
      numberToHex(logIndex, { size: 4 }),
      transactionHash,
      address,
      numberToHex(topics.length, { size: 1 }),
      ...topics,
      payload,
    ]),
  )
}

/** An integer as bytes of a fixed length, the highest first. */
function bigEndian(type: 'UInt8' | 'UInt32' | 'UInt64', value: string): string {
  return asString(`reinterpretAsFixedString(byteSwap(to${type}(${value})))`)
}

/** Bytes of a fixed length as a string: `toString` would cut zeros off their end. */
function asString(bytes: string): string {
  return `concat(${bytes}, '')`
}

const LOG_DIGEST_SQL = asString(`SHA256(concat(
        ${bigEndian('UInt32', 'log_index')},
        ${asString('transaction_hash')},
        ${asString('address')},
        ${bigEndian('UInt8', 'length(topics)')},
        arrayStringConcat(arrayMap(topic -> ${asString('topic')}, topics)),
        payload
      ))`)

function levelSql(level: number, leaves: string): string {
  if (level === 0) return leaves
  return `
    select
      min(parts.first_block) as first_block,
      max(parts.last_block) as last_block,
      SHA256(concat(
        unhex('01'),
        ${bigEndian('UInt8', String(level))},
        arrayStringConcat(arrayMap(
          part -> ${asString('part.2')}, arraySort(groupArray((parts.first_block, parts.digest)))
        ))
      )) as digest
    from (${levelSql(level - DIGEST_STEP, leaves)}) as parts
    group by intDiv(parts.first_block, ${digestBlocks(level)})`
}
