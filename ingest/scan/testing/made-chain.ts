import type { Random } from '../../simulation/random.ts'
import {
  type LogContent,
  type SimulatedBlock,
  type SimulatedChain,
  createSimulatedChain,
  sealBlock,
} from '../../simulation/simulated-chain.ts'

/** A chain whose logs a test writes. */
export type MadeChain = SimulatedChain & {
  /** Adds a block whose transactions emit these logs. */
  readonly add: (...transactions: readonly (readonly LogContent[])[]) => void
}

/** Starts a chain with a first block without logs; `mine` adds more of those. */
export function createMadeChain(random: Random): MadeChain {
  const { deployment } = createSimulatedChain(random, [])
  const known = new Map<string, SimulatedBlock>()
  let blocks: SimulatedBlock[] = []
  const add: MadeChain['add'] = (...transactions) => {
    const sealed = sealBlock(random, blocks.at(-1), transactions)
    const logs = sealed.receipts.flatMap((receipt) => receipt.logs)
    const block = { ...sealed, logs, accumulators: new Map() }
    blocks.push(block)
    known.set(block.hash, block)
  }
  const mine = (blockCount: number): void => {
    for (let count = 0; count < blockCount; count += 1) add()
  }
  mine(1)
  return {
    deployment,
    blocks: () => blocks,
    add,
    mine,
    reorg: (depth) => {
      blocks = blocks.slice(0, Math.max(1, blocks.length - depth))
      mine(depth + 1)
    },
    byHash: (hash) => known.get(hash),
  }
}
