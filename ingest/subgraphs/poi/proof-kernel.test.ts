import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { proofModuleText } from './build-kernel.ts'
import { openProofKernel } from './proof-kernel.ts'

const PRIME32 = 2_654_435_761n
const PRIME64 = 11_400_714_785_074_694_797n

/** Byte count, seed, low half and high half: the sanity checks of xxHash itself. */
const PUBLISHED: readonly (readonly [number, bigint, bigint, bigint])[] = [
  [0, 0n, 0x6001c324468d497fn, 0x99aa06d3014798d8n],
  [0, PRIME32, 0x5444f7869c671ab0n, 0x92220ae55e14ab50n],
  [1, 0n, 0xc44bdff4074eecdbn, 0xa6cd5e9392000f6an],
  [1, PRIME32, 0xb53d5557e7f76f8dn, 0x89b99554ba22467cn],
  [6, 0n, 0x3e7039bdda43cfc6n, 0x082afe0b8162d12an],
  [6, PRIME32, 0x269d8f70be98856en, 0x5a865b5389abd2b1n],
  [12, 0n, 0x061a192713f69ad9n, 0x6e3efd8fc7802b18n],
  [12, PRIME32, 0x9be9f9a67f3c7dfbn, 0xd7e09d518a3405d3n],
  [24, 0n, 0x1e7044d28b1b901dn, 0x0ce966e4678d3761n],
  [24, PRIME32, 0xd7304c54ebad40a9n, 0x3162026714a6a243n],
  [48, 0n, 0xf942219aed80f67bn, 0xa002ac4e5478227en],
  [48, PRIME32, 0x7ba3c3e453a1934en, 0x163adde36c072295n],
  [81, 0n, 0x5e8bafb9f95fb803n, 0x4952f58181ab0042n],
  [81, PRIME32, 0x703fbb3d7a5f755cn, 0x2724ec7adc750fb6n],
  [222, 0n, 0xf1aebd597cec6b3an, 0x337e09641b948717n],
  [222, PRIME32, 0xae995bb8af917a8dn, 0x91820016621e97f1n],
  [403, 0n, 0xcdeb804d65c6dea4n, 0x1b6de21e332dd73dn],
  [403, PRIME64, 0x6259f6ecfd6443fdn, 0xbed311971e0be8f2n],
  [512, 0n, 0x617e49599013cb6bn, 0x18d2d110dcc9bca1n],
  [512, PRIME64, 0x3ce457de14c27708n, 0x925d06b8ec5b8040n],
  [2048, 0n, 0xdd59e2c3a5f038e0n, 0xf736557fd47073a5n],
  [2048, PRIME32, 0x230d43f30206260bn, 0x7fb03f7e7186c3ean],
  [2240, 0n, 0x6e73a90539cf2948n, 0xccb134fbfa7ce49dn],
  [2240, PRIME32, 0xed385111126fba6fn, 0x50a1fe17b338995fn],
  [2367, 0n, 0xcb37aeb9e5d361edn, 0xe89c0f6ff369b427n],
  [2367, PRIME32, 0x6f5360ae69c2f406n, 0xd23aae4b76c31ecbn],
]

test('the hash gives every answer that xxHash publishes for XXH3 of 128 bits', () => {
  const kernel = openProofKernel()
  const input = sanityBytes(2367)
  for (const [byteLength, seed, low, high] of PUBLISHED) {
    const at = kernel.start + 16
    kernel.memory.bytes.set(input.subarray(0, byteLength), at)
    kernel.hashInto(kernel.start, at, byteLength, seed)
    const found = [0, 8].map((offset) =>
      kernel.memory.view.getBigUint64(kernel.start + offset, true),
    )
    expect([byteLength, ...found]).toEqual([byteLength, low, high])
  }
})

test('the committed kernel is what its sources compile to', async () => {
  const committed = readFileSync(join(import.meta.dirname, 'proof.wasm.ts'), 'utf8')
  expect(await proofModuleText()).toBe(committed)
})

/** The bytes that xxHash's own checks hash. */
function sanityBytes(byteLength: number): Uint8Array {
  let state = PRIME32
  return Uint8Array.from({ length: byteLength }, () => {
    const byte = Number(state >> 56n)
    state = BigInt.asUintN(64, state * PRIME64)
    return byte
  })
}
