import { type Kernel, composeKernel } from '../gpu/kernel.ts'
import { U128_WGSL, U64_WGSL, atomicAddU128, atomicAddU64 } from '../gpu/wide-integer.wgsl.ts'

/** Philox4x32-10: `philox(counter, key)` gives the four random words of a counter. Needs U64_WGSL. */
export const PHILOX_WGSL = /* wgsl */ `
fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let even = mul_u32(0xd2511f53u, c.x);
    let odd = mul_u32(0xcd9e8d57u, c.z);
    c = vec4u(odd.y ^ c.y ^ k.x, odd.x, even.y ^ c.w ^ k.y, even.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
`

/** Threads of a workgroup. */
export const SYNERGY_WORKGROUP_SIZE = 64

/**
 * Random walks over receipts with synergies of `playerCount` players; `sampling.ts` says what is added
 * up. A thread does `chunk_length` orders of one receipt and adds its sums to the receipt's at the end.
 */
export function synergyKernel(playerCount: number): Kernel {
  return composeKernel({
    name: `Shapley walks of ${playerCount} players`,
    buffers: [
      { name: 'run', type: 'Run', binding: 'uniform' },
      { name: 'receipt_numbers', type: 'array<vec2u>', binding: 'read' },
      { name: 'weights', type: 'array<u32>', binding: 'read' },
      { name: 'synergies', type: 'array<u32>', binding: 'read' },
      { name: 'caps', type: 'array<vec2u>', binding: 'read' },
      { name: 'sums', type: 'array<atomic<u32>>', binding: 'write' },
      { name: 'square_sums', type: 'array<atomic<u32>>', binding: 'write' },
    ],
    body: [
      `const PLAYER_COUNT = ${playerCount}u;`,
      U64_WGSL,
      U128_WGSL,
      PHILOX_WGSL,
      ORDER_WGSL,
      WALK_WGSL,
      atomicAddU64('sums'),
      atomicAddU128('square_sums'),
      MAIN_WGSL,
    ],
  })
}

const ORDER_WGSL = /* wgsl */ `
struct Run {
  receipt_count: u32,
  permutation_count: u32,
  chunk_length: u32,
  walk_count: u32,
  epoch_key: vec2u,
  unused: vec2u,
}

var<private> order: array<u32, PLAYER_COUNT>;

fn draw_order(receipt_number: vec2u, sample: u32) {
  for (var player = 0u; player < PLAYER_COUNT; player++) {
    order[player] = player;
  }
  var words = vec4u(0u);
  var drawn = 0xffffffffu;
  for (var last = PLAYER_COUNT - 1u; last > 0u; last--) {
    if (last >> 2u != drawn) {
      drawn = last >> 2u;
      words = philox(vec4u(receipt_number, sample, drawn), run.epoch_key);
    }
    swap(last, mul_high(words[last & 3u], last + 1u));
  }
}

fn reverse_order() {
  for (var low = 0u; low < PLAYER_COUNT / 2u; low++) {
    swap(low, PLAYER_COUNT - 1u - low);
  }
}

fn swap(place: u32, other: u32) {
  let moved = order[place];
  order[place] = order[other];
  order[other] = moved;
}
`

const WALK_WGSL = /* wgsl */ `
var<private> marginals: array<vec2u, PLAYER_COUNT>;

// Worths are below 2^42, so that no sum here wraps.
fn walk(receipt: u32) {
  let row = receipt * PLAYER_COUNT;
  let cap = caps[receipt];
  var raw = vec2u(0u);
  var before = vec2u(0u);
  for (var place = 0u; place < PLAYER_COUNT; place++) {
    let player = order[place];
    raw = add_u64(raw, vec2u(weights[row + player], 0u));
    for (var joined = 0u; joined < place; joined++) {
      raw = add_u64(raw, vec2u(synergies[(row + player) * PLAYER_COUNT + order[joined]], 0u));
    }
    let worth = select(cap, raw, less_u64(raw, cap));
    marginals[player] = add_u64(marginals[player], sub_u64(worth, before));
    before = worth;
  }
}
`

const MAIN_WGSL = /* wgsl */ `
@compute @workgroup_size(${SYNERGY_WORKGROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let chunk_count = (run.permutation_count + run.chunk_length - 1u) / run.chunk_length;
  let receipt = id.x / chunk_count;
  if (receipt >= run.receipt_count) { return; }
  let first = (id.x % chunk_count) * run.chunk_length;
  let end = min(run.permutation_count, first + run.chunk_length);
  var own_sums: array<vec2u, PLAYER_COUNT>;
  var own_square_sums: array<vec4u, PLAYER_COUNT>;
  for (var sample = first; sample < end; sample++) {
    draw_order(receipt_numbers[receipt], sample);
    marginals = array<vec2u, PLAYER_COUNT>();
    walk(receipt);
    if (run.walk_count == 2u) {
      reverse_order();
      walk(receipt);
    }
    for (var player = 0u; player < PLAYER_COUNT; player++) {
      let marginal = marginals[player];
      own_sums[player] = add_u64(own_sums[player], marginal);
      let square = mul_u64(marginal, marginal);
      own_square_sums[player] = add_u128(own_square_sums[player], square);
    }
  }
  for (var player = 0u; player < PLAYER_COUNT; player++) {
    add_to_sums(receipt * PLAYER_COUNT + player, own_sums[player]);
    add_to_square_sums(receipt * PLAYER_COUNT + player, own_square_sums[player]);
  }
}
`
