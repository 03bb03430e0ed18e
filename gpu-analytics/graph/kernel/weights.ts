// AssemblyScript. Of each node: the total and the largest of the weights that leave it (128 bits
// each, totals below 2^127), its out-degree, its shift, and what divides by its total. A node fills
// one cache line:
//   0 total, low limb        24 largest, high limb     40 W, low limb
//   8 total, high limb       32 out-degree (u32)       48 W, high limb
//  16 largest, low limb      36 shift, 37 lift         56 2^33 / W (f64)
// Whether a node's weights are to be normalised is a byte of its own, in an array of its own: most
// edges of a graph that is extended are passed over by it.

export const NODE_BYTES: usize = 64

/** Empties all nodes; with `isChanged` 1 the weights of all are to be normalised. */
export function clearNodes(nodeCount: u32, nodesAt: usize, changedAt: usize, isChanged: u32): void {
  memory.fill(nodesAt, 0, NODE_BYTES * nodeCount)
  memory.fill(changedAt, <u8>isChanged, nodeCount)
}

/** Edges whose nodes are fetched together before they are used. */
const GROUP: u32 = 512

let touched: u64 = 0

/**
 * Reads a byte of the node of each edge. Nodes lie anywhere, and the processor waits for few of them
 * at a time when there is work between the reads; here there is none, and the work finds them near.
 */
function touchNodes(first: usize, end: usize, sourcesAt: usize, nodesAt: usize): void {
  let sum: u64 = 0
  for (let edge = first; edge < end; edge++) {
    sum += load<u64>(nodesAt + <usize>load<u32>(sourcesAt + (edge << 2)) * NODE_BYTES, 32)
  }
  touched = sum
}

/** Something of what was touched, so that the reads are not optimised away. */
export function lastTouched(): u64 {
  return touched
}

/**
 * Books edges with their sources; returns the first edge at which a total passes 2^127, or the number
 * of edges.
 */
export function bookEdges(edgeCount: u32, sourcesAt: usize, weightsAt: usize, nodesAt: usize): u32 {
  for (let first: u32 = 0; first < edgeCount; first += GROUP) {
    const end = min<u32>(edgeCount, first + GROUP)
    touchNodes(first, end, sourcesAt, nodesAt)
    for (let edge: usize = first; edge < end; edge++) {
      const at = nodesAt + <usize>load<u32>(sourcesAt + (edge << 2)) * NODE_BYTES
      const low = load<u64>(weightsAt + (edge << 4))
      const high = load<u64>(weightsAt + (edge << 4), 8)
      store<u32>(at, load<u32>(at, 32) + 1, 32)
      raiseLargest(at, low, high)
      if (!addToTotal(at, low, high)) return <u32>edge
    }
  }
  return edgeCount
}

function addToTotal(at: usize, low: u64, high: u64): bool {
  const totalLow = load<u64>(at) + low
  const totalHigh = load<u64>(at, 8) + high + <u64>(totalLow < low)
  store<u64>(at, totalLow)
  store<u64>(at, totalHigh, 8)
  return totalHigh >> 63 == 0
}

/** Without a branch: which of two weights is larger cannot be foreseen. */
function raiseLargest(at: usize, low: u64, high: u64): void {
  const largestLow = load<u64>(at, 16)
  const largestHigh = load<u64>(at, 24)
  const isEqual = u32(high == largestHigh)
  const isAbove = u32(high > largestHigh) | (isEqual & u32(low > largestLow))
  store<u64>(at, select<u64>(low, largestLow, isAbove), 16)
  store<u64>(at, select<u64>(high, largestHigh, isAbove), 24)
}

