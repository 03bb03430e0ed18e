import type { Hex } from '@foggara/schema'
import { keccak256, toRlp } from 'viem'

import { rlpNumber } from './receipts-root.ts'

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
  const present = FORK_FIELDS.filter(([name]) => block[name] !== undefined && block[name] !== null)
  const values = [...FIELDS, ...present].map(([name, form]) => {
    const value = block[name]
    if (typeof value !== 'string' || !/^0x[0-9a-f]*$/iu.test(value)) return undefined
    return form === 'number' ? rlpNumber(BigInt(value)) : (value as Hex)
  })
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? keccak256(toRlp(known)) : undefined
}
