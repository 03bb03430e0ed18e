// AssemblyScript. Sources that few edges leave send to rows that many edges reach. There are too many
// such sources to keep what they send in the cache, and few enough such rows to keep their sums, so
// these edges go through the sums. Each thread has its own.

import { mulShift32 } from './arithmetic'
import {
  firstPushed,
  hotRowCount,
  incomingAt,
  pushMantissasAt,
  pushOffsetsAt,
  pushRowsAt,
  pushSourceCount,
  pushedAt,
  sentAt,
  threadCount,
} from './control'
import { rowOf } from './pull'

/** The sums that a thread pushes to; one thread alone pushes to the rows themselves. */
function sumsOf(thread: u32): usize {
  return threadCount() == 1
    ? incomingAt()
    : pushedAt() + <usize>thread * ((<usize>hotRowCount()) << 3)
}

/** Pushes along the equal edges from `begin` up to `end`; returns the sum. */
export function pushEqual(thread: u32, begin: u32, end: u32): u64 {
  const offsets = pushOffsetsAt()
  const rows = pushRowsAt()
  const sums = sumsOf(thread)
  const sent = sentAt() + ((<usize>firstPushed()) << 3)
  let source = rowOf(offsets, pushSourceCount(), begin)
  let edge = begin
  let total: u64 = 0
  while (edge < end) {
    const next = load<u32>(offsets + ((<usize>source) << 2), 4)
    const stop = next < end ? next : end
    const unit = load<u64>(sent + ((<usize>source) << 3))
    total += unit * <u64>(stop - edge)
    while (edge < stop) {
      const place = sums + ((<usize>load<u32>(rows + ((<usize>edge) << 2))) << 3)
      store<u64>(place, load<u64>(place) + unit)
      edge++
    }
    source++
  }
  return total
}

/** Pushes along the weighted edges from `begin` up to `end`; returns the sum. */
export function pushWeighted(thread: u32, begin: u32, end: u32): u64 {
  const offsets = pushOffsetsAt()
  const rows = pushRowsAt()
  const toMantissa = pushMantissasAt() - rows
  const sums = sumsOf(thread)
  const sent = sentAt() + ((<usize>firstPushed()) << 3)
  let source = rowOf(offsets, pushSourceCount(), begin)
  let edge = begin
  let total: u64 = 0
  while (edge < end) {
    const next = load<u32>(offsets + ((<usize>source) << 2), 4)
    const stop = next < end ? next : end
    const unit = load<u64>(sent + ((<usize>source) << 3))
    const low = i32x4.splat(<i32>unit)
    const high = i32x4.splat(<i32>(unit >> 32))
    let at = rows + ((<usize>edge) << 2)
    const last = rows + ((<usize>stop) << 2)
    for (; at + 8 <= last; at += 8) {
      const mantissas = v128.load64_zero(at + toMantissa)
      const pair = i64x2.add(
        i64x2.shr_u(i64x2.extmul_low_i32x4_u(low, mantissas), 32),
        i64x2.extmul_low_i32x4_u(high, mantissas),
      )
      total += add(sums + ((<usize>load<u32>(at)) << 3), i64x2.extract_lane(pair, 0))
      total += add(sums + ((<usize>load<u32>(at, 4)) << 3), i64x2.extract_lane(pair, 1))
    }
    if (at < last) {
      const arrived = mulShift32(unit, <u64>load<u32>(at + toMantissa))
      total += add(sums + ((<usize>load<u32>(at)) << 3), arrived)
    }
    edge = stop
    source++
  }
  return total
}

function add(place: usize, arrived: u64): u64 {
  store<u64>(place, load<u64>(place) + arrived)
  return arrived
}
