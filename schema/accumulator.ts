import { type AbiEvent, encodeAbiParameters, keccak256, toEventSelector } from 'viem'

import { invariant } from './errors.ts'
import type { Hex } from './hex.ts'

/** How far a contract's own event log has come: one `eth_call` returns it (`accumulator()`). */
export type Accumulator = { readonly sequence: bigint; readonly hash: Hex }

/** The accumulator of a contract that has emitted nothing. */
export const EMPTY_ACCUMULATOR: Accumulator = { sequence: 0n, hash: `0x${'00'.repeat(32)}` }

/** The call that reads a contract's accumulator. */
export const accumulatorAbi = [
  {
    type: 'function',
    name: 'accumulator',
    stateMutability: 'view',
    inputs: [],
    outputs: [
      { name: 'sequence', type: 'uint64' },
      { name: 'hash', type: 'bytes32' },
    ],
  },
] as const

/**
 * Folds one event into its contract's accumulator, as the contracts do:
 * `hash' = keccak256(abi.encode(hash, sequence', keccak256(abi.encode(topic0, every argument but sequence))))`
 * where `sequence' = sequence + 1` and arguments are encoded in declared order, indexed or not.
 */
export function accumulate(
  before: Accumulator,
  event: AbiEvent,
  argumentsByName: Readonly<Record<string, unknown>>,
): Accumulator {
  invariant(event.inputs[0]?.name === 'sequence', `${event.name} must carry its sequence first`)
  const inputs = event.inputs.slice(1)
  const digest = keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, ...inputs],
      [toEventSelector(event), ...inputs.map((input) => argumentsByName[input.name ?? ''])],
    ),
  )
  const sequence = before.sequence + 1n
  const hash = keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint64' }, { type: 'bytes32' }],
      [before.hash, sequence, digest],
    ),
  )
  return { sequence, hash }
}
