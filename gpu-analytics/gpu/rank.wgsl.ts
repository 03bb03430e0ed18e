import { type Kernel, type KernelBuffer, composeKernel } from './kernel.ts'
import { SUBGROUP_SUM_WGSL, U128_WGSL, U64_WGSL, atomicAddU64 } from './wide-integer.wgsl.ts'

/** What the text of the rank kernels depends on; no bit of the scores does. */
export type RankVariant = {
  readonly weighted: boolean
  readonly personalised: boolean
  readonly subgroups: boolean
  readonly workgroupSize: number
  /** Lanes that share a wide row; it divides the workgroup. */
  readonly rowLaneCount: number
}

export type RankKernels = {
  readonly pullNarrow: Kernel
  readonly pullWide: Kernel
  readonly total: Kernel
  readonly share: Kernel
  readonly apply: Kernel
  readonly settle: Kernel
}

/** A sum over all nodes is kept in several places, so that lanes seldom wait for each other. */
export const SLOT_COUNT = 64

/** Where the words of the state lie, which the host reads between batches. */
export const RANK_STATE = {
  count: 0,
  stopped: 1,
  broken: 2,
  overweight: 3,
  delta: 4,
  base: 6,
  teleported: 8,
  wordCount: 12,
} as const

/** The kernels of one iteration, in the order in which they run; a slab has its own two pulls. */
export function rankKernels(variant: RankVariant): RankKernels {
  return {
    pullNarrow: pullNarrow(variant),
    pullWide: pullWide(variant),
    total: total(variant),
    share: share(variant),
    apply: apply(variant),
    settle: settle(),
  }
}

const PULL = buffer('pull', 'Pull', 'uniform')
const NODES = buffer('nodes', 'Nodes', 'uniform')
const STATE = buffer('state', 'State', 'write')
const EDGES: readonly KernelBuffer[] = [
  buffer('runs', 'array<u32>', 'read'),
  buffer('sources', 'array<u32>', 'read'),
  buffer('units', 'array<vec2u>', 'read'),
]
const MANTISSAS = buffer('mantissas', 'array<u32>', 'read')
const INCOMING = buffer('incoming', 'array<vec2u>', 'write')
const ATOMIC_SLOTS = buffer('slots', 'array<atomic<u32>>', 'write')
const SLOTS = buffer('slots', `array<vec2u, ${SLOT_COUNT}>`, 'write')

const STRUCTS = /* wgsl */ `
struct Pull { run_count: u32, groups_across: u32, unused_a: u32, unused_b: u32 }
struct Nodes { node_count: u32, lane_count: u32, stops_by_delta: u32, dispatch_count: u32, delta_max: vec2u, unused: vec2u }
struct State { count: u32, stopped: u32, broken: u32, overweight: u32, delta: vec2u, base: vec2u, teleported: vec2u, unused_b: vec2u }
const MASS = vec2u(0u, 0x40000000u);
`