/** Copies out-degrees (4 bytes each), shifts (1) and totals with largest weights (32) out of nodes. */
export function readNodes(
  nodeCount: u32,
  nodesAt: usize,
  outDegreesAt: usize,
  shiftsAt: usize,
  totalsAt: usize,
): void {
  for (let node: usize = 0; node < nodeCount; node++) {
    const at = nodesAt + node * NODE_BYTES
    store<u32>(outDegreesAt + (node << 2), load<u32>(at, 32))
    store<u8>(shiftsAt + node, load<u8>(at, 36))
    memory.copy(totalsAt + (node << 5), at, 32)
  }
}

/** Copies totals with largest weights (32 bytes each) into nodes. */
export function writeNodes(nodeCount: u32, nodesAt: usize, totalsAt: usize): void {
  for (let node: usize = 0; node < nodeCount; node++) {
    memory.copy(nodesAt + node * NODE_BYTES, totalsAt + (node << 5), 32)
  }
}

/**
 * Books what edges gained with their sources: by how much each weight grew, and to what. Marks the
 * sources. Returns the first edge at which a total passes 2^127, or the number of edges.
 */
export function growNodes(
  edgeCount: u32,
  sourcesAt: usize,
  gainsAt: usize,
  weightsAt: usize,
  nodesAt: usize,
  changedAt: usize,
): u32 {
  for (let edge: usize = 0; edge < edgeCount; edge++) {
    const source = <usize>load<u32>(sourcesAt + (edge << 2))
    const at = nodesAt + source * NODE_BYTES
    store<u8>(changedAt + source, 1)
    raiseLargest(at, load<u64>(weightsAt + (edge << 4)), load<u64>(weightsAt + (edge << 4), 8))
    const gainHigh = load<u64>(gainsAt + (edge << 4), 8)
    if (!addToTotal(at, load<u64>(gainsAt + (edge << 4)), gainHigh)) return <u32>edge
  }
  return edgeCount
}

function bitLength(low: u64, high: u64): u64 {
  return high ? 128 - clz(high) : 64 - clz(low)
}

/** The high limb of a 128-bit number shifted left by less than 128; shifts are taken modulo 64. */
function shiftedHigh(low: u64, high: u64, shift: u64): u64 {
  const near = (high << shift) | ((low >> 1) >> (63 - shift))
  return select<u64>(low << shift, near, shift >= 64)
}

function shiftedLow(low: u64, shift: u64): u64 {
  return select<u64>(0, low << shift, shift >= 64)
}

/**
 * Finds the shift of each node, the largest s with largest · 2^s < 2 · total, and prepares the
 * division: W, the total lifted to 128 bits; how far weights are lifted, as much as the total and
 * s - 1 more, which leaves them below W as w · 2^s < 2 · total; and 2^33 / W in floating point.
 */
export function finishNodes(nodeCount: u32, nodesAt: usize): void {
  for (let node: usize = 0; node < nodeCount; node++) {
    const at = nodesAt + node * NODE_BYTES
    const low = load<u64>(at)
    const high = load<u64>(at, 8)
    if ((low | high) == 0) continue
    const ownLow = load<u64>(at, 16)
    const ownHigh = load<u64>(at, 24)
    const levelling = bitLength(low, high) - bitLength(ownLow, ownHigh)
    const levelLow = shiftedLow(ownLow, levelling)
    const levelHigh = shiftedHigh(ownLow, ownHigh, levelling)
    const isBelow = levelHigh < high || (levelHigh == high && levelLow < low)
    const shift = levelling + <u64>isBelow
    const lead = 128 - bitLength(low, high)
    const wholeHigh = shiftedHigh(low, high, lead)
    store<u8>(at, <u8>shift, 36)
    store<u8>(at, <u8>(lead + shift - 1), 37)
    store<u64>(at, shiftedLow(low, lead), 40)
    store<u64>(at, wholeHigh, 48)
    store<f64>(at, 8589934592.0 / <f64>wholeHigh, 56)
  }
}

/**
 * The mantissa floor(w · 2^(31 + shift) / total) of each edge whose source is marked, which is
 * floor(x · 2^32 / W) of the lifted weight x; other mantissas stay.
 *
 * The product with the reciprocal only says where to look: it is off by less than 2^-18 (each of its
 * four roundings by 2^-53 of a quotient below 2^32, the limbs left out by 2^-30), so its floor is at
 * most 1 away. The remainder decides, in integers, for every edge.
 */
