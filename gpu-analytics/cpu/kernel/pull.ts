// AssemblyScript. Rows gather what their sources sent: the inner loops of `rank`.
//
// A range of edges may begin and end inside of rows. Those two rows are shared with other ranges, so
// what arrives there is added atomically; a row in between belongs to the range alone.

import { mulShift32 } from './arithmetic'
import {
  firstRow,
  incomingAt,
  pullMantissasAt,
  pullOffsetsAt,
  pullRowCount,
  pullSourcesAt,
  sentAt,
} from './control'

/** Pulls along the equal edges from `begin` up to `end`; returns the sum. */
export function pullEqual(begin: u32, end: u32): u64 {
  const offsets = pullOffsetsAt()
  const sources = pullSourcesAt()
  const sent = sentAt()
  const incoming = incomingAt() + ((<usize>firstRow()) << 3)
  let row = rowOf(offsets, pullRowCount(), begin)
  const last = rowOf(offsets, pullRowCount(), end - 1)
  let edge = sources + ((<usize>begin) << 2)
  if (row == last) {
    const sum = gatherEqual(edge, sources + ((<usize>end) << 2), sent)
    atomic.add<u64>(incoming + ((<usize>row) << 3), sum)
    return sum
  }
  let place = offsets + ((<usize>row) << 2)
  let next = sources + ((<usize>load<u32>(place, 4)) << 2)
  let total = gatherEqual(edge, next, sent)
  atomic.add<u64>(incoming + ((<usize>row) << 3), total)
  for (row++; row < last; row++) {
    place += 4
    edge = next
    next = sources + ((<usize>load<u32>(place, 4)) << 2)
    const sum = gatherEqual(edge, next, sent)
    const at = incoming + ((<usize>row) << 3)
    store<u64>(at, load<u64>(at) + sum)
    total += sum
  }
  const rest = gatherEqual(next, sources + ((<usize>end) << 2), sent)
  atomic.add<u64>(incoming + ((<usize>last) << 3), rest)
  return total + rest
}

/** Pulls along the weighted edges from `begin` up to `end`; returns the sum. */
export function pullWeighted(begin: u32, end: u32): u64 {
  const offsets = pullOffsetsAt()
  const sources = pullSourcesAt()
  const toMantissa = pullMantissasAt() - sources
  const sent = sentAt()
  const incoming = incomingAt() + ((<usize>firstRow()) << 3)
  let row = rowOf(offsets, pullRowCount(), begin)
  const last = rowOf(offsets, pullRowCount(), end - 1)
  let edge = sources + ((<usize>begin) << 2)
  if (row == last) {
    const sum = gatherWeighted(edge, sources + ((<usize>end) << 2), toMantissa, sent)
    atomic.add<u64>(incoming + ((<usize>row) << 3), sum)
    return sum
  }
  let place = offsets + ((<usize>row) << 2)
  let next = sources + ((<usize>load<u32>(place, 4)) << 2)
  let total = gatherWeighted(edge, next, toMantissa, sent)
  atomic.add<u64>(incoming + ((<usize>row) << 3), total)
  for (row++; row < last; row++) {
    place += 4
    edge = next
    next = sources + ((<usize>load<u32>(place, 4)) << 2)
    const sum = gatherWeighted(edge, next, toMantissa, sent)
    const at = incoming + ((<usize>row) << 3)
    store<u64>(at, load<u64>(at) + sum)
    total += sum
  }
  const rest = gatherWeighted(next, sources + ((<usize>end) << 2), toMantissa, sent)
  atomic.add<u64>(incoming + ((<usize>last) << 3), rest)
  return total + rest
}

function gatherEqual(begin: usize, end: usize, sent: usize): u64 {
  let edge = begin
  let sum: u64 = 0
  while (edge + 8 <= end) {
    sum +=
      load<u64>(sent + ((<usize>load<u32>(edge)) << 3)) +
      load<u64>(sent + ((<usize>load<u32>(edge, 4)) << 3))
    edge += 8
  }
  if (edge < end) sum += load<u64>(sent + ((<usize>load<u32>(edge)) << 3))
  return sum
}

function gatherWeighted(begin: usize, end: usize, toMantissa: usize, sent: usize): u64 {
  let edge = begin
  let pair = i64x2.splat(0)
  while (edge + 8 <= end) {
    let units = v128.load64_zero(sent + ((<usize>load<u32>(edge)) << 3))
    units = v128.load64_lane(sent + ((<usize>load<u32>(edge, 4)) << 3), units, 1)
    const mantissas = v128.load64_zero(edge + toMantissa)
    const low = v128.shuffle<u32>(units, units, 0, 2, 0, 2)
    const high = v128.shuffle<u32>(units, units, 1, 3, 1, 3)
    pair = i64x2.add(pair, i64x2.shr_u(i64x2.extmul_low_i32x4_u(low, mantissas), 32))
    pair = i64x2.add(pair, i64x2.extmul_low_i32x4_u(high, mantissas))
    edge += 8
  }
  let sum = <u64>i64x2.extract_lane(pair, 0) + <u64>i64x2.extract_lane(pair, 1)
  if (edge < end) {
    const units = load<u64>(sent + ((<usize>load<u32>(edge)) << 3))
    sum += mulShift32(units, <u64>load<u32>(edge + toMantissa))
  }
  return sum
}

/** The row whose edges hold `edge`: the last one that does not begin after it. */
export function rowOf(offsets: usize, count: u32, edge: u32): u32 {
  let low: u32 = 0
  let high = count
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1)
    if (load<u32>(offsets + ((<usize>middle) << 2)) <= edge) low = middle
    else high = middle
  }
  return low
}