/** A lane per row: it writes the sum of the row. */
function pullNarrow({ weighted, workgroupSize }: RankVariant): Kernel {
  return composeKernel({
    name: 'rank: pull narrow rows',
    buffers: [PULL, ...EDGES, INCOMING, ...(weighted ? [MANTISSAS] : [])],
    body: [
      STRUCTS,
      U64_WGSL,
      arrived(weighted),
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = (group.x + group.y * pull.groups_across) * ${workgroupSize}u + lane;
  if (index >= pull.run_count) { return; }
  let end = runs[3u * index + 2u];
  var sum = vec2u();
  for (var edge = runs[3u * index + 1u]; edge < end; edge++) { sum = add_u64(sum, arrived(edge)); }
  incoming[runs[3u * index]] = sum;
}`,
    ],
  })
}

/**
 * Several lanes per run: they add their sums to the row, which `apply` has cleared. WGSL does not say
 * which lanes form a subgroup, so one whose lanes do not all have the same run adds lane by lane.
 */
function pullWide({ weighted, subgroups, workgroupSize, rowLaneCount }: RankVariant): Kernel {
  return composeKernel({
    name: 'rank: pull wide rows',
    subgroups,
    buffers: [
      PULL,
      ...EDGES,
      buffer('incoming', 'array<atomic<u32>>', 'write'),
      ...(weighted ? [MANTISSAS] : []),
    ],
    body: [
      STRUCTS,
      U64_WGSL,
      arrived(weighted),
      atomicAddU64('incoming'),
      subgroups ? SUBGROUP_SUM_WGSL : '',
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (group.x + group.y * pull.groups_across) * ${workgroupSize / rowLaneCount}u;
  let index = first + lane / ${rowLaneCount}u;
  var row = 0xffffffffu;
  var sum = vec2u();
  if (index < pull.run_count) {
    row = runs[3u * index];
    let end = runs[3u * index + 2u];
    for (
      var edge = runs[3u * index + 1u] + lane % ${rowLaneCount}u;
      edge < end;
      edge += ${rowLaneCount}u
    ) {
      sum = add_u64(sum, arrived(edge));
    }
  }
  ${subgroups ? SHARED_ROW_WGSL : 'let own = sum;'}
  if (any(own != vec2u())) { add_to_incoming(row, own); }
}`,
    ],
  })
}

/** Sums what arrived at all nodes into the slots. */
function total({ subgroups, workgroupSize }: RankVariant): Kernel {
  return composeKernel({
    name: 'rank: total',
    subgroups,
    buffers: [NODES, buffer('incoming', 'array<vec2u>', 'read'), ATOMIC_SLOTS],
    body: [
      STRUCTS,
      U64_WGSL,
      atomicAddU64('slots'),
      subgroups ? SUBGROUP_SUM_WGSL : '',
      /* wgsl */ `
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = vec2u();
  for (var node = id.x; node < nodes.node_count; node += nodes.lane_count) {
    sum = add_u64(sum, incoming[node]);
  }
  ${addUp(subgroups, 'sum', 'slots', slotOf(workgroupSize, subgroups))}
}`,
    ],
  })
}

/** One workgroup: what did not arrive anywhere is teleported. */
function share({ personalised }: RankVariant): Kernel {
  const base = personalised ? 'vec2u()' : 'div_u64(state.teleported, nodes.node_count)'
  return composeKernel({
    name: 'rank: share',
    buffers: [NODES, SLOTS, STATE],
    body: [
      STRUCTS,
      U64_WGSL,
      SUM_SLOTS_WGSL,
      /* wgsl */ `
@compute @workgroup_size(${SLOT_COUNT})
fn main(@builtin(local_invocation_index) lane: u32) {
  let arrived = sum_slots(lane);
  if (lane != 0u) { return; }
  if (less_u64(MASS, arrived)) { state.broken = 1u; }
  state.teleported = sub_u64(MASS, arrived);
  state.base = ${base};
}`,
    ],
  })
}

/** Per node: the new score, what it moved, and what the node sends along its edges next. */
function apply(variant: RankVariant): Kernel {
  const { weighted, personalised, subgroups, workgroupSize } = variant
  return composeKernel({
    name: 'rank: apply',
    subgroups,
    buffers: [
      NODES,
      INCOMING,
      ATOMIC_SLOTS,
      buffer('state', 'State', 'read'),
      buffer('scores', 'array<vec2u>', 'write'),
      buffer('units', 'array<vec2u>', 'write'),
      buffer('pass_through', 'array<u32>', 'read'),
      buffer('spread', 'array<u32>', 'read'),
      ...(personalised ? [buffer('teleport', 'array<vec2u>', 'read')] : []),
    ],
    body: [
      STRUCTS,
      U64_WGSL,
      personalised ? U128_WGSL : '',
      atomicAddU64('slots'),
      subgroups ? SUBGROUP_SUM_WGSL : '',
      /* wgsl */ `
fn unit_of(passed: vec2u, spread: u32) -> vec2u {
  ${
    weighted
      ? 'return shift_right_u64(add_u64(passed, passed), spread);'
      : 'if (spread == 0u) { return vec2u(); } return div_u64(passed, spread);'
  }
}

@compute @workgroup_size(${workgroupSize})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let base = state.base;
  let teleported = state.teleported;
  var moved = vec2u();
  for (var node = id.x; node < nodes.node_count; node += nodes.lane_count) {
    let before = scores[node];
    var after = add_u64(incoming[node], base);
    ${personalised ? 'after = add_u64(after, mul_shift_62(teleported, teleport[node]));' : ''}
    incoming[node] = vec2u();
    scores[node] = after;
    if (less_u64(before, after)) {
      moved = add_u64(moved, sub_u64(after, before));
    } else {
      moved = add_u64(moved, sub_u64(before, after));
    }
    units[node] = unit_of(scale_u64(after, pass_through[node]), spread[node]);
  }
  ${addUp(subgroups, 'moved', 'slots', slotOf(workgroupSize, subgroups))}
}`,
    ],
  })
}