export function normalise(
  edgeCount: u32,
  sourcesAt: usize,
  weightsAt: usize,
  nodesAt: usize,
  changedAt: usize,
  mantissasAt: usize,
  nodeListAt: usize,
): void {
  for (let first: u32 = 0; first < edgeCount; first += GROUP) {
    const end = min<u32>(edgeCount, first + GROUP)
    const listEnd = listChanged(first, end, sourcesAt, nodesAt, changedAt, nodeListAt)
    for (let entryAt = nodeListAt; entryAt < listEnd; entryAt += 8) {
      const edge = <usize>load<u32>(entryAt)
      const at = <usize>load<u32>(entryAt, 4)
      const low = load<u64>(weightsAt + (edge << 4))
      const lift = <u64>load<u8>(at, 37)
      const high = shiftedHigh(low, load<u64>(weightsAt + (edge << 4), 8), lift)
      const estimate = <f64>(<i64>(high >> 1)) * load<f64>(at, 56)
      const mantissa = exactMantissa(<u64>(<i64>estimate), shiftedLow(low, lift), high, at)
      store<u32>(mantissasAt + (edge << 2), <u32>mantissa)
    }
  }
}

/**
 * Lists the edges whose source is marked, each with the address of its node, and fetches the nodes;
 * returns where the list ends.
 */
function listChanged(
  first: usize,
  end: usize,
  sourcesAt: usize,
  nodesAt: usize,
  changedAt: usize,
  nodeListAt: usize,
): usize {
  let listEnd = nodeListAt
  for (let edge = first; edge < end; edge++) {
    const source = <usize>load<u32>(sourcesAt + (edge << 2))
    store<u32>(listEnd, <u32>edge)
    store<u32>(listEnd, <u32>(nodesAt + source * NODE_BYTES), 4)
    listEnd += (<usize>load<u8>(changedAt + source)) << 3
  }
  let sum: u64 = 0
  for (let entryAt = nodeListAt; entryAt < listEnd; entryAt += 8) {
    sum += load<u64>(<usize>load<u32>(entryAt, 4), 32)
  }
  touched = sum
  return listEnd
}

/** floor(x · 2^32 / W), given a number at most 1 away from it. */
function exactMantissa(estimate: u64, xLow: u64, xHigh: u64, at: usize): u64 {
  const low = load<u64>(at, 40)
  const high = load<u64>(at, 48)
  let mantissa = min<u64>(estimate, 0xffffffff) + 1
  // The product of the candidate and W: `top`, `middle` and `bottom` have 32, 64 and 64 bits.
  const p0 = mantissa * (low & 0xffffffff)
  const p1 = mantissa * (low >> 32) + (p0 >> 32)
  const p2 = mantissa * (high & 0xffffffff) + (p1 >> 32)
  const p3 = mantissa * (high >> 32) + (p2 >> 32)
  let bottom = (p1 << 32) | (p0 & 0xffffffff)
  let middle = (p3 << 32) | (p2 & 0xffffffff)
  let top = p3 >> 32
  const wantedBottom = xLow << 32
  const wantedMiddle = (xHigh << 32) | (xLow >> 32)
  const wantedTop = xHigh >> 32
  while (isAbove(top, middle, bottom, wantedTop, wantedMiddle, wantedBottom)) {
    mantissa--
    const borrow = <u64>(bottom < low)
    bottom -= low
    const rest = middle - high
    top -= <u64>(middle < high) | <u64>(rest < borrow)
    middle = rest - borrow
  }
  return mantissa
}

function isAbove(top: u64, middle: u64, bottom: u64, t: u64, m: u64, b: u64): bool {
  if (top != t) return top > t
  if (middle != m) return middle > m
  return bottom > b
}
