import fc from 'fast-check'
import { expect, test } from 'vitest'

import { PHILOX_ANSWERS } from './answers/philox-answers.ts'
import { mulHigh, philox4x32 } from './philox.ts'
import { instantiateSynergyKernels } from './synergy-kernels.ts'

const SEED = 20_260_802
const word = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff))

test('Philox gives the known answers of Random123', () => {
  for (const { counter, key, words } of PHILOX_ANSWERS) {
    expect(philox4x32(counter, key)).toEqual(words)
  }
})

test('Philox in WASM gives the known answers, and the same words as TypeScript on any counter', async () => {
  const kernels = await instantiateSynergyKernels()
  const at = Math.ceil(kernels.firstAddress() / 16) * 16
  const onWasm = (c: readonly [number, number, number, number], k: readonly [number, number]) => {
    kernels.philox(...c, (BigInt(k[1]) << 32n) | BigInt(k[0]), at)
    return [...new Uint32Array(kernels.memory.buffer, at, 4)]
  }
  for (const { counter, key, words } of PHILOX_ANSWERS) {
    expect(onWasm(counter, key)).toEqual(words)
  }
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
      expect(onWasm(counter, key)).toEqual(philox4x32(counter, key))
    }),
    { seed: SEED },
  )
})

test('the upper half of a product of words is exact', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(BigInt(mulHigh(a, b))).toBe((BigInt(a) * BigInt(b)) >> 32n)
    }),
    { seed: SEED, numRuns: 1000 },
  )
})
