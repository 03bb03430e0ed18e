import {
  type Hex,
  concatHex,
  encodeFunctionData,
  getContractAddress,
  stringToHex,
  toHex,
} from 'viem'

import { type Draws, drawsOf } from '../../devnet/economy/random.ts'
import { type Anvil, connectDevnet, devnetAccounts, devnetDeployment } from '../../devnet/index.ts'
import { type Rpc, openRpc } from '../../devnet/rpc.ts'
import { type FuzzContract, readFuzzContract } from './build-fuzz.ts'
import { type OwnChain, headOf, startEmptyChain } from './protocol-chain.ts'

/** Which blocks are drawn. */
export type FuzzDraw = {
  readonly seed: string
  /** How many of a thousand handler calls fail deterministically. */
  readonly failuresPerMille: number
  /** What each block's distance from the one before is drawn of; without it the clock is even. */
  readonly blockSeconds?: readonly number[]
}

/** Enough for more than 5,000 handler calls, two days of chain time and twenty dynamic sources. */
const BLOCK_COUNT = 230

/** The deployer's first contract. */
const FUZZ_ADDRESS = getContractAddress({ from: devnetAccounts.deployer.address, nonce: 0n })

const PLAYER = devnetAccounts.testers[0].address

const SPAWN_EVERY = 11

