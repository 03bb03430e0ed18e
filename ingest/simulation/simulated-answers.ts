import { CONTRACT_NAMES, EMPTY_ACCUMULATOR, type Hex } from '@foggara/schema'
import { encodeAbiParameters } from 'viem'

import type { Fault } from './faults.ts'
import type { Random } from './random.ts'
import {
  FOREIGN_TOPIC,
  type RpcLog,
  type SimulatedBlock,
  type SimulatedChain,
} from './simulated-chain.ts'

/** One call of a request. */
export type Call = {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

/** What a node knows and does while it answers one request. */
export type View = {
  readonly chain: SimulatedChain
  /** The blocks of the node's own fork, from block 0. */
  readonly blocks: readonly SimulatedBlock[]
  readonly random: Random
  readonly fault: Fault | undefined
  readonly lagBlocks: number
  /** How far the newest final block lies behind the newest. */
  readonly finalityDepth: number
  readonly limits: NodeLimits
  readonly losesLog: (log: RpcLog) => boolean
  readonly alterLogs: (logs: readonly RpcLog[]) => readonly RpcLog[]
}

/** What a node does not do; absent: no limit. */
export type NodeLimits = {
  /** Blocks of one `eth_getLogs`. */
  readonly blocksMax?: number
  /** How it words that; otherwise in words that are understood. */
  readonly blocksMaxWords?: string
  /** Logs of one answer. */
  readonly logsMax?: number
  /** Addresses of one filter. */
  readonly addressesMax?: number
  /** Calls of one request. */
  readonly callsMax?: number
  /** How many blocks back it still has the state of, for calls. */
  readonly stateBlocks?: number
  /** It does not know `eth_getBlockReceipts`. */
  readonly lacksReceipts?: boolean
}

/** The result or the error of one call, as JSON-RPC members. */
export function answerCall(view: View, { method, params }: Call): object {
  if (view.fault === 'rate-limit') {
    return failed(-32_005, 'daily request count exceeded, request rate limited')
  }
  switch (method) {
    case 'eth_chainId':
      return { result: `0x${view.chain.deployment.chainId.toString(16)}` }
    case 'eth_blockNumber':
      return { result: `0x${newestOf(view).toString(16)}` }
    case 'eth_getBlockByNumber':
      if (view.fault === 'null-block' && view.random.oneIn(3)) return { result: null }
      return { result: blockAt(view, String(params[0]))?.header ?? null }
    case 'eth_getBlockByHash':
      return { result: blockOf(view, params[0])?.header ?? null }
    case 'eth_getLogs':
      return logsOf(view, params[0] as LogFilter)
    case 'eth_getBlockReceipts':
      return receiptsOf(view, params[0])
    case 'eth_call':
      return callOf(view, params)
    default:
      return failed(-32_601, `the method ${method} does not exist/is not available`)
  }
}

function failed(code: number, message: string): object {
  return { error: { code, message } }
}

function newestOf({ blocks, lagBlocks }: View): number {
  return Math.max(0, blocks.length - 1 - lagBlocks)
}

function blockAt(view: View, tag: string): SimulatedBlock | undefined {
  const newest = newestOf(view)
  if (tag === 'latest') return view.blocks[newest]
  if (tag === 'finalized') return view.blocks[Math.max(0, newest - view.finalityDepth)]
  const number = Number(tag)
  const wrong = view.fault === 'wrong-block' && number > 0 && view.random.oneIn(3) ? 1 : 0
  return number > newest ? undefined : view.blocks[number - wrong]
}

function blockOf(view: View, hash: unknown): SimulatedBlock | undefined {
  const block = view.chain.byHash(hash as Hex)
  const isKnown = block !== undefined && block.number <= newestOf(view)
  return isKnown && view.blocks[block.number] === block ? block : undefined
}

type LogFilter = {
  readonly address?: readonly Hex[]
  /** By place; nothing there, or an empty list, stands for any topic and for none. */
  readonly topics?: readonly (readonly Hex[] | Hex | null)[]
  readonly fromBlock?: Hex
  readonly toBlock?: Hex
  readonly blockHash?: Hex
}

function logsOf(view: View, filter: LogFilter): object {
  const { limits, blocks } = view
  if (view.fault === 'range-too-large') {
    return failed(-32_000, 'eth_getLogs range is too large, max is 5 blocks')
  }
  if ((filter.address?.length ?? 0) > (limits.addressesMax ?? Number.POSITIVE_INFINITY)) {
    return failed(-32_000, 'specify less number of addresses')
  }
  if (filter.blockHash !== undefined) {
    const block = blockOf(view, filter.blockHash)
    if (block === undefined) return failed(-32_000, 'unknown block')
    return distorted(view, wanted(filter, [block]))
  }
  const from = Number(filter.fromBlock)
  const to = Number(filter.toBlock)
  const blocksMax = limits.blocksMax ?? Number.POSITIVE_INFINITY
  if (to - from + 1 > blocksMax) {
    const words = limits.blocksMaxWords ?? `eth_getLogs is limited to a ${blocksMax} range`
    return failed(-32_602, words)
  }
  // As real nodes do: blocks that it lacks are left out without a word.
  return distorted(view, wanted(filter, blocks.slice(from, Math.min(to, newestOf(view)) + 1)))
}

function wanted(filter: LogFilter, blocks: readonly SimulatedBlock[]): readonly RpcLog[] {
  return blocks
    .flatMap((block) => block.receipts.flatMap((receipt) => receipt.logs))
    .filter((log) => filter.address?.includes(log.address) ?? true)
    .filter((log) =>
      (filter.topics ?? []).every((each, place) => {
        const any = [each ?? []].flat()
        const topic = log.topics[place]
        return any.length === 0 || (topic !== undefined && any.includes(topic))
      }),
    )
}

/** What a lie changes; a limit of the answer's size applies to what is there. */
function distorted(view: View, all: readonly RpcLog[]): object {
  const { fault, random, limits } = view
  if (all.length > (limits.logsMax ?? Number.POSITIVE_INFINITY)) {
    return failed(-32_005, `query returned more than ${limits.logsMax} results`)
  }
  const logs = view.alterLogs(all.filter((log) => !view.losesLog(log)))
  const counted = logs.filter((log) => log.topics[0] !== FOREIGN_TOPIC)
  if (fault === 'drop-any-log' && logs.length > 0) {
    return { result: logs.toSpliced(random.below(logs.length), 1) }
  }
  if (counted.length === 0) return { result: logs }
  const one = random.pick(counted)
  const at = logs.indexOf(one)
  const lies: Partial<Record<Fault, () => readonly RpcLog[]>> = {
    'drop-log': () => logs.toSpliced(at, 1),
    'drop-last-log': () => logs.filter((log) => log !== counted.at(-1)),
    'no-logs': () => [],
    'double-log': () => [...logs, one],
    'removed-log': () => logs.with(at, { ...one, removed: true }),
    'other-fork-log': () => logs.with(at, { ...one, blockHash: random.bytes(32) }),
    'log-outside': () => logs.with(at, { ...one, blockNumber: '0x7fffff' }),
  }
  return { result: fault === undefined ? logs : (lies[fault]?.() ?? logs) }
}

function receiptsOf(view: View, at: unknown): object {
  const { fault, random, limits } = view
  if (limits.lacksReceipts === true) {
    return failed(-32_601, 'the method eth_getBlockReceipts does not exist/is not available')
  }
  const { blockHash } = Object(at) as { readonly blockHash?: Hex }
  const block = blockHash === undefined ? blockAt(view, String(at)) : blockOf(view, blockHash)
  if (block === undefined || fault === 'null-receipts') return { result: null }
  const { receipts } = block
  if (receipts.length === 0) return { result: receipts }
  const index = random.below(receipts.length)
  if (fault === 'drop-receipt') return { result: receipts.toSpliced(index, 1) }
  if (fault === 'drop-log-of-receipt') {
    const lying = receipts.map((receipt) => ({ ...receipt, logs: receipt.logs.slice(1) }))
    return { result: lying }
  }
  return { result: receipts }
}

function callOf(view: View, [call, at]: readonly unknown[]): object {
  const { chain, limits } = view
  const { to } = call as { readonly to: Hex }
  const { blockHash } = at as { readonly blockHash: Hex }
  const contract = CONTRACT_NAMES.find((name) => chain.deployment.contracts[name] === to)
  const block = chain.byHash(blockHash)
  if (contract === undefined) return { result: '0x' }
  if (block === undefined) return failed(-32_000, 'unknown block')
  if (block.number + (limits.stateBlocks ?? Number.POSITIVE_INFINITY) < view.blocks.length) {
    return failed(-32_000, 'missing trie node 5f…')
  }
  const { sequence, hash } = block.accumulators.get(contract) ?? EMPTY_ACCUMULATOR
  return {
    result: encodeAbiParameters([{ type: 'uint64' }, { type: 'bytes32' }], [sequence, hash]),
  }
}
