import type { AssetKind, ContractName, Hex } from '@foggara/schema'

import type { Devnet, Transaction } from '../chain.ts'
import { blockSeconds } from '../clock.ts'
import { TOKEN_UNIT } from '../deploy.ts'
import type { Participants } from './participants.ts'
import { type Draws, drawsOf } from './random.ts'
import type { World, WorldAsset } from './world.ts'

/** How large the history is and what is drawn in it. */
export type EconomySize = {
  /** Draws of another seed give another chain. */
  readonly seed: string
  /** The last block of the history. */
  readonly blockCount: number
  /** How many assets are registered by then. */
  readonly assetCount: number
}

/** The transactions of one block while they are being planned. */
export type Plan = {
  readonly devnet: Devnet
  readonly size: EconomySize
  readonly world: World
  readonly participants: Participants
  /** The block that is planned, and its timestamp. */
  readonly number: number
  readonly seconds: number
  /** Whether the history is over: what follows goes on for ever, so it does less per block. */
  readonly isLive: boolean
  readonly transactions: Transaction[]
  /** The draws of this block for one purpose. */
  draws(purpose: string): Draws
  /** Adds a transaction. */
  add(from: Hex, contract: ContractName, functionName: string, ...args: readonly unknown[]): void
  /** Takes a thing for one use in this block; false when another use has taken it. */
  reserve(thing: string): boolean
}

/** An empty plan for the block after the world's head. */
export function openPlan(
  devnet: Devnet,
  size: EconomySize,
  world: World,
  participants: Participants,
): Plan {
  const number = world.head.number + 1
  const reserved = new Set<string>()
  const transactions: Transaction[] = []
  return {
    devnet,
    size,
    world,
    participants,
    number,
    seconds: blockSeconds(number),
    isLive: number > size.blockCount,
    transactions,
    draws: (purpose) => drawsOf(size.seed, number, purpose),
    add(from, contract, functionName, ...args) {
      transactions.push({ from, contract, functionName, args })
    },
    reserve(thing) {
      const free = !reserved.has(thing)
      reserved.add(thing)
      return free
    },
  }
}

/** The assets of some kinds, in order of registration. */
export function assetsOfKind(plan: Plan, ...kinds: readonly AssetKind[]): readonly WorldAsset[] {
  return [...plan.world.assets.values()].filter((asset) => kinds.includes(asset.kind))
}

/** A whole number of tokens in base units. */
export function tokens(count: number): bigint {
  return BigInt(count) * TOKEN_UNIT
}
