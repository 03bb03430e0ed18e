// AssemblyScript. Every parameter called `…At` is the byte address of an array laid out by the host
// (cpu/wasm-engine.ts); nodes and edges are numbered as in the graph. docs/attribution.md defines
// each line; no operation here can exceed 64 bits (the bounds are proved there).

const LOW: u64 = 0xffffffff

/** floor(a * b / 2^32) for a < 2^63 and b < 2^32, by halves. */
function mulShift32(a: u64, b: u64): u64 {
  return (a >> 32) * b + (((a & LOW) * b) >> 32)
}

/** floor(a * b / 2^62) for a, b <= 2^62, through the 128-bit product of 32-bit halves. */
function mulShift62(a: u64, b: u64): u64 {
  const low = (a & LOW) * (b & LOW)
  const cross = (a >> 32) * (b & LOW) + (low >> 32)
  const crossLow = (a & LOW) * (b >> 32) + (cross & LOW)
  const high = (a >> 32) * (b >> 32) + (cross >> 32) + (crossLow >> 32)
  return (high << 2) | ((((crossLow & LOW) << 32) | (low & LOW)) >> 62)
}

/** What each node sends per unit of mantissa: floor(2p / 2^shift); nothing without an out-edge. */
export function sendWeighted(
  nodeCount: u32,
  scoresAt: usize,
  passThroughAt: usize,
  outDegreesAt: usize,
  shiftsAt: usize,
  sentAt: usize,
): void {
  for (let node: usize = 0; node < nodeCount; node++) {
    const passed = mulShift32(
      load<u64>(scoresAt + (node << 3)),
      <u64>load<u32>(passThroughAt + (node << 2)),
    )
    const sent = load<u32>(outDegreesAt + (node << 2))
      ? (passed << 1) >> <u64>load<u8>(shiftsAt + node)
      : 0
    store<u64>(sentAt + (node << 3), sent)
  }
}

/** What each node sends along every out-edge: floor(p / outDegree). */
export function sendEqual(
  nodeCount: u32,
  scoresAt: usize,
  passThroughAt: usize,
  outDegreesAt: usize,
  sentAt: usize,
): void {
  for (let node: usize = 0; node < nodeCount; node++) {
    const passed = mulShift32(
      load<u64>(scoresAt + (node << 3)),
      <u64>load<u32>(passThroughAt + (node << 2)),
    )
    const outDegree = <u64>load<u32>(outDegreesAt + (node << 2))
    store<u64>(sentAt + (node << 3), outDegree ? passed / outDegree : 0)
  }
}

/** Gathers what arrives at each node over weighted edges, two edges a step; returns the sum. */
export function pullWeighted(
  nodeCount: u32,
  offsetsAt: usize,
  sourcesAt: usize,
  mantissasAt: usize,
  sentAt: usize,
  incomingAt: usize,
): u64 {
  let total: u64 = 0
  const toMantissa = mantissasAt - sourcesAt
  for (let node: usize = 0; node < nodeCount; node++) {
    let edge = sourcesAt + ((<usize>load<u32>(offsetsAt + (node << 2))) << 2)
    const end = sourcesAt + ((<usize>load<u32>(offsetsAt + (node << 2), 4)) << 2)
    let pair = i64x2.splat(0)
    while (edge + 8 <= end) {
      let sent = v128.load64_zero(sentAt + ((<usize>load<u32>(edge)) << 3))
      sent = v128.load64_lane(sentAt + ((<usize>load<u32>(edge, 4)) << 3), sent, 1)
      const mantissas = v128.load64_zero(edge + toMantissa)
      const low = v128.shuffle<u32>(sent, sent, 0, 2, 0, 2)
      const high = v128.shuffle<u32>(sent, sent, 1, 3, 1, 3)
      pair = i64x2.add(pair, i64x2.shr_u(i64x2.extmul_low_i32x4_u(low, mantissas), 32))
      pair = i64x2.add(pair, i64x2.extmul_low_i32x4_u(high, mantissas))
      edge += 8
    }
    let incoming = <u64>i64x2.extract_lane(pair, 0) + <u64>i64x2.extract_lane(pair, 1)
    if (edge < end) {
      const sent = load<u64>(sentAt + ((<usize>load<u32>(edge)) << 3))
      incoming += mulShift32(sent, <u64>load<u32>(edge + toMantissa))
    }
    store<u64>(incomingAt + (node << 3), incoming)
    total += incoming
  }
  return total
}

/** Gathers what arrives at each node when every edge passes the same; returns the sum. */
export function pullEqual(
  nodeCount: u32,
  offsetsAt: usize,
  sourcesAt: usize,
  sentAt: usize,
  incomingAt: usize,
): u64 {
  let total: u64 = 0
  for (let node: usize = 0; node < nodeCount; node++) {
    let edge = sourcesAt + ((<usize>load<u32>(offsetsAt + (node << 2))) << 2)
    const end = sourcesAt + ((<usize>load<u32>(offsetsAt + (node << 2), 4)) << 2)
    let pair = i64x2.splat(0)
    while (edge + 8 <= end) {
      let sent = v128.load64_zero(sentAt + ((<usize>load<u32>(edge)) << 3))
      sent = v128.load64_lane(sentAt + ((<usize>load<u32>(edge, 4)) << 3), sent, 1)
      pair = i64x2.add(pair, sent)
      edge += 8
    }
    let incoming = <u64>i64x2.extract_lane(pair, 0) + <u64>i64x2.extract_lane(pair, 1)
    if (edge < end) incoming += load<u64>(sentAt + ((<usize>load<u32>(edge)) << 3))
    store<u64>(incomingAt + (node << 3), incoming)
    total += incoming
  }
  return total
}

/** Adds the same share of the teleported mass to every node; returns the L1 step. */
export function applyUniform(nodeCount: u32, share: u64, incomingAt: usize, scoresAt: usize): u64 {
  let delta: u64 = 0
  for (let node: usize = 0; node < nodeCount; node++) {
    const score = load<u64>(incomingAt + (node << 3)) + share
    const former = load<u64>(scoresAt + (node << 3))
    delta += score > former ? score - former : former - score
    store<u64>(scoresAt + (node << 3), score)
  }
  return delta
}

/** Adds each node's share of the teleported mass; returns the L1 step. */
export function applyPersonalised(
  nodeCount: u32,
  teleported: u64,
  teleportAt: usize,
  incomingAt: usize,
  scoresAt: usize,
): u64 {
  let delta: u64 = 0
  for (let node: usize = 0; node < nodeCount; node++) {
    const share = mulShift62(teleported, load<u64>(teleportAt + (node << 3)))
    const score = load<u64>(incomingAt + (node << 3)) + share
    const former = load<u64>(scoresAt + (node << 3))
    delta += score > former ? score - former : former - score
    store<u64>(scoresAt + (node << 3), score)
  }
  return delta
}
