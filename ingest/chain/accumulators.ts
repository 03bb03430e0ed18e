import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  type Accumulator,
  CONTRACT_NAMES,
  type ContractName,
  type Deployment,
  EMPTY_ACCUMULATOR,
  type FoggaraError,
  type Hex,
  type Pin,
  accumulate,
  accumulatorAbi,
  pinnedRelations,
} from '@foggara/schema'
import { decodeFunctionResult, encodeFunctionData } from 'viem'

import type { DecodedLog } from './decode-log.ts'
import { RpcLogsIncompleteError, RpcResponseInvalidError } from './rpc-errors.ts'
import type { Rpc } from './rpc.ts'

/** The accumulator of every contract that has emitted anything. */
export type Accumulators = ReadonlyMap<ContractName, Accumulator>

/** How far one contract had come after one block. */
export type AccumulatorStep = Accumulator & {
  readonly block: number
  readonly contract: ContractName
}

/** What the fold of a range yields. */
export type AccumulatorFold = {
  readonly after: Accumulators
  /** One per block and contract with events, ascending by block, then contract. */
  readonly steps: readonly AccumulatorStep[]
}

/** The stored accumulators as of a pin. */
export async function readAccumulators(client: ClickHouseClient, pin: Pin): Promise<Accumulators> {
  const rows = await queryRows<{ contract: ContractName; sequence: string; hash: Hex }>(
    client,
    `select
      contract,
      argMax(sequence, block) as sequence,
      concat('0x', lower(hex(argMax(hash, block)))) as hash
    from ${pinnedRelations(pin).relation('accumulator')} as steps
    group by contract
    order by contract`,
  )
  return new Map(
    rows.map((row) => [row.contract, { sequence: BigInt(row.sequence), hash: row.hash }]),
  )
}

/**
 * The first block that was stored on trust and that no later accumulator covers; `undefined` when
 * there is none.
 */
export async function firstUnproven(
  client: ClickHouseClient,
  pin: Pin,
): Promise<number | undefined> {
  const blocks = pinnedRelations(pin).relation('block')
  const [row] = await queryRows<{ first: string }>(
    client,
    `select min(block) as first
    from ${blocks} as blocks
    where evidence in ('trusted', 'quorum')
      and block > ${Math.max(0, pin.settledBlock)}
      and block > (select max(block) from ${blocks} as proven where evidence = 'accumulator')
    having count() > 0`,
  )
  return row === undefined ? undefined : Number(row.first)
}

/**
 * Folds a range's events into the accumulators before it.
 *
 * The sequence number that every event carries must follow the one before.
 *
 * @throws {RpcLogsIncompleteError} when an event is missing or doubled.
 */
export function foldAccumulators(
  before: Accumulators,
  logs: readonly DecodedLog[],
  shownUrl: string,
): AccumulatorFold {
  const after = new Map(before)
  const steps = new Map<string, AccumulatorStep>()
  for (const { log, contract, event } of logs) {
    if (event === undefined) continue
    const last = after.get(contract) ?? EMPTY_ACCUMULATOR
    const sequence = event.argumentsByName['sequence']
    if (sequence !== last.sequence + 1n) {
      throw new RpcLogsIncompleteError(
        shownUrl,
        contract,
        `event ${last.sequence + 1n} next`,
        `event ${String(sequence)} in block ${log.block}`,
      )
    }
    const next = accumulate(last, event.table.event, event.argumentsByName)
    after.set(contract, next)
    steps.set(`${log.block} ${contract}`, { block: log.block, contract, ...next })
  }
  const ordered = [...steps.values()].toSorted(
    (a, b) =>
      a.block - b.block || CONTRACT_NAMES.indexOf(a.contract) - CONTRACT_NAMES.indexOf(b.contract),
  )
  return { after, steps: ordered }
}

/**
 * Asks every contract for its accumulator at a block. `undefined`: the node no longer keeps that
 * block's state, so nothing can be said. Contracts without code or without the call are absent.
 */
export async function callAccumulators(
  rpc: Rpc,
  deployment: Deployment,
  blockHash: Hex,
): Promise<Accumulators | undefined> {
  const data = encodeFunctionData({ abi: accumulatorAbi, functionName: 'accumulator' })
  const outcomes = await rpc.batchSettled(
    CONTRACT_NAMES.map((name) => ({
      method: 'eth_call',
      params: [{ to: deployment.contracts[name], data }, { blockHash }],
    })),
  )
  const found = new Map<ContractName, Accumulator>()
  for (const [index, contract] of CONTRACT_NAMES.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    if (outcome.type === 'error') {
      if (isStateMissing(outcome.error)) return undefined
      if (isReverted(outcome.error)) continue
      throw outcome.error
    }
    const accumulator = decodeAccumulator(outcome.result, rpc.shownUrl)
    if (accumulator !== undefined) found.set(contract, accumulator)
  }
  return found
}

/**
 * Compares folded accumulators with what the contracts say.
 *
 * @throws {RpcLogsIncompleteError} naming the first contract that disagrees.
 */
export function checkAccumulators(
  folded: Accumulators,
  called: Accumulators,
  shownUrl: string,
): void {
  for (const contract of CONTRACT_NAMES) {
    const ours = folded.get(contract) ?? EMPTY_ACCUMULATOR
    const theirs = called.get(contract) ?? EMPTY_ACCUMULATOR
    if (ours.sequence !== theirs.sequence || ours.hash !== theirs.hash) {
      throw new RpcLogsIncompleteError(
        shownUrl,
        contract,
        `${theirs.sequence} events with hash ${theirs.hash}`,
        `${ours.sequence} with ${ours.hash}`,
      )
    }
  }
}

function decodeAccumulator(result: unknown, shownUrl: string): Accumulator | undefined {
  if (result === '0x') return undefined
  try {
    const [sequence, hash] = decodeFunctionResult({
      abi: accumulatorAbi,
      functionName: 'accumulator',
      data: result as Hex,
    })
    return { sequence, hash }
  } catch (error) {
    const found = String(result).slice(0, 80)
    throw new RpcResponseInvalidError(shownUrl, 'an accumulator', found, error)
  }
}

function isStateMissing(error: FoggaraError): boolean {
  return /missing trie node|state (?:is )?(?:not available|unavailable|pruned)|historical state|pruned|header not found|archive|block ?(?:height|number)?.{0,20}out ?of ?range/iu.test(
    error.message,
  )
}

function isReverted(error: FoggaraError): boolean {
  return /revert|invalid opcode|execution error/iu.test(error.message)
}
