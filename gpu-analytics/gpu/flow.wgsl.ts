import { type Kernel, type KernelBuffer, composeKernel } from './kernel.ts'
import { U128_WGSL, U64_WGSL, atomicAddU128 } from './wide-integer.wgsl.ts'

/** What the text of the flow kernels depends on; no amount does. */
export type FlowVariant = {
  readonly workgroupSize: number
  /** Lanes that share a wide row; it divides the workgroup. */
  readonly rowLaneCount: number
}

export type FlowKernels = {
  readonly divide: Kernel
  readonly pushNarrow: Kernel
  readonly pushWide: Kernel
  readonly settle: Kernel
}

/** Where the words of the state lie, which the host reads between batches. */
export const FLOW_STATE = { count: 0, stopped: 1, overflow: 2, moving: 3, wordCount: 4 } as const

/** The kernels of one step, in the order in which they run; a slab has its own two pushes. */
export function flowKernels({ workgroupSize, rowLaneCount }: FlowVariant): FlowKernels {
  return {
    divide: divide(workgroupSize),
    pushNarrow: pushNarrow(workgroupSize),
    pushWide: pushWide(workgroupSize, rowLaneCount),
    settle: settle(),
  }
}

const SIZES = buffer('sizes', 'Sizes', 'uniform')
const STRUCTS = /* wgsl */ `
struct Sizes { count: u32, across: u32, unused_a: u32, unused_b: u32 }
`

/** Per node: what reached it becomes so much per finger; it keeps its own fingers and the rest. */
function divide(workgroupSize: number): Kernel {
  return composeKernel({
    name: 'flow: divide',
    buffers: [
      SIZES,
      buffer('in_flight', 'array<vec4u>', 'write'),
      buffer('kept', 'array<vec4u>', 'write'),
      buffer('per_finger', 'array<vec4u>', 'write'),
      buffer('fingers', 'array<u32>', 'read'),
      buffer('pass_fingers', 'array<u32>', 'read'),
    ],
    body: [
      STRUCTS,
      U64_WGSL,
      U128_WGSL,
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var node = id.x; node < sizes.count; node += sizes.across) {
    let amount = in_flight[node];
    if (all(amount == vec4u())) { per_finger[node] = vec4u(); continue; }
    let divisor = fingers[node];
    var each = vec4u();
    if (divisor != 0u) { each = div_u128(amount, divisor); }
    per_finger[node] = each;
    in_flight[node] = vec4u();
    let rest = sub_u128(amount, mul_u128(each, pass_fingers[node]));
    kept[node] = add_u128(kept[node], rest);
  }
}`,
    ],
  })
}

function edgeBuffers(inFlight: string): readonly KernelBuffer[] {
  return [
    SIZES,
    buffer('runs', 'array<u32>', 'read'),
    buffer('sources', 'array<u32>', 'read'),
    buffer('edge_fingers', 'array<u32>', 'read'),
    buffer('edge_totals', 'array<vec4u>', 'write'),
    buffer('per_finger', 'array<vec4u>', 'read'),
    buffer('in_flight', inFlight, 'write'),
    buffer('state', 'array<atomic<u32>>', 'write'),
  ]
}

/** A step never moves more than entered in all; an edge's total over many steps may outgrow 128 bits. */
const MOVE_WGSL = /* wgsl */ `
fn move_along(edge: u32) -> vec4u {
  let each = per_finger[sources[edge]];
  if (all(each == vec4u())) { return each; }
  let moved = mul_u128(each, edge_fingers[edge]);
  let total = add_u128(edge_totals[edge], moved);
  edge_totals[edge] = total;
  if (less_u128(total, moved)) { atomicStore(&state[${FLOW_STATE.overflow}u], 1u); }
  return moved;
}

fn note_moving() {
  let place = ${FLOW_STATE.moving}u;
  if (atomicLoad(&state[place]) == 0u) { atomicStore(&state[place], 1u); }
}
`

/** A lane per row: it writes what reached the row's node. */
function pushNarrow(workgroupSize: number): Kernel {
  return composeKernel({
    name: 'flow: push narrow rows',
    buffers: edgeBuffers('array<vec4u>'),
    body: [
      STRUCTS,
      U64_WGSL,
      U128_WGSL,
      MOVE_WGSL,
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = (group.x + group.y * sizes.across) * ${workgroupSize}u + lane;
  if (index >= sizes.count) { return; }
  let end = runs[3u * index + 2u];
  var sum = vec4u();
  for (var edge = runs[3u * index + 1u]; edge < end; edge++) {
    sum = add_u128(sum, move_along(edge));
  }
  if (all(sum == vec4u())) { return; }
  in_flight[runs[3u * index]] = sum;
  note_moving();
}`,
    ],
  })
}

/** Several lanes per run: each adds its part to the row's node, which \`divide\` has cleared. */
function pushWide(workgroupSize: number, rowLaneCount: number): Kernel {
  return composeKernel({
    name: 'flow: push wide rows',
    buffers: edgeBuffers('array<atomic<u32>>'),
    body: [
      STRUCTS,
      U64_WGSL,
      U128_WGSL,
      MOVE_WGSL,
      atomicAddU128('in_flight'),
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (group.x + group.y * sizes.across) * ${workgroupSize / rowLaneCount}u;
  let index = first + lane / ${rowLaneCount}u;
  if (index >= sizes.count) { return; }
  let end = runs[3u * index + 2u];
  var sum = vec4u();
  for (
    var edge = runs[3u * index + 1u] + lane % ${rowLaneCount}u;
    edge < end;
    edge += ${rowLaneCount}u
  ) {
    sum = add_u128(sum, move_along(edge));
  }
  if (all(sum == vec4u())) { return; }
  add_to_in_flight(runs[3u * index], sum);
  note_moving();
}`,
    ],
  })
}

/** One lane: counts the step and, when nothing moved, makes all later ones empty. */
function settle(): Kernel {
  return composeKernel({
    name: 'flow: settle',
    buffers: [
      SIZES,
      buffer('state', `array<u32, ${FLOW_STATE.wordCount}>`, 'write'),
      buffer('counts', 'array<u32>', 'write'),
    ],
    body: [
      STRUCTS,
      /* wgsl */ `
@compute @workgroup_size(1)
fn main() {
  if (state[${FLOW_STATE.stopped}] == 1u) { return; }
  state[${FLOW_STATE.count}] += 1u;
  if (state[${FLOW_STATE.moving}] == 1u) { state[${FLOW_STATE.moving}] = 0u; return; }
  state[${FLOW_STATE.stopped}] = 1u;
  for (var index = 0u; index < sizes.count; index++) { counts[3u * index] = 0u; }
}`,
    ],
  })
}

function buffer(name: string, type: string, binding: KernelBuffer['binding']): KernelBuffer {
  return { name, type, binding }
}
