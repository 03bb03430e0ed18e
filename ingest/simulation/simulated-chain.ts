import {
  type Accumulator,
  CONTRACT_NAMES,
  type ContractName,
  type Deployment,
  EMPTY_ACCUMULATOR,
  EVENT_TABLES,
  type EventTable,
  type Hex,
  accumulate,
  invariant,
} from '@foggara/schema'
import {
  type AbiParameter,
  encodeAbiParameters,
  encodeEventTopics,
  keccak256,
  numberToHex,
  stringToHex,
} from 'viem'

import { quantity } from '../chain/block.ts'
import { bloomBits } from '../chain/bloom.ts'
import { headerHash } from '../chain/header-hash.ts'
import { type Receipt, receiptsRoot } from '../chain/receipts-root.ts'
import type { Random } from './random.ts'

/** A log as JSON-RPC has it. */
export type RpcLog = Readonly<Record<string, unknown>> & {
  readonly address: Hex
  readonly blockHash: Hex
  readonly blockNumber: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** A transaction's receipt as JSON-RPC has it. */
export type RpcReceipt = Readonly<Record<string, unknown>> & { readonly logs: readonly RpcLog[] }

/** A block with its logs, its receipts and every contract's accumulator after it. */
export type SimulatedBlock = {
  readonly number: number
  readonly hash: Hex
  readonly header: Readonly<Record<string, unknown>>
  /** The logs of the deployment's contracts. */
  readonly logs: readonly RpcLog[]
  /** Those and others, by transaction. */
  readonly receipts: readonly RpcReceipt[]
  readonly accumulators: ReadonlyMap<ContractName, Accumulator>
}

/**
 * A chain that exists in memory: it grows and forks on demand. Headers hash to what they say, blooms
 * and receipts roots are true; transactions and states are made up.
 */
export type SimulatedChain = {
  readonly deployment: Deployment
  /** From block 0 to the head. */
  readonly blocks: () => readonly SimulatedBlock[]
  readonly mine: (blockCount: number) => void
  /** Replaces the newest blocks by others, one more than were there. */
  readonly reorg: (depth: number) => void
  /** Any block that ever was, by hash. */
  readonly byHash: (hash: Hex) => SimulatedBlock | undefined
}

/** What makes a chain another one than the reference contracts'. */
export type ChainShape = {
  readonly chainId: number
  readonly blockSeconds: number
  /** The logs of a block by transaction, in place of the economy's. */
  readonly transactionsOf: (block: number, random: Random) => readonly (readonly LogContent[])[]
}

/** The topic of an event that is not of the ABI: contracts do not count it. */
export const FOREIGN_TOPIC: Hex = keccak256(stringToHex('Transfer(address,address,uint256)'))

const GENESIS_SECONDS = 1_700_000_000
/** Blocks without any log make bloom filters matter. */
const EMPTY_ONE_IN = 3

/**
 * Starts a chain with a genesis block and the ten contracts at fixed addresses, which emit events of
 * the given tables; or with logs of the caller's own.
 */
export function createSimulatedChain(
  random: Random,
  tables: readonly EventTable[] = EVENT_TABLES,
  shape: Partial<ChainShape> = {},
): SimulatedChain {
  const contracts = Object.fromEntries(
    CONTRACT_NAMES.map((name, index) => [name, numberToHex(0xf0_99a4a000 + index, { size: 20 })]),
  ) as Record<ContractName, Hex>
  const deployment: Deployment = { chainId: shape.chainId ?? 4_242, startBlock: 1, contracts }
  const known = new Map<Hex, SimulatedBlock>()
  let blocks: SimulatedBlock[] = []
  const mine = (blockCount: number): void => {
    for (let count = 0; count < blockCount; count += 1) {
      const block = makeBlock({ random, deployment, tables, shape }, blocks.at(-1))
      blocks.push(block)
      known.set(block.hash, block)
    }
  }
  mine(1)
  return {
    deployment,
    blocks: () => blocks,
    mine,
    reorg: (depth) => {
      blocks = blocks.slice(0, Math.max(1, blocks.length - depth))
      mine(depth + 1)
    },
    byHash: (hash) => known.get(hash),
  }
}

type Economy = {
  readonly random: Random
  readonly deployment: Deployment
  readonly tables: readonly EventTable[]
  readonly shape: Partial<ChainShape>
}

function makeBlock(economy: Economy, parent: SimulatedBlock | undefined): SimulatedBlock {
  const { random, deployment, shape } = economy
  const number = (parent?.number ?? -1) + 1
  const accumulators = new Map(parent?.accumulators)
  const transactions =
    shape.transactionsOf?.(number, random) ?? makeTransactions(economy, number, accumulators)
  const sealed = sealBlock(random, parent, transactions, shape.blockSeconds)
  const contracts = new Set(Object.values(deployment.contracts))
  const logs = sealed.receipts.flatMap((receipt) => receipt.logs)
  return { ...sealed, logs: logs.filter(({ address }) => contracts.has(address)), accumulators }
}

function makeTransactions(
  economy: Economy,
  number: number,
  accumulators: Map<ContractName, Accumulator>,
): readonly (readonly LogContent[])[] {
  const { random } = economy
  const logCount = number === 0 || random.oneIn(EMPTY_ONE_IN) ? 0 : 1 + random.below(6)
  const transactions: LogContent[][] = []
  for (let count = 0; count < logCount; count += 1) {
    if (count === 0 || random.oneIn(2)) transactions.push([])
    transactions.at(-1)?.push(makeLog(economy, accumulators))
    // Contracts that nobody asked for are in every block of a real chain.
    if (random.oneIn(2)) transactions.at(-1)?.push(makeOtherLog(random))
  }
  return transactions
}

/** What a log says, wherever it stands. */
export type LogContent = {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** The block after `parent` whose transactions emit these logs: its bloom, root and hash are right. */
export function sealBlock(
  random: Random,
  parent: Pick<SimulatedBlock, 'number' | 'hash'> | undefined,
  transactions: readonly (readonly LogContent[])[],
  blockSeconds = 12,
): Pick<SimulatedBlock, 'number' | 'hash' | 'header' | 'receipts'> {
  const number = (parent?.number ?? -1) + 1
  const unsealed = {
    number: quantity(number),
    parentHash: parent?.hash ?? `0x${'00'.repeat(32)}`,
    timestamp: quantity(GENESIS_SECONDS + blockSeconds * number),
    logsBloom: bloomOf(transactions.flat()),
    receiptsRoot: receiptsRoot(transactions.map(receiptOf)),
    ...madeUp(random),
  }
  const hash = headerHash(unsealed)
  invariant(hash !== undefined, 'a header has all its fields')
  const receipts = transactions.map((logs, index) => {
    const firstLog = transactions.slice(0, index).flat().length
    return receiptAt(random.bytes(32), logs, { number, hash, index, firstLog })
  })
  return { number, hash, header: { ...unsealed, hash }, receipts }
}

/** Fields of a header that nothing here depends on. */
function madeUp(random: Random): Readonly<Record<string, Hex>> {
  return {
    sha3Uncles: random.bytes(32),
    miner: random.bytes(20),
    stateRoot: random.bytes(32),
    transactionsRoot: random.bytes(32),
    difficulty: '0x0',
    gasLimit: '0x1c9c380',
    gasUsed: '0x5208',
    extraData: '0x',
    mixHash: random.bytes(32),
    nonce: '0x0000000000000000',
    baseFeePerGas: '0x7',
  }
}

function receiptOf(logs: readonly LogContent[], index: number): Receipt {
  return {
    type: 2,
    outcome: '0x1',
    cumulativeGasUsed: BigInt(21_000 * (index + 1)),
    logsBloom: bloomOf(logs),
    logs: logs.map(({ address, topics, data }) => ({ address, topics, payload: data })),
  }
}

type Place = {
  readonly number: number
  readonly hash: Hex
  readonly index: number
  /** The number of the receipt's first log in the block. */
  readonly firstLog: number
}

function receiptAt(
  transactionHash: Hex,
  logs: readonly LogContent[],
  { number, hash, index, firstLog }: Place,
): RpcReceipt {
  const { cumulativeGasUsed, logsBloom } = receiptOf(logs, index)
  const place = {
    blockNumber: quantity(number),
    blockHash: hash,
    transactionHash,
    transactionIndex: quantity(index),
  }
  return {
    ...place,
    type: '0x2',
    status: '0x1',
    cumulativeGasUsed: numberToHex(cumulativeGasUsed),
    logsBloom,
    logs: logs.map((log, position) => ({
      ...log,
      ...place,
      logIndex: quantity(firstLog + position),
      removed: false,
    })),
  }
}

function makeLog(
  { random, deployment, tables }: Economy,
  accumulators: Map<ContractName, Accumulator>,
): LogContent {
  const table = random.pick(tables)
  const address = deployment.contracts[table.contract]
  // Contracts also emit events that are not of the ABI, such as those of ERC-721.
  if (random.oneIn(8)) {
    return {
      address,
      topics: [FOREIGN_TOPIC, random.bytes(32)],
      data: random.bytes(random.below(40)),
    }
  }
  const before = accumulators.get(table.contract) ?? EMPTY_ACCUMULATOR
  const args: Record<string, unknown> = {}
  for (const input of table.event.inputs) args[input.name ?? ''] = randomValue(random, input)
  args['sequence'] = before.sequence + 1n
  accumulators.set(table.contract, accumulate(before, table.event, args))
  return { address, ...encodeEvent(table, args) }
}

function makeOtherLog(random: Random): LogContent {
  const address = numberToHex(0xdead_0000 + random.below(50), { size: 20 })
  return { address, topics: [FOREIGN_TOPIC, random.bytes(32)], data: random.bytes(32) }
}

/** The topics and the data of an event's log. */
export function encodeEvent(
  table: Pick<EventTable, 'event'>,
  args: Readonly<Record<string, unknown>>,
): { readonly topics: readonly Hex[]; readonly data: Hex } {
  const plain = table.event.inputs.filter((input) => input.indexed !== true)
  const values = plain.map((input) => args[input.name ?? ''])
  const topics = encodeEventTopics({ abi: [table.event], args })
  return {
    topics: topics.filter((topic) => typeof topic === 'string'),
    data: encodeAbiParameters(plain, values),
  }
}

function randomValue(random: Random, { type }: AbiParameter): unknown {
  const width = Number(/^u?int(\d+)$/.exec(type)?.[1] ?? 0)
  if (type === 'int256') return BigInt(random.bytes(31)) - (1n << 200n)
  if (width > 0 && width <= 48) return random.below(width === 8 ? 4 : 2 ** 31)
  if (width > 48) return BigInt(random.bytes(random.oneIn(2) ? width / 8 : 4))
  if (type === 'address') return random.bytes(20)
  if (type === 'bool') return random.oneIn(2)
  if (type === 'bytes32') return random.bytes(32)
  if (type === 'bytes32[]') return Array.from({ length: random.below(4) }, () => random.bytes(32))
  if (type === 'bytes') return random.oneIn(2) ? '0x' : random.bytes(random.below(70))
  return random.pick(['', 'model', 'données\n\n; drop table log;\n', 'ფოგარა "quoted" \\'])
}

function bloomOf(logs: readonly LogContent[]): Hex {
  const digits = Array.from({ length: 512 }, () => 0)
  for (const { address, topics } of logs) {
    for (const value of [address, ...topics]) {
      for (const { digitIndex, mask } of bloomBits(value)) {
        digits[digitIndex - 2] = (digits[digitIndex - 2] ?? 0) | mask
      }
    }
  }
  return `0x${digits.map((digit) => digit.toString(16)).join('')}`
}
