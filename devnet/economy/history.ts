import type { Devnet } from '../chain.ts'
import type { EconomySize } from './plan.ts'
import { catchUp, mineNext, mineNextStrictly, openEconomy, type SubmitReceipts } from './step.ts'

/** The size of the devnet's history unless a caller wants another. */
export const DEFAULT_SIZE: EconomySize = { seed: 'foggara', blockCount: 240, assetCount: 320 }

/** A block of the economy. */
export type EconomyBlock = {
  readonly number: number
  readonly hash: `0x${string}`
  readonly transactionCount: number
}

/**
 * Builds the history on a chain that holds the deployment, or what is still missing of it. The
 * same size gives the same blocks.
 *
 * @throws {HistoryBrokenError} when a planned transaction does not succeed.
 */
export async function seedHistory(
  devnet: Devnet,
  size: EconomySize = DEFAULT_SIZE,
): Promise<{ readonly headBlock: number; readonly headHash: `0x${string}` }> {
  const economy = await openEconomy(devnet, size)
  devnet.nonces.clear()
  while (economy.world.head.number < size.blockCount) await mineNextStrictly(economy)
  const { number, hash } = economy.world.head
  return { headBlock: number, headHash: hash }
}

export type RunEconomyOptions = {
  readonly devnet: Devnet
  /** That of the history. */
  readonly size?: EconomySize
  /** Waits between two blocks. */
  readonly sleep: () => Promise<void>
  /** Ends the economy after the block in progress. */
  readonly signal?: AbortSignal
  /** Takes the receipts of batches that anchor digests only; without it every batch has bodies. */
  readonly submitReceipts?: SubmitReceipts
}

/** Goes on after the history: one block after each sleep, for as long as the signal lets it. */
export async function* runEconomy(options: RunEconomyOptions): AsyncGenerator<EconomyBlock> {
  const { devnet, signal, sleep, submitReceipts } = options
  const economy = await openEconomy(devnet, options.size ?? DEFAULT_SIZE)
  for (;;) {
    await sleep()
    if (signal?.aborted === true) return
    await catchUp(economy)
    devnet.nonces.clear()
    const { number, hash, receipts } = await mineNext(economy, submitReceipts)
    yield { number, hash, transactionCount: receipts.length }
  }
}
