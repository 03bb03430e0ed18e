import { at } from '../graph/at.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { nextTask } from './next-task.ts'
import { type StartWalk, checkSampling, sampleSums } from './sampling.ts'
import {
  type SynergyReceipts,
  type SynergySampler,
  checkSynergyReceipts,
} from './synergy-receipts.ts'

const LOW_64 = (1n << 64n) - 1n

/** The definition of what every sampler computes, in plain TypeScript. */
export const referenceSynergySampler: SynergySampler = {
  name: 'reference',
  sample: async (receipts, sampling, { signal } = {}) => {
    checkSynergyReceipts(receipts)
    checkSampling(sampling)
    const { playerCount, receiptNumbers } = receipts
    const sums = new BigUint64Array(receiptNumbers.length * playerCount)
    const squareSums = new BigUint64Array(2 * sums.length)
    for (const [receipt, receiptNumber] of receiptNumbers.entries()) {
      await nextTask()
      checkNotAborted(signal, `${receipt} receipts`)
      const startWalk = synergyWalk(receipts, receipt)
      const drawn = sampleSums(playerCount, receiptNumber, startWalk, sampling)
      const first = receipt * playerCount
      sums.set(drawn.sums, first)
      for (const [player, squareSum] of drawn.squareSums.entries()) {
        squareSums[2 * (first + player)] = squareSum & LOW_64
        squareSums[2 * (first + player) + 1] = squareSum >> 64n
      }
    }
    return { sums, squareSums }
  },
}

/** Adds what a player brings along to what is there: whole numbers below 2^42, in any order. */
function synergyWalk(
  { playerCount, weights, synergies, caps }: SynergyReceipts,
  receipt: number,
): StartWalk {
  const cap = at(caps, receipt)
  const joined: number[] = []
  return () => {
    joined.length = 0
    let raw = 0
    return (player) => {
      const row = receipt * playerCount + player
      raw += at(weights, row)
      for (const other of joined) raw += at(synergies, row * playerCount + other)
      joined.push(player)
      return BigInt(raw) < cap ? BigInt(raw) : cap
    }
  }
}