/** A fresh chain that holds the drawn blocks; the same draw gives the same chain. */
export async function startFuzzChain(draw: FuzzDraw, blockCount = BLOCK_COUNT): Promise<OwnChain> {
  const anvil = await startEmptyChain()
  try {
    const rpc = openRpc(anvil.rpcUrl)
    await deployFuzz(rpc)
    await playFuzzBlocks(anvil, draw, 2, blockCount)
    return { anvil, ...(await headOf(connectDevnet(anvil.rpcUrl, devnetDeployment()))) }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

/** Mines the drawn blocks of these numbers, which must be the next ones. */
export async function playFuzzBlocks(
  anvil: Anvil,
  draw: FuzzDraw,
  from: number,
  to: number,
): Promise<void> {
  const rpc = openRpc(anvil.rpcUrl)
  const contract = readFuzzContract()
  for (let number = from; number <= to; number += 1) {
    for (const { target, data } of transactionsOf(contract, draw, number)) {
      await send(rpc, { from: PLAYER, to: target, data })
    }
    await setTime(rpc, draw, number)
    await rpc.request('evm_mine')
  }
}

async function setTime(rpc: Rpc, draw: FuzzDraw, number: number): Promise<void> {
  if (draw.blockSeconds === undefined) return
  const latest = (await rpc.request('eth_getBlockByNumber', 'latest', false)) as {
    readonly timestamp: Hex
  }
  const distance = drawsOf(draw.seed, 'time', number).pick(draw.blockSeconds)
  const second = Number(latest.timestamp) + distance
  await rpc.request('evm_setNextBlockTimestamp', second)
}

async function deployFuzz(rpc: Rpc): Promise<void> {
  const { bytecode } = readFuzzContract()
  await send(rpc, { from: devnetAccounts.deployer.address, data: bytecode })
  await rpc.request('evm_mine')
}

async function send(rpc: Rpc, fields: Record<string, unknown>): Promise<void> {
  const limits = { gas: toHex(30_000_000), gasPrice: '0x0' }
  await rpc.request('eth_sendTransaction', { ...fields, ...limits })
}

type Call = { readonly target: Hex; readonly data: Hex }

function transactionsOf(contract: FuzzContract, draw: FuzzDraw, number: number): readonly Call[] {
  const draws = drawsOf(draw.seed, 'block', number)
  const { abi } = contract
  const call = (target: Hex, functionName: string, args: readonly unknown[]): Call => ({
    target,
    data: encodeFunctionData({ abi, functionName, args }),
  })
  const plays = Array.from({ length: draws.between(1, 2) }, () => {
    const steps = Array.from({ length: draws.between(10, 24) }, () => stepOf(draws, draw))
    return call(FUZZ_ADDRESS, 'play', [steps])
  })
  const calls = [...plays]
  if (draws.chance(1, 3)) calls.push(call(FUZZ_ADDRESS, 'shape', shapeOf(draws)))
  if (number % SPAWN_EVERY === 3) {
    calls.push(call(FUZZ_ADDRESS, 'spawn', [subjectOf(draws), numberOf(draws)]))
  }
  const childCount = Math.floor((number + SPAWN_EVERY - 4) / SPAWN_EVERY)
  if (childCount > 0 && draws.chance(1, 2)) {
    const nonce = BigInt(draws.between(1, childCount))
    const child = getContractAddress({ from: FUZZ_ADDRESS, nonce })
    calls.push(call(child, 'poke', [subjectOf(draws), numberOf(draws), draws.pick(TEXTS)]))
  }
  return calls
}

/** The actions of the mapping, drawn as often as their weights say. */
const ACTION_WEIGHTS = [8, 8, 5, 5, 4, 3, 4, 5, 4, 3, 4, 4, 6, 2, 2, 2, 2, 3, 3, 2, 6, 1] as const

const FIRST_FAILURE = 100
const FAILURE_COUNT = 12

function stepOf(draws: Draws, { failuresPerMille }: FuzzDraw) {
  const actions = [...ACTION_WEIGHTS.keys()]
  const drawn = draws.weighted(actions, (action) => ACTION_WEIGHTS[action] ?? 0) ?? 0
  const fails = draws.chance(failuresPerMille, 1000)
  return {
    action: fails ? FIRST_FAILURE + draws.below(FAILURE_COUNT) : drawn,
    subject: subjectOf(draws),
    other: BigInt(draws.below(12)),
    a: numberOf(draws),
    b: numberOf(draws),
    text: draws.pick(TEXTS),
    payload: payloadOf(draws),
  }
}

function shapeOf(draws: Draws): readonly unknown[] {
  const values = Array.from({ length: draws.below(5) }, () => BigInt(draws.between(-9999, 9999)))
  const shape = { kind: draws.below(256), label: draws.pick(TEXTS), values }
  const hashes = Array.from({ length: draws.below(4) }, () => draws.bytes32())
  return [subjectOf(draws), shape, hashes, draws.chance(1, 2), draws.pick(TEXTS)]
}

/** Few subjects, so that entities are met again. */
function subjectOf(draws: Draws): bigint {
  return BigInt(draws.below(40))
}

/** Numbers of all sizes, with those around the 34 digits of a decimal among them. */
function numberOf(draws: Draws): bigint {
  const sign = draws.chance(1, 2) ? 1n : -1n
  const bytes = BigInt(draws.bytes32())
  switch (draws.below(7)) {
    case 0:
      return sign * BigInt(draws.below(3))
    case 1:
      return sign * BigInt(draws.below(100_000))
    case 2:
      return sign * (10n ** BigInt(draws.between(30, 38)) + BigInt(draws.between(-2, 2)))
    case 3:
      return sign * (bytes >> BigInt(draws.between(120, 160)))
    case 4:
      return sign * (bytes >> 1n)
    case 5:
      return sign * BigInt(draws.between(1, 99)) * 10n ** BigInt(draws.below(40))
    default:
      return sign * (bytes >> 192n)
  }
}

const TEXTS: readonly string[] = [
  '',
  'plain',
  'naïve 🦀 ß',
  'nul\u0000inside\u0000',
  'line\nbreak "quoted" \\ back',
  '{"n":123456789012345678901234567890,"l":[1,{"deep":null}],"a":"b"}',
  '{"l":[]}',
  '[1,2]',
  'null',
  'tru',
  '"text"',
  'x'.repeat(300),
]

function payloadOf(draws: Draws): Hex {
  switch (draws.below(5)) {
    case 0:
      return '0x'
    case 1:
      return stringToHex(draws.pick(TEXTS))
    case 2:
      return concatHex(['0x00', stringToHex('zero'), '0x0000'])
    case 3:
      return toHex(BigInt(draws.bytes32()) >> BigInt(8 * draws.below(31)), { size: 32 })
    default:
      return draws.bytes32()
  }
}
