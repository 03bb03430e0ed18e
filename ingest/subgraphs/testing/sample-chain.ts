import { keccak256, numberToBytes, stringToBytes } from 'viem'

import type { ChainBlock, ChainLog, ChainSource } from '../chain-source.ts'

/** Events of the sample contract, as manifests write them. */
export const SAMPLE_EVENTS = {
  Transfer: 'Transfer(indexed address,indexed address,indexed uint256)',
  Poked: 'Poked(indexed address)',
  Created: 'Created(indexed address)',
} as const

/** The ABI of the sample contract. */
export const SAMPLE_ABI = [
  event('Transfer', ['address', 'address', 'uint256']),
  event('Poked', ['address']),
  event('Created', ['address']),
  view('balanceOf'),
  view('reverts'),
]

/** What the sample subgraph stores. */
export const SAMPLE_SCHEMA = `
type Counter @entity(immutable: false) { id: ID! count: BigInt! }
type Account @entity(immutable: false) {
  id: ID!
  balance: BigInt!
  tokens: [Token!]! @derivedFrom(field: "owner")
}
type Token @entity(immutable: false) { id: ID! owner: Account! number: BigInt! }
type Move @entity(immutable: true) {
  id: ID!
  from: Account!
  to: Account!
  token: Token!
  block: BigInt!
}
type Optional @entity(immutable: false) { id: ID! note: String }
type Texts @entity(immutable: false) { id: ID! texts: [String!]! }
type Seal @entity(immutable: true, skipDuplicates: true) { id: ID! block: BigInt! }
type Document @entity(immutable: true) { id: ID! content: String! }
type Point @entity(timeseries: true) { id: Int8! timestamp: Timestamp! value: BigInt! }
`

/** The contract that the sample subgraph watches. */
export const SAMPLE_ADDRESS = address(0xaa)

/** A block with logs; `fork` tells blocks of one number apart. */
export function sampleBlock(
  number: number,
  logs: readonly ChainLog[] = [],
  fork = 'main',
): ChainBlock {
  const hash = (what: string) => keccak256(stringToBytes(`${what} ${number} ${fork}`), 'bytes')
  const transaction = {
    hash: hash('transaction'),
    index: 0,
    from: address(1),
    to: address(2),
    value: 3n,
    gasLimit: 21_000n,
    gasPrice: 1_000_000_000n,
    input: new Uint8Array(),
    nonce: BigInt(number),
  }
  return {
    number,
    hash: hash('block'),
    parentHash: hash('parent'),
    unclesHash: hash('uncles'),
    author: address(9),
    stateRoot: hash('state'),
    transactionsRoot: hash('transactions'),
    receiptsRoot: hash('receipts'),
    gasUsed: 21_000n,
    gasLimit: 30_000_000n,
    timestamp: 1_700_000_000n + BigInt(number) * 12n,
    difficulty: 0n,
    totalDifficulty: 0n,
    size: 1000n,
    baseFeePerGas: 7n,
    transactions: new Map([[0, transaction]]),
    logs: logs.map((log, logIndex) => ({ ...log, logIndex })),
  }
}

/** A log of the sample contract; every parameter is indexed. */
export function sampleLog(
  name: keyof typeof SAMPLE_EVENTS,
  values: readonly (Uint8Array | bigint)[],
  from: Uint8Array = SAMPLE_ADDRESS,
): ChainLog {
  const signature = SAMPLE_EVENTS[name].replaceAll('indexed ', '')
  const words = values.map((value) =>
    typeof value === 'bigint'
      ? numberToBytes(value, { size: 32 })
      : new Uint8Array([...new Uint8Array(12), ...value]),
  )
  return {
    address: from,
    topics: [keccak256(stringToBytes(signature), 'bytes'), ...words],
    data: new Uint8Array(),
    logIndex: 0,
    transactionIndex: 0,
  }
}

/** The address that ends in `last`. */
export function address(last: number): Uint8Array {
  return numberToBytes(last, { size: 20 })
}

/** A chain that can be told to fail, and says what it was asked. */
export type SampleChain = ChainSource & {
  readonly asked: string[]
  failure: 'none' | 'refuses' | 'garbles'
}

/** A chain whose `balanceOf` is 7 and whose `reverts` reverts. */
export function sampleChain(): SampleChain {
  const selector = keccak256(stringToBytes('balanceOf(address)')).slice(2, 10)
  const chain: SampleChain = {
    asked: [],
    failure: 'none',
    call: async ({ data }) => {
      const isBalance = Buffer.from(data.subarray(0, 4)).toString('hex') === selector
      chain.asked.push(isBalance ? 'balanceOf' : 'reverts')
      if (chain.failure === 'refuses') throw new TypeError('the node is gone')
      if (chain.failure === 'garbles') return Uint8Array.of(1, 2, 3)
      return isBalance ? numberToBytes(7, { size: 32 }) : undefined
    },
    balance: async () => 5n,
    hasCode: async () => true,
    receipts: async () => new Map(),
  }
  return chain
}

function event(name: string, types: readonly string[]) {
  const inputs = types.map((type, index) => ({ name: `p${index}`, type, indexed: true }))
  return { type: 'event', name, inputs, anonymous: false }
}

function view(name: string) {
  const inputs = [{ name: 'who', type: 'address' }]
  return {
    type: 'function',
    name,
    stateMutability: 'view',
    inputs,
    outputs: [{ name: '', type: 'uint256' }],
  }
}
