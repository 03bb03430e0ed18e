import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { assert, property, uint8Array } from 'fast-check'
import { keccak256 } from 'viem'
import { expect, test } from 'vitest'

import { hashModuleText } from './build-kernel.ts'
import { openKeccak } from './keccak.ts'

test('keccak256 is that of viem for every length around its blocks', () => {
  const keccak = openKeccak()
  for (let length = 0; length <= 3 * 136 + 8; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) % 256)
    expect(`0x${keccak(bytes).toString('hex')}`).toBe(keccak256(bytes))
  }
  const law = property(uint8Array({ maxLength: 5_000 }), (bytes) => {
    expect(`0x${keccak(bytes).toString('hex')}`).toBe(keccak256(bytes))
  })
  assert(law, { seed: 20_261_123, numRuns: 50 })
})

test('the committed kernel is what its sources compile to', async () => {
  const committed = readFileSync(join(import.meta.dirname, 'hash.wasm.ts'), 'utf8')
  expect(await hashModuleText()).toBe(committed)
}, 60_000)
