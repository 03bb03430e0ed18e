import fc from 'fast-check'

import { at } from '../../graph/at.ts'
import type { Sampling } from '../sampling.ts'
import type { SynergyReceipts } from '../synergy-receipts.ts'

/** Few orders, of any epoch, walked one way or both. */
export const arbitrarySampling = fc.record({
  epochKey: fc.bigInt(0n, (1n << 64n) - 1n),
  permutationCount: fc.integer({ min: 2, max: 20 }),
  walks: fc.constantFrom<Sampling['walks'][]>('forward', 'forward-and-back'),
})
const word = fc.oneof(fc.nat(9), fc.integer({ min: 0, max: 0xffff_ffff }))

/** Up to three receipts of any worths and of any numbers. */
export const arbitrarySynergies = (playerCountMax: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: playerCountMax }), fc.nat(3))
    .chain(([playerCount, receiptCount]) => {
      const words = (length: number) => fc.array(word, { minLength: length, maxLength: length })
      const numbers = fc.array(fc.bigInt(0n, (1n << 64n) - 1n), {
        minLength: receiptCount,
        maxLength: receiptCount,
      })
      return fc
        .tuple(
          words(receiptCount * playerCount),
          words(receiptCount * playerCount ** 2),
          numbers,
          numbers,
        )
        .map(([weights, pairs, receiptNumbers, caps]): SynergyReceipts => {
          const symmetric = pairs.map((_, index) => {
            const [player, other] = [
              Math.floor(index / playerCount) % playerCount,
              index % playerCount,
            ]
            const first = index - player * playerCount - other
            const [low, high] = [Math.min(player, other), Math.max(player, other)]
            return low === high ? 0 : at(pairs, first + low * playerCount + high)
          })
          return {
            playerCount,
            weights: Uint32Array.from(weights),
            synergies: Uint32Array.from(symmetric),
            receiptNumbers: BigUint64Array.from(receiptNumbers),
            caps: BigUint64Array.from(caps.map((cap) => cap >> 26n)),
          }
        })
    })
