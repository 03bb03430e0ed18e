// AssemblyScript. Sorted additions woven into sorted edges. Where each addition goes is known: before the
// edge at its place, or into that edge when it is of the same pair. Columns are byte addresses:
// sources of 4 bytes, mantissas of 4 and weights of 16.

import { failAt } from './merge'

/**
 * Writes the edges with the additions between them; returns how many they are. The mantissa of a new
 * edge is 0. The weight that each addition has in the result is written to `resultsAt`. Returns
 * 0xffffffff when a weight passes 2^127.
 */
export function weaveWeighted(
  formerCount: u32,
  formerSourcesAt: usize,
  formerMantissasAt: usize,
  formerWeightsAt: usize,
  addedCount: u32,
  placesAt: usize,
  isNewAt: usize,
  addedSourcesAt: usize,
  addedWeightsAt: usize,
  sourcesAt: usize,
  mantissasAt: usize,
  weightsAt: usize,
  resultsAt: usize,
): u32 {
  let former: usize = 0
  let edge: usize = 0
  for (let added: usize = 0; added < addedCount; added++) {
    const place = <usize>load<u32>(placesAt + (added << 2))
    for (; former < place; former++) {
      copyEdge(former, formerSourcesAt, formerMantissasAt, edge, sourcesAt, mantissasAt)
      copyWeight(formerWeightsAt + (former << 4), weightsAt + (edge << 4))
      edge++
    }
    const weightAt = weightsAt + (edge << 4)
    copyWeight(addedWeightsAt + (added << 4), weightAt)
    if (load<u8>(isNewAt + added)) {
      store<u32>(sourcesAt + (edge << 2), load<u32>(addedSourcesAt + (added << 2)))
      store<u32>(mantissasAt + (edge << 2), 0)
    } else {
      copyEdge(former, formerSourcesAt, formerMantissasAt, edge, sourcesAt, mantissasAt)
      if (!addWeight(formerWeightsAt + (former << 4), weightAt)) {
        return failAt(load<u32>(addedSourcesAt + (added << 2)))
      }
      former++
    }
    copyWeight(weightAt, resultsAt + (added << 4))
    edge++
  }
  for (; former < formerCount; former++) {
    copyEdge(former, formerSourcesAt, formerMantissasAt, edge, sourcesAt, mantissasAt)
    copyWeight(formerWeightsAt + (former << 4), weightsAt + (edge << 4))
    edge++
  }
  return <u32>edge
}

/** As `weaveWeighted`, without weights. */
export function weavePairs(
  formerCount: u32,
  formerSourcesAt: usize,
  addedCount: u32,
  placesAt: usize,
  isNewAt: usize,
  addedSourcesAt: usize,
  sourcesAt: usize,
): u32 {
  let former: usize = 0
  let at = sourcesAt
  for (let added: usize = 0; added < addedCount; added++) {
    const place = <usize>load<u32>(placesAt + (added << 2))
    for (; former < place; former++, at += 4) {
      store<u32>(at, load<u32>(formerSourcesAt + (former << 2)))
    }
    if (load<u8>(isNewAt + added) == 0) continue
    store<u32>(at, load<u32>(addedSourcesAt + (added << 2)))
    at += 4
  }
  for (; former < formerCount; former++, at += 4) {
    store<u32>(at, load<u32>(formerSourcesAt + (former << 2)))
  }
  return <u32>((at - sourcesAt) >> 2)
}

function copyEdge(
  former: usize,
  formerSourcesAt: usize,
  formerMantissasAt: usize,
  edge: usize,
  sourcesAt: usize,
  mantissasAt: usize,
): void {
  store<u32>(sourcesAt + (edge << 2), load<u32>(formerSourcesAt + (former << 2)))
  store<u32>(mantissasAt + (edge << 2), load<u32>(formerMantissasAt + (former << 2)))
}

function copyWeight(from: usize, to: usize): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
}

/** Adds a weight to another; false when the sum passes 2^127. */
function addWeight(from: usize, to: usize): bool {
  const low = load<u64>(from) + load<u64>(to)
  const high = load<u64>(from, 8) + load<u64>(to, 8) + <u64>(low < load<u64>(from))
  store<u64>(to, low)
  store<u64>(to, high, 8)
  return high >> 63 == 0
}
