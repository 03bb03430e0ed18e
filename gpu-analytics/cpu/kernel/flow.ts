// AssemblyScript. The absorbing flow in 64 bits; see rank.ts for the conventions. The host makes sure
// that the inflow and the fingers of a node sum to less than 2^63; only the totals per edge can then
// pass 64 bits (a cycle may carry the same unit many times), and `moveFlow` says so.

/** Divides what is in flight: units per finger out, the rest kept. */
export function divideFlow(
  nodeCount: u32,
  inFlightAt: usize,
  keepFingersAt: usize,
  passFingersAt: usize,
  perFingerAt: usize,
  keptAt: usize,
): void {
  for (let node: usize = 0; node < nodeCount; node++) {
    const place = node << 3
    const amount = load<u64>(inFlightAt + place)
    const passFingers = load<u64>(passFingersAt + place)
    const fingers = load<u64>(keepFingersAt + place) + passFingers
    const perFinger = fingers ? amount / fingers : 0
    store<u64>(perFingerAt + place, perFinger)
    store<u64>(keptAt + place, load<u64>(keptAt + place) + amount - perFinger * passFingers)
  }
}

let overflowed: u32 = 0

/** 1 when an edge's total passed 64 bits since the last call; resets. */
export function takeOverflowed(): u32 {
  const found = overflowed
  overflowed = 0
  return found
}

/** Moves units along the edges; returns what is then in flight. */
export function moveFlow(
  nodeCount: u32,
  offsetsAt: usize,
  sourcesAt: usize,
  fingersAt: usize,
  perFingerAt: usize,
  inFlightAt: usize,
  edgeTotalsAt: usize,
): u64 {
  let total: u64 = 0
  for (let node: usize = 0; node < nodeCount; node++) {
    let edge = <usize>load<u32>(offsetsAt + (node << 2))
    const end = <usize>load<u32>(offsetsAt + (node << 2), 4)
    let arrived: u64 = 0
    while (edge < end) {
      const perFinger = load<u64>(perFingerAt + ((<usize>load<u32>(sourcesAt + (edge << 2))) << 3))
      const moved = perFinger * load<u64>(fingersAt + (edge << 3))
      const edgeTotal = load<u64>(edgeTotalsAt + (edge << 3)) + moved
      if (edgeTotal < moved) overflowed = 1
      store<u64>(edgeTotalsAt + (edge << 3), edgeTotal)
      arrived += moved
      edge++
    }
    store<u64>(inFlightAt + (node << 3), arrived)
    total += arrived
  }
  return total
}
