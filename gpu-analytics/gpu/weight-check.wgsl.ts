import { type Kernel, type KernelBuffer, composeKernel } from './kernel.ts'
import { RANK_STATE } from './rank.wgsl.ts'
import { U64_WGSL, atomicAddU64 } from './wide-integer.wgsl.ts'

const SIZES: KernelBuffer = { name: 'sizes', type: 'Sizes', binding: 'uniform' }
const STRUCTS = /* wgsl */ `
struct Sizes { count: u32, lane_count: u32, unused_a: u32, unused_b: u32 }
`

/** Per edge: adds its mantissa to its source's sum, which has room for 2^32 edges. */
export function sumMantissas(workgroupSize: number): Kernel {
  return composeKernel({
    name: 'rank: sum mantissas',
    buffers: [
      SIZES,
      { name: 'sources', type: 'array<u32>', binding: 'read' },
      { name: 'mantissas', type: 'array<u32>', binding: 'read' },
      { name: 'sums', type: 'array<atomic<u32>>', binding: 'write' },
    ],
    body: [
      STRUCTS,
      atomicAddU64('sums'),
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var edge = id.x; edge < sizes.count; edge += sizes.lane_count) {
    add_to_sums(sources[edge], vec2u(mantissas[edge], 0u));
  }
}`,
    ],
  })
}

/**
 * Per node: stops the run before its first iteration when the mantissas sum to more than
 * 2^(31 + shift), for then the node would pass on more than it has. Weights of `normaliseWeights`
 * never do; with others a sum could leave its 64 bits.
 */
export function checkMantissas(workgroupSize: number): Kernel {
  return composeKernel({
    name: 'rank: check mantissas',
    buffers: [
      SIZES,
      { name: 'sums', type: 'array<vec2u>', binding: 'read' },
      { name: 'shifts', type: 'array<u32>', binding: 'read' },
      { name: 'state', type: 'array<atomic<u32>>', binding: 'write' },
    ],
    body: [
      STRUCTS,
      U64_WGSL,
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var node = id.x; node < sizes.count; node += sizes.lane_count) {
    let shift = shifts[node];
    let whole = select(vec2u(0u, 1u << ((shift - 1u) & 31u)), vec2u(0x80000000u, 0u), shift == 0u);
    if (less_u64(whole, sums[node])) {
      atomicStore(&state[${RANK_STATE.stopped}], 1u);
      atomicStore(&state[${RANK_STATE.overweight}], 1u);
    }
  }
}`,
    ],
  })
}
