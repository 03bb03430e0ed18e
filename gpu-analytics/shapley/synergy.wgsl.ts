/** Philox4x32-10 in WGSL: `philox(counter, key)` gives the four random words of a counter. */
export const PHILOX_WGSL = /* wgsl */ `
fn mulHigh(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffffu;
  let aHigh = a >> 16u;
  let bLow = b & 0xffffu;
  let bHigh = b >> 16u;
  let middle = aLow * bHigh + ((aLow * bLow) >> 16u);
  let cross = aHigh * bLow + (middle & 0xffffu);
  return aHigh * bHigh + (middle >> 16u) + (cross >> 16u);
}

fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    c = vec4u(
      mulHigh(0xcd9e8d57u, c.z) ^ c.y ^ k.x,
      0xcd9e8d57u * c.z,
      mulHigh(0xd2511f53u, c.x) ^ c.w ^ k.y,
      0xd2511f53u * c.x,
    );
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
`

/** Threads of a workgroup. */
export const SYNERGY_WORKGROUP_SIZE = 64

/**
 * Random walks over receipts with synergies of `playerCount` players; `sampling.ts` says what is added
 * up. One thread does `chunkLength` orders of one receipt and then adds its sums to the receipt's,
 * word by word with carries: every carry out of a word is seen by exactly one thread and added to the
 * next word, so that the words are the sum whatever the order of the threads.
 *
 * 64-bit numbers are two words, the low one first. A marginal worth of both walks is below 2^43, its
 * square below 2^86, and the squares of one thread's orders (at most 2^20) below 2^106: four words.
 */
export function synergyWgsl(playerCount: number): string {
  return `${PHILOX_WGSL}${ADD_WGSL}
const PLAYER_COUNT = ${playerCount}u;
${SAMPLE_WGSL}`
}

const ADD_WGSL = /* wgsl */ `
fn add64(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + u32(low < a.x));
}

fn subtract64(a: vec2u, b: vec2u) -> vec2u {
  return vec2u(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}

fn min64(a: vec2u, b: vec2u) -> vec2u {
  return select(b, a, a.y < b.y || (a.y == b.y && a.x < b.x));
}

// value < 2^43, so that its high word is below 2^11 and twice the cross product below 2^44.
fn square(value: vec2u) -> vec4u {
  let crossLow = value.x * value.y;
  let cross = vec2u(crossLow << 1u, (mulHigh(value.x, value.y) << 1u) | (crossLow >> 31u));
  let middle = mulHigh(value.x, value.x) + cross.x;
  let high = value.y * value.y + cross.y + u32(middle < cross.x);
  return vec4u(value.x * value.x, middle, high, 0u);
}

fn add128(a: vec4u, b: vec4u) -> vec4u {
  var sum = a + b;
  var carry = vec4u(sum < a);
  for (var word = 0u; word < 3u; word++) {
    let carried = sum[word + 1u] + carry[word];
    carry[word + 1u] += u32(carried < sum[word + 1u]);
    sum[word + 1u] = carried;
  }
  return sum;
}
`

const SAMPLE_WGSL = /* wgsl */ `
struct Run {
  receiptCount: u32,
  permutationCount: u32,
  chunkLength: u32,
  walkCount: u32,
  epochKey: vec2u,
  threadsPerRow: u32,
}

@group(0) @binding(0) var<uniform> run: Run;
@group(0) @binding(1) var<storage, read> receiptNumbers: array<vec2u>;
@group(0) @binding(2) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read> synergies: array<u32>;
@group(0) @binding(4) var<storage, read> caps: array<vec2u>;
// Per receipt and player two words of the sum, then for all of them four words of the square sum.
@group(0) @binding(5) var<storage, read_write> totals: array<atomic<u32>>;

var<private> order: array<u32, PLAYER_COUNT>;
var<private> marginals: array<vec2u, PLAYER_COUNT>;

fn drawOrder(receiptNumber: vec2u, sample: u32) {
  for (var player = 0u; player < PLAYER_COUNT; player++) {
    order[player] = player;
    marginals[player] = vec2u(0u);
  }
  var words = vec4u(0u);
  var drawn = 0xffffffffu;
  for (var last = PLAYER_COUNT - 1u; last > 0u; last--) {
    if (last >> 2u != drawn) {
      drawn = last >> 2u;
      words = philox(vec4u(receiptNumber, sample, drawn), run.epochKey);
    }
    let other = mulHigh(words[last & 3u], last + 1u);
    let moved = order[last];
    order[last] = order[other];
    order[other] = moved;
  }
}

fn reverseOrder() {
  for (var low = 0u; low < PLAYER_COUNT / 2u; low++) {
    let high = PLAYER_COUNT - 1u - low;
    let moved = order[low];
    order[low] = order[high];
    order[high] = moved;
  }
}

fn walk(receipt: u32) {
  let row = receipt * PLAYER_COUNT;
  let cap = caps[receipt];
  var raw = vec2u(0u);
  var before = vec2u(0u);
  for (var place = 0u; place < PLAYER_COUNT; place++) {
    let player = order[place];
    raw = add64(raw, vec2u(weights[row + player], 0u));
    for (var joined = 0u; joined < place; joined++) {
      raw = add64(raw, vec2u(synergies[(row + player) * PLAYER_COUNT + order[joined]], 0u));
    }
    let worth = min64(raw, cap);
    marginals[player] = add64(marginals[player], subtract64(worth, before));
    before = worth;
  }
}

// Adds a word and a carry to a shared word; returns the carry out of it.
fn addShared(at: u32, value: u32, carry: u32) -> u32 {
  let added = value + carry;
  let before = atomicAdd(&totals[at], added);
  return u32(added < value) + u32(before + added < before);
}

@compute @workgroup_size(${SYNERGY_WORKGROUP_SIZE})
fn sampleSynergies(@builtin(global_invocation_id) id: vec3u) {
  let thread = id.y * run.threadsPerRow + id.x;
  let chunkCount = (run.permutationCount + run.chunkLength - 1u) / run.chunkLength;
  let receipt = thread / chunkCount;
  if (receipt >= run.receiptCount) {
    return;
  }
  let first = (thread % chunkCount) * run.chunkLength;
  let end = min(run.permutationCount, first + run.chunkLength);
  var sums: array<vec2u, PLAYER_COUNT>;
  var squareSums: array<vec4u, PLAYER_COUNT>;
  for (var sample = first; sample < end; sample++) {
    drawOrder(receiptNumbers[receipt], sample);
    walk(receipt);
    if (run.walkCount == 2u) {
      reverseOrder();
      walk(receipt);
    }
    for (var player = 0u; player < PLAYER_COUNT; player++) {
      sums[player] = add64(sums[player], marginals[player]);
      squareSums[player] = add128(squareSums[player], square(marginals[player]));
    }
  }
  let squaresAt = 2u * run.receiptCount * PLAYER_COUNT;
  for (var player = 0u; player < PLAYER_COUNT; player++) {
    let value = receipt * PLAYER_COUNT + player;
    let carry = addShared(2u * value, sums[player].x, 0u);
    addShared(2u * value + 1u, sums[player].y, carry);
    var squareCarry = 0u;
    for (var word = 0u; word < 4u; word++) {
      squareCarry = addShared(squaresAt + 4u * value + word, squareSums[player][word], squareCarry);
    }
  }
}
`
