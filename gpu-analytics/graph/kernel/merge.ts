// AssemblyScript. Sorted keys to edges: equal keys become one edge whose weight is their sum.

import { bookEdges } from './weights'

let failedSource: u32 = 0

/** The source whose weights passed 2^127 together, after a call returned 0xffffffff. */
export function takeFailedSource(): u32 {
  return failedSource
}

/** Remembers a source whose weights passed 2^127 and says so. */
export function failAt(source: u32): u32 {
  failedSource = source
  return u32.MAX_VALUE
}

/**
 * Writes the distinct keys as sources, counts them per target and per source; returns how many.
 * The counts of targets are added to `rowCountsAt`, indexed from the first target of the bucket.
 */
export function mergePairs(
  keyCount: u32,
  sourceBits: u32,
  keysAt: usize,
  sourcesAt: usize,
  rowCountsAt: usize,
  outDegreesAt: usize,
): u32 {
  const mask: u64 = (1 << (<u64>sourceBits)) - 1
  let edgeCount: usize = 0
  let former: u64 = u64.MAX_VALUE
  for (let index: usize = 0; index < keyCount; index++) {
    const key = load<u64>(keysAt + (index << 3))
    if (key == former) continue
    former = key
    const source = <usize>(key & mask)
    store<u32>(sourcesAt + (edgeCount << 2), <u32>source)
    edgeCount++
    const rowAt = rowCountsAt + ((<usize>(key >> <u64>sourceBits)) << 2)
    store<u32>(rowAt, load<u32>(rowAt) + 1)
    const degreeAt = outDegreesAt + (source << 2)
    store<u32>(degreeAt, load<u32>(degreeAt) + 1)
  }
  return <u32>edgeCount
}

/**
 * As `mergePairs`, with weights: sums those of equal keys, writes the sums and books them with their
 * sources. Returns 0xffffffff when the weights of a source pass 2^127.
 */
export function mergeWeightedRows(
  keyCount: u32,
  sourceBits: u32,
  keysAt: usize,
  numbersAt: usize,
  rowsAt: usize,
  sourcesAt: usize,
  weightsAt: usize,
  rowCountsAt: usize,
  nodesAt: usize,
): u32 {
  const mask: u64 = (1 << (<u64>sourceBits)) - 1
  let edgeCount: usize = 0
  let index: usize = 0
  while (index < keyCount) {
    const key = load<u64>(keysAt + (index << 3))
    const source = <u32>(key & mask)
    let low: u64 = 0
    let high: u64 = 0
    do {
      const rowAt = rowsAt + <usize>load<u32>(numbersAt + (index << 2)) * 24
      const rowHigh = load<u64>(rowAt, 16)
      low += load<u64>(rowAt, 8)
      const carry = <u64>(low < load<u64>(rowAt, 8))
      const sumHigh = high + rowHigh + carry
      if ((rowHigh | sumHigh) >> 63) {
        return failAt(source)
      }
      high = sumHigh
      index++
    } while (index < keyCount && load<u64>(keysAt + (index << 3)) == key)
    store<u32>(sourcesAt + (edgeCount << 2), source)
    store<u64>(weightsAt + (edgeCount << 4), low)
    store<u64>(weightsAt + (edgeCount << 4), high, 8)
    edgeCount++
    const targetAt = rowCountsAt + ((<usize>(key >> <u64>sourceBits)) << 2)
    store<u32>(targetAt, load<u32>(targetAt) + 1)
  }
  const bookedCount = bookEdges(<u32>edgeCount, sourcesAt, weightsAt, nodesAt)
  if (bookedCount < <u32>edgeCount) {
    return failAt(load<u32>(sourcesAt + ((<usize>bookedCount) << 2)))
  }
  return <u32>edgeCount
}
