import type { Hex } from '@foggara/schema'
import { concatHex, keccak256, numberToHex, toRlp } from 'viem'

import type { Log } from './block.ts'

/** What the receipts root commits to of one transaction's receipt. */
export type Receipt = {
  /** The transaction's type; 0 for those from before types. */
  readonly type: number
  /** The state root before Byzantium, 1 or 0 as a quantity since. */
  readonly outcome: Hex
  readonly cumulativeGasUsed: bigint
  readonly logsBloom: Hex
  readonly logs: readonly Pick<Log, 'address' | 'topics' | 'payload'>[]
}

/** The root that a block's header names for these receipts, in the order of their transactions. */
export function receiptsRoot(receipts: readonly Receipt[]): Hex {
  const items = receipts.map((receipt, index) => ({
    path: nibblesOf(toRlp(rlpNumber(BigInt(index)))),
    value: encodeReceipt(receipt),
  }))
  return keccak256(toRlp(items.length === 0 ? '0x' : nodeOf(items, 0)))
}

/** A number as RLP has it: no leading zeros, nothing for zero. */
export function rlpNumber(value: bigint): Hex {
  return value === 0n ? '0x' : evenHex(value)
}

type Item = { readonly path: readonly number[]; readonly value: Hex }
type Node = readonly (Hex | Node)[]

function encodeReceipt({ type, outcome, cumulativeGasUsed, logsBloom, logs }: Receipt): Hex {
  const body = toRlp([
    outcome.length === 66 ? outcome : rlpNumber(BigInt(outcome)),
    rlpNumber(cumulativeGasUsed),
    logsBloom,
    logs.map(({ address, topics, payload }) => [address, [...topics], payload]),
  ])
  return type === 0 ? body : concatHex([numberToHex(type, { size: 1 }), body])
}

/** The node of a Merkle Patricia trie that holds items which agree up to `depth`. */
function nodeOf(items: readonly Item[], depth: number): Node {
  const [first] = items
  if (first === undefined) return []
  if (items.length === 1) return [packPath(first.path.slice(depth), true), first.value]
  let shared = depth
  while (items.every(({ path }) => path[shared] === first.path[shared])) shared += 1
  if (shared > depth) {
    return [packPath(first.path.slice(depth, shared), false), refOf(nodeOf(items, shared))]
  }
  // Indexes in RLP are no prefixes of each other, so no item ends at a branch.
  const children = Array.from({ length: 16 }, (_, nibble): Hex | Node => {
    const below = items.filter(({ path }) => path[depth] === nibble)
    return below.length === 0 ? '0x' : refOf(nodeOf(below, depth + 1))
  })
  return [...children, '0x']
}

/** Nodes shorter than a hash stand inside their parent. */
function refOf(node: Node): Hex | Node {
  const encoded = toRlp(node)
  return encoded.length < 2 + 64 ? node : keccak256(encoded)
}

function packPath(nibbles: readonly number[], isLeaf: boolean): Hex {
  const flag = (isLeaf ? 2 : 0) + (nibbles.length % 2)
  const head = nibbles.length % 2 === 0 ? [flag, 0] : [flag]
  return `0x${[...head, ...nibbles].map((nibble) => nibble.toString(16)).join('')}`
}

function nibblesOf(bytes: Hex): readonly number[] {
  return Array.from(bytes.slice(2), (digit) => Number.parseInt(digit, 16))
}

function evenHex(value: bigint): Hex {
  const digits = value.toString(16)
  return `0x${digits.length % 2 === 0 ? '' : '0'}${digits}`
}
