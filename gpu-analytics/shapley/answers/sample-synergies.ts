import { at } from '../../graph/at.ts'
import { philox4x32 } from '../philox.ts'
import type { SynergyReceipts } from '../synergy-receipts.ts'

/**
 * Made-up receipts for tests and measurements: weights below 2^20, a synergy below 2^18 for every
 * eighth pair, capped at three quarters of their sum. Receipt r is number r.
 */
export function sampleSynergies(receiptCount: number, playerCount: number): SynergyReceipts {
  const weights = new Uint32Array(receiptCount * playerCount)
  const synergies = new Uint32Array(receiptCount * playerCount * playerCount)
  const caps = new BigUint64Array(receiptCount)
  for (let receipt = 0; receipt < receiptCount; receipt++) {
    let total = 0
    for (let player = 0; player < playerCount; player++) {
      const row = receipt * playerCount + player
      weights[row] = philox4x32([receipt, player, 0, 0], [7, 7])[0] >>> 12
      total += at(weights, row)
      for (let other = 0; other < player; other++) {
        const [chance, size] = philox4x32([receipt, player, other, 1], [7, 7])
        const synergy = chance % 8 === 0 ? size >>> 14 : 0
        synergies[row * playerCount + other] = synergy
        synergies[(row - player + other) * playerCount + player] = synergy
        total += synergy
      }
    }
    caps[receipt] = BigInt(Math.floor((total * 3) / 4))
  }
  const receiptNumbers = BigUint64Array.from({ length: receiptCount }, (_, receipt) =>
    BigInt(receipt),
  )
  return { playerCount, receiptNumbers, weights, synergies, caps }
}
