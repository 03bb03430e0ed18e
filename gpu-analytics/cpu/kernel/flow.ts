// AssemblyScript. The absorbing flow with amounts of 128 bits, as two words, the lower one first. The
// host makes sure that the inflow sums to less than 2^127 and the fingers of a node to less than 2^32.
// Only the total of an edge can then pass 128 bits (a cycle may carry the same unit many times).

import { LOW } from './arithmetic'
import {
  allFingersAt,
  arrivedOfAll,
  chunkRowCount,
  edgeTotalsAt,
  fingersAt,
  flowNodeCount,
  inFlightAt,
  inOffsetsAt,
  isMoving,
  keptAt,
  passFingersAt,
  perFingerAt,
  resetEdgeChunks,
  resetRowChunks,
  setArrived,
  setMoving,
  setOverflowed,
  setStepCount,
  sourcesAt,
  stepCount,
  stepCountMax,
  takeEdgeChunk,
  takeRowChunk,
  waitForAll,
} from './control'
import { report } from './env'

/** Runs at most `countMax` further steps; returns 1 when the flow has ended. */
export function flow(thread: u32, countMax: u32): u32 {
  const chunk = chunkRowCount()
  const nodes = flowNodeCount()
  const chunks: u32 = nodes == 0 ? 0 : (nodes - 1) / chunk + 1
  let count = stepCount()
  let moving = isMoving()
  for (let turn: u32 = 0; turn < countMax; turn++) {
    if (!moving || count >= stepCountMax()) return 1
    while (true) {
      const index = takeRowChunk()
      if (index >= chunks) break
      const first = index * chunk
      divide(first, nodes - first < chunk ? nodes : first + chunk)
    }
    waitForAll()
    if (thread == 0) resetRowChunks()
    let found: u64 = 0
    while (true) {
      const index = takeEdgeChunk()
      if (index >= chunks) break
      const first = index * chunk
      found |= move(first, nodes - first < chunk ? nodes : first + chunk)
    }
    setArrived(thread, found == 0 ? 0 : 1)
    waitForAll()
    moving = arrivedOfAll() != 0
    count++
    if (thread == 0) {
      resetEdgeChunks()
      setMoving(moving)
      setStepCount(count)
      report(count)
    }
  }
  return !moving || count >= stepCountMax() ? 1 : 0
}

/** Divides what is in flight at the nodes from `begin` up to `end`: units per finger, the rest kept. */
function divide(begin: u32, end: u32): void {
  for (let node: usize = begin; node < end; node++) {
    const place = node << 4
    const low = load<u64>(inFlightAt() + place)
    const high = load<u64>(inFlightAt() + place, 8)
    const fingers = <u64>load<u32>(allFingersAt() + (node << 2))
    const pass = <u64>load<u32>(passFingersAt() + (node << 2))
    let perLow: u64 = 0
    let perHigh: u64 = 0
    if ((low | high) != 0 && fingers != 0) {
      perHigh = high / fingers
      const upper = ((high % fingers) << 32) | (low >> 32)
      const lower = ((upper % fingers) << 32) | (low & LOW)
      perLow = ((upper / fingers) << 32) | (lower / fingers)
    }
    store<u64>(perFingerAt() + place, perLow)
    store<u64>(perFingerAt() + place, perHigh, 8)
    const passedLow = timesLow(perLow, pass)
    const passedHigh = timesHigh(perLow, perHigh, pass)
    const stays = low - passedLow
    const staysHigh = high - passedHigh - (low < passedLow ? 1 : 0)
    const kept = keptAt() + place
    const sum = load<u64>(kept) + stays
    store<u64>(kept, sum)
    store<u64>(kept, load<u64>(kept, 8) + staysHigh + (sum < stays ? 1 : 0), 8)
  }
}

/** Moves units along the edges into the nodes from `begin` up to `end`; 0 when none arrived. */
function move(begin: u32, end: u32): u64 {
  let found: u64 = 0
  let edge = <usize>load<u32>(inOffsetsAt() + ((<usize>begin) << 2))
  for (let node: usize = begin; node < end; node++) {
    const stop = <usize>load<u32>(inOffsetsAt() + (node << 2), 4)
    let arrivedLow: u64 = 0
    let arrivedHigh: u64 = 0
    for (; edge < stop; edge++) {
      const source = perFingerAt() + ((<usize>load<u32>(sourcesAt() + (edge << 2))) << 4)
      const low = load<u64>(source)
      const high = load<u64>(source, 8)
      if ((low | high) == 0) continue
      const fingers = <u64>load<u32>(fingersAt() + (edge << 2))
      const movedLow = timesLow(low, fingers)
      const movedHigh = timesHigh(low, high, fingers)
      arrivedLow += movedLow
      arrivedHigh += movedHigh + (arrivedLow < movedLow ? 1 : 0)
      addToEdge(edgeTotalsAt() + (edge << 4), movedLow, movedHigh)
    }
    store<u64>(inFlightAt() + (node << 4), arrivedLow)
    store<u64>(inFlightAt() + (node << 4), arrivedHigh, 8)
    found |= arrivedLow | arrivedHigh
  }
  return found
}

function addToEdge(place: usize, low: u64, high: u64): void {
  const sum = load<u64>(place) + low
  const former = load<u64>(place, 8)
  // `high` is below 2^63, so one more unit cannot wrap it.
  const added = high + (sum < low ? 1 : 0)
  const total = former + added
  if (total < former) setOverflowed()
  store<u64>(place, sum)
  store<u64>(place, total, 8)
}

/** The lower word of a 128-bit product that fits. */
function timesLow(low: u64, factor: u64): u64 {
  return low * factor
}

/** The upper word of a 128-bit product that fits, for factors below 2^32. */
function timesHigh(low: u64, high: u64, factor: u64): u64 {
  return high * factor + (((low >> 32) * factor + (((low & LOW) * factor) >> 32)) >> 32)
}
