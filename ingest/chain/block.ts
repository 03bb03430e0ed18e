import { type Hex, HexError, parseAddress, parseBytes32, parseHex } from '@foggara/schema'

import { columnsOf } from '../scan/columns-of-logs.ts'
import { type ScannedLogs, isScannedLogs, logsOf, scannedLogs } from '../scan/scanned-logs.ts'
import { RpcResponseInvalidError } from './rpc-errors.ts'

/** What the index needs of a block's header. */
export type Header = {
  readonly block: number
  readonly hash: Hex
  readonly parentHash: Hex
  readonly atSeconds: number
  /** 256 bytes. */
  readonly logsBloom: Hex
}

/** One log as the chain gave it. */
export type Log = {
  readonly block: number
  readonly blockHash: Hex
  readonly logIndex: number
  readonly transactionHash: Hex
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly payload: Hex
}

/**
 * Decodes the answer of `eth_getBlockBy…`; `undefined` when the node does not have the block.
 *
 * @throws {RpcResponseInvalidError}
 */
export function decodeHeader(value: unknown, shownUrl: string): Header | undefined {
  if (value === null || value === undefined) return undefined
  return decoding(shownUrl, 'a block', () => {
    const fields = recordOf(value)
    return {
      block: integerOf(fields['number'], 'number'),
      hash: parseBytes32(fields['hash'], 'hash'),
      parentHash: parseBytes32(fields['parentHash'], 'parentHash'),
      atSeconds: integerOf(fields['timestamp'], 'timestamp'),
      logsBloom: parseHex(fields['logsBloom'], 256, 'logsBloom'),
    }
  })
}

/**
 * Decodes the answer of `eth_getLogs`: what the scanner read of it, or JSON.
 *
 * @throws {RpcResponseInvalidError} also when a log is marked as removed.
 */
export function decodeLogs(value: unknown, shownUrl: string): readonly Log[] {
  if (isScannedLogs(value)) return logsOf(value)
  return decoding(shownUrl, 'a list of logs', () => {
    if (!Array.isArray(value)) throw new TypeError(typeof value)
    return value.map((item: unknown) => {
      const fields = recordOf(item)
      if (fields['removed'] === true) throw new TypeError('a removed log')
      const topics: unknown = fields['topics']
      if (!Array.isArray(topics) || topics.length > 4) throw new TypeError('topics of another kind')
      return {
        block: integerOf(fields['blockNumber'], 'blockNumber'),
        blockHash: parseBytes32(fields['blockHash'], 'blockHash'),
        logIndex: integerOf(fields['logIndex'], 'logIndex'),
        transactionHash: parseBytes32(fields['transactionHash'], 'transactionHash'),
        address: parseAddress(fields['address']),
        topics: topics.map((topic) => parseBytes32(topic, 'topic')),
        payload: bytesOf(fields['data']),
      }
    })
  })
}

/**
 * The answer of `eth_getLogs` as columns: what the scanner read of it, or JSON.
 *
 * @throws {RpcResponseInvalidError} also when a log is marked as removed.
 */
export function scannedLogsOf(value: unknown, shownUrl: string): ScannedLogs {
  if (isScannedLogs(value)) return value
  const columns = columnsOf(decodeLogs(value, shownUrl))
  return scannedLogs(columns, 0, columns.count)
}

/** Decodes a quantity, such as the answer of `eth_chainId`. */
export function decodeQuantity(value: unknown, shownUrl: string): number {
  return decoding(shownUrl, 'a quantity', () => integerOf(value, 'quantity'))
}

/** A block number as JSON-RPC writes it. */
export function quantity(value: number): Hex {
  return `0x${value.toString(16)}`
}

/** Runs a decoder; what it finds wrong becomes an invalid answer. */
export function decoding<T>(shownUrl: string, expected: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof HexError)) throw error
    throw new RpcResponseInvalidError(shownUrl, expected, error.message, error)
  }
}

/** The fields of a JSON object. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError(String(value))
  return value as Readonly<Record<string, unknown>>
}

/** A quantity that fits a number. */
export function integerOf(value: unknown, what: string): number {
  const valid = typeof value === 'string' && /^0x[0-9a-f]{1,14}$/iu.test(value)
  const integer = valid ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(integer)) throw new TypeError(`${what} ${String(value).slice(0, 40)}`)
  return integer
}

function bytesOf(value: unknown): Hex {
  const length = typeof value === 'string' ? value.length : 1
  if (length % 2 !== 0) throw new TypeError('half a byte')
  return parseHex(value, length / 2 - 1, 'data')
}
