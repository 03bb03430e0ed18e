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
import type { Random } from './random.ts'

/** A log as JSON-RPC has it. */
export type RpcLog = Readonly<Record<string, unknown>> & {
  readonly address: Hex
  readonly blockHash: Hex
  readonly blockNumber: Hex
}

/** A block with its logs and every contract's accumulator after it. */
export type SimulatedBlock = {
  readonly number: number
  readonly hash: Hex
  readonly header: Readonly<Record<string, unknown>>
  readonly logs: readonly RpcLog[]
  readonly accumulators: ReadonlyMap<ContractName, Accumulator>
}

/** A chain that exists in memory: it grows and forks on demand, always with true hashes and blooms. */
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

/** The topic of an event that is not of the ABI: contracts do not count it. */
export const FOREIGN_TOPIC: Hex = keccak256(stringToHex('Transfer(address,address,uint256)'))

const GENESIS_SECONDS = 1_700_000_000
/** Blocks without any log make bloom filters matter. */
const EMPTY_ONE_IN = 3

/**
 * Starts a chain with a genesis block and the ten contracts at fixed addresses, which emit events of
 * the given tables.
 */
export function createSimulatedChain(
  random: Random,
  tables: readonly EventTable[] = EVENT_TABLES,
): SimulatedChain {
  const contracts = Object.fromEntries(
    CONTRACT_NAMES.map((name, index) => [name, numberToHex(0xf0_99a4a000 + index, { size: 20 })]),
  ) as Record<ContractName, Hex>
  const deployment: Deployment = { chainId: 4_242, startBlock: 1, contracts }
  const known = new Map<Hex, SimulatedBlock>()
  let blocks: SimulatedBlock[] = []
  const mine = (blockCount: number): void => {
    for (let count = 0; count < blockCount; count += 1) {
      const block = makeBlock({ random, deployment, tables }, blocks.at(-1))
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
}

function makeBlock(economy: Economy, parent: SimulatedBlock | undefined): SimulatedBlock {
  const { random } = economy
  const number = (parent?.number ?? -1) + 1
  const hash = random.bytes(32)
  const accumulators = new Map(parent?.accumulators)
  const eventCount = number === 0 || random.oneIn(EMPTY_ONE_IN) ? 0 : 1 + random.below(6)
  const logs = Array.from({ length: eventCount }, (_, index) =>
    makeLog(economy, accumulators, { number, hash, logIndex: 2 * index }),
  )
  const header = {
    number: quantity(number),
    hash,
    parentHash: parent?.hash ?? `0x${'00'.repeat(32)}`,
    timestamp: quantity(GENESIS_SECONDS + 12 * number),
    logsBloom: bloomOf(logs),
  }
  return { number, hash, header, logs, accumulators }
}

function makeLog(
  { random, deployment, tables }: Economy,
  accumulators: Map<ContractName, Accumulator>,
  place: { readonly number: number; readonly hash: Hex; readonly logIndex: number },
): RpcLog {
  const table = random.pick(tables)
  const rest = {
    blockNumber: quantity(place.number),
    blockHash: place.hash,
    logIndex: quantity(place.logIndex),
    transactionHash: random.bytes(32),
    removed: false,
  }
  // Contracts also emit events that are not of the ABI, such as those of ERC-721.
  if (random.oneIn(8)) {
    const topics = [FOREIGN_TOPIC, random.bytes(32)]
    const address = deployment.contracts[table.contract]
    return { ...rest, address, topics, data: random.bytes(random.below(40)) }
  }
  const before = accumulators.get(table.contract) ?? EMPTY_ACCUMULATOR
  const args: Record<string, unknown> = {}
  for (const input of table.event.inputs) args[input.name ?? ''] = randomValue(random, input)
  args['sequence'] = before.sequence + 1n
  accumulators.set(table.contract, accumulate(before, table.event, args))
  const address = deployment.contracts[table.contract]
  return { ...rest, address, ...encodeEvent(table, args) }
}

/** The topics and the data of an event's log. */
export function encodeEvent(
  table: EventTable,
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

function bloomOf(logs: readonly RpcLog[]): Hex {
  const digits = Array.from({ length: 512 }, () => 0)
  for (const log of logs) {
    const topics = log['topics'] as readonly Hex[]
    for (const value of [log.address, ...topics]) {
      for (const { digitIndex, mask } of bloomBits(value)) {
        digits[digitIndex - 2] = (digits[digitIndex - 2] ?? 0) | mask
      }
    }
  }
  return `0x${digits.map((digit) => digit.toString(16)).join('')}`
}
