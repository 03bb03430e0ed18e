import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { HAS_SOFTWARE_GPU, WHY_NO_SOFTWARE_GPU } from '../../test/software-gpu.ts'
import { at } from '../graph/at.ts'
import { GpuBuffers } from './gpu-buffers.ts'
import { type GpuDevice, openGpuDevice } from './gpu-device.ts'
import { composeKernel } from './kernel.ts'
import { openNodeGpu } from './node-gpu.ts'
import { U128_WGSL, U64_WGSL } from './wide-integer.wgsl.ts'

const LANES = 64
const MASK_64 = 2n ** 64n - 1n
const MASK_128 = 2n ** 128n - 1n

let device: GpuDevice
beforeAll(async () => {
  if (!HAS_SOFTWARE_GPU) return
  device = await openGpuDevice(await openNodeGpu(), { allowFallbackAdapter: true })
})
afterAll(() => device?.destroy())

/** Operands of all sizes; the carries are where words are full or nearly so. */
const word = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 0xffffn, 0x1_0000n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn),
  fc.bigInt(0n, 0xffff_ffffn),
  fc.nat(31).map((place) => 1n << BigInt(place)),
)
const wide = fc
  .tuple(word, word, word, word)
  .map(([a, b, c, d]) => a | (b << 32n) | (c << 64n) | (d << 96n))

type Operation = {
  readonly name: string
  readonly wgsl: string
  readonly expected: (a: bigint, b: bigint, d: bigint) => bigint
}

/** `a` and `b` are u128 of the lane, `d` a u32 of at least 1. */
const OPERATIONS: readonly Operation[] = [
  {
    name: 'add_u64',
    wgsl: low('add_u64(a.xy, b.xy)'),
    expected: (a, b) => low64(low64(a) + low64(b)),
  },
  { name: 'sub_u64', wgsl: low('sub_u64(a.xy, b.xy)'), expected: (a, b) => low64(a - b) },
  {
    name: 'scale_u64',
    wgsl: low('scale_u64(a.xy, d)'),
    expected: (a, _, d) => (low64(a) * d) >> 32n,
  },
  {
    name: 'shift_right_u64',
    wgsl: low('shift_right_u64(a.xy, d % 64u)'),
    expected: (a, _, d) => low64(a) >> (d % 64n),
  },
  { name: 'div_u64', wgsl: low('div_u64(a.xy, d)'), expected: (a, _, d) => low64(a) / d },
  { name: 'mul_u64', wgsl: 'mul_u64(a.xy, b.xy)', expected: (a, b) => low64(a) * low64(b) },
  {
    name: 'mul_shift_62',
    wgsl: low('mul_shift_62(a.xy, b.xy)'),
    expected: (a, b) => low64((low64(a) * low64(b)) >> 62n),
  },
  { name: 'add_u128', wgsl: 'add_u128(a, b)', expected: (a, b) => (a + b) & MASK_128 },
  { name: 'sub_u128', wgsl: 'sub_u128(a, b)', expected: (a, b) => (a - b) & MASK_128 },
  {
    name: 'less_u128',
    wgsl: 'vec4u(select(0u, 1u, less_u128(a, b)), 0u, 0u, 0u)',
    expected: (a, b) => (a < b ? 1n : 0n),
  },
  { name: 'mul_u128', wgsl: 'mul_u128(a, d)', expected: (a, _, d) => (a * d) & MASK_128 },
  { name: 'div_u128', wgsl: 'div_u128(a, d)', expected: (a, _, d) => a / d },
]

test.skipIf(!HAS_SOFTWARE_GPU).each(OPERATIONS)(
  `$name computes as bigint does${WHY_NO_SOFTWARE_GPU}`,
  async ({ name, wgsl, expected }) => {
    const kernel = composeKernel({
      name,
      buffers: [
        { name: 'left', type: 'array<vec4u>', binding: 'read' },
        { name: 'right', type: 'array<vec4u>', binding: 'read' },
        { name: 'small', type: 'array<u32>', binding: 'read' },
        { name: 'result', type: 'array<vec4u>', binding: 'write' },
      ],
      body: [
        U64_WGSL,
        U128_WGSL,
        `@compute @workgroup_size(${LANES})
        fn main(@builtin(local_invocation_index) lane: u32) {
          let a = left[lane];
          let b = right[lane];
          let d = small[lane];
          result[lane] = ${wgsl};
        }`,
      ],
    })
    const operands = fc.array(fc.tuple(wide, wide, word), { minLength: LANES, maxLength: LANES })
    await fc.assert(
      fc.asyncProperty(operands, async (lanes) => {
        const buffers = new GpuBuffers(device)
        const left = await buffers.upload(limbs(lanes.map(([a]) => a)))
        const right = await buffers.upload(limbs(lanes.map(([, b]) => b)))
        const divisors = lanes.map(([, , d]) => (d === 0n ? 1n : d))
        const small = await buffers.upload(Uint32Array.from(divisors, Number))
        const result = await buffers.storage(16 * LANES)
        const ready = await device.kernel(kernel)
        const encoder = device.raw.createCommandEncoder()
        const pass = encoder.beginComputePass()
        pass.setPipeline(ready.pipeline)
        pass.setBindGroup(0, ready.bind([left, right, small, result]))
        pass.dispatchWorkgroups(1)
        pass.end()
        device.raw.queue.submit([encoder.finish()])
        const found = new BigUint64Array((await buffers.read(result, 16 * LANES)).buffer)
        buffers.destroy()
        for (const [lane, [a, b]] of lanes.entries()) {
          const value = (at(found, 2 * lane + 1) << 64n) | at(found, 2 * lane)
          expect(value).toBe(expected(a, b, at(divisors, lane)))
        }
      }),
      { seed: 20_261_122, numRuns: 12 },
    )
  },
)

function low(call: string): string {
  return `vec4u(${call}, 0u, 0u)`
}

function low64(value: bigint): bigint {
  return value & MASK_64
}

function limbs(values: readonly bigint[]): BigUint64Array {
  return BigUint64Array.from(values.flatMap((value) => [low64(value), value >> 64n]))
}