/** One workgroup: counts the iteration and, when the stop rule holds, makes all later ones empty. */
function settle(): Kernel {
  return composeKernel({
    name: 'rank: settle',
    buffers: [NODES, SLOTS, STATE, buffer('counts', 'array<u32>', 'write')],
    body: [
      STRUCTS,
      U64_WGSL,
      SUM_SLOTS_WGSL,
      /* wgsl */ `
@compute @workgroup_size(${SLOT_COUNT})
fn main(@builtin(local_invocation_index) lane: u32) {
  let delta = sum_slots(lane);
  if (lane != 0u || state.stopped == 1u) { return; }
  state.delta = delta;
  state.count += 1u;
  if (nodes.stops_by_delta == 0u || less_u64(nodes.delta_max, state.delta)) { return; }
  state.stopped = 1u;
  for (var index = 0u; index < nodes.dispatch_count; index++) { counts[3u * index] = 0u; }
}`,
    ],
  })
}

/**
 * Takes the slots' sum and clears them for the next sum: a lane per slot of one workgroup. Of its
 * memory WGSL promises that it starts at zero.
 */
const SUM_SLOTS_WGSL = /* wgsl */ `
var<workgroup> sum: array<atomic<u32>, 2>;
${atomicAddU64('sum')}
fn sum_slots(lane: u32) -> vec2u {
  add_to_sum(0u, slots[lane]);
  slots[lane] = vec2u();
  workgroupBarrier();
  return vec2u(atomicLoad(&sum[0]), atomicLoad(&sum[1]));
}
`

/** What this lane adds: all of its subgroup, where that has one row, or else its own. */
const SHARED_ROW_WGSL = /* wgsl */ `
  let all = subgroup_sum_u64(sum);
  let is_shared = subgroupAll(row == subgroupBroadcastFirst(row));
  let own = select(sum, select(vec2u(), all, subgroupElect()), is_shared);
`

/** What comes along an edge. */
function arrived(weighted: boolean): string {
  const unit = 'units[sources[edge]]'
  return /* wgsl */ `
fn arrived(edge: u32) -> vec2u {
  return ${weighted ? `scale_u64(${unit}, mantissas[edge])` : unit};
}
`
}

/** Adds every lane's sum to one place: by subgroups where there are such, or else lane by lane. */
function addUp(subgroups: boolean, sum: string, array: string, index: string): string {
  if (!subgroups) return `if (any(${sum} != vec2u())) { add_to_${array}(${index}, ${sum}); }`
  return `let all = subgroup_sum_u64(${sum});
  if (subgroupElect() && any(all != vec2u())) { add_to_${array}(${index}, all); }`
}

/** Neighbouring workgroups, or without subgroups neighbouring lanes, take different slots. */
function slotOf(workgroupSize: number, subgroups: boolean): string {
  const place = subgroups ? `id.x / ${workgroupSize}u` : 'id.x'
  return `(${place}) % ${SLOT_COUNT}u`
}

function buffer(name: string, type: string, binding: KernelBuffer['binding']): KernelBuffer {
  return { name, type, binding }
}
