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
    while (edge < stop) {
      const at = rows + ((<usize>edge) << 2)
      const place = sums + ((<usize>load<u32>(at)) << 3)
      const arrived = mulShift32(unit, <u64>load<u32>(at + toMantissa))
      store<u64>(place, load<u64>(place) + arrived)
      total += arrived
      edge++
    }
    source++
  }
  return total
}
