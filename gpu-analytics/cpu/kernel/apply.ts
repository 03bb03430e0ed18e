// AssemblyScript. What happens per node between two rounds of edges: it gets its share of what was
// teleported, and what it will send is divided.

import { mulShift32, mulShift62 } from './arithmetic'
import {
  hotRowCount,
  incomingAt,
  isPersonalised,
  isWeighted,
  nodeCount,
  outDegreesAt,
  passThroughAt,
  pushedAt,
  scoresAt,
  sentAt,
  shiftsAt,
  slotsAt,
  teleportAt,
  threadCount,
} from './control'

/**
 * Makes scores of what arrived at the rows from `begin` up to `end`, clears what arrived, and divides
 * what they send next; returns the L1 step.
 */
export function apply(begin: u32, end: u32, teleported: u64): u64 {
  collectPushed(begin, end)
  const share = isPersonalised() ? 0 : teleported / nodeCount()
  const incoming = incomingAt()
  const scores = scoresAt()
  const teleport = isPersonalised() ? teleportAt() : 0
  let step: u64 = 0
  for (let row: usize = begin; row < end; row++) {
    const place = row << 3
    let score = load<u64>(incoming + place) + share
    if (teleport) score += mulShift62(teleported, load<u64>(teleport + place))
    const former = load<u64>(scores + place)
    step += score > former ? score - former : former - score
    store<u64>(scores + place, score)
    store<u64>(incoming + place, 0)
  }
  send(begin, end)
  return step
}

/** Divides what the rows from `begin` up to `end` send, by their scores. */
export function send(begin: u32, end: u32): void {
  if (isWeighted()) sendWeighted(begin, end)
  else sendEqual(begin, end)
}

/** Along every edge floor(p / outDegree). */
function sendEqual(begin: u32, end: u32): void {
  const scores = scoresAt()
  const passThrough = passThroughAt()
  const outDegrees = outDegreesAt()
  const slots = slotsAt()
  const sent = sentAt()
  for (let row: usize = begin; row < end; row++) {
    const outDegree = <u64>load<u32>(outDegrees + (row << 2))
    if (outDegree == 0) continue
    const passed = mulShift32(
      load<u64>(scores + (row << 3)),
      <u64>load<u32>(passThrough + (row << 2)),
    )
    const slot = slots ? <usize>load<u32>(slots + (row << 2)) : row
    store<u64>(sent + (slot << 3), outDegree == 1 ? passed : passed / outDegree)
  }
}

/** Per unit of mantissa floor(2p / 2^shift). */
function sendWeighted(begin: u32, end: u32): void {
  const scores = scoresAt()
  const passThrough = passThroughAt()
  const outDegrees = outDegreesAt()
  const shifts = shiftsAt()
  const slots = slotsAt()
  const sent = sentAt()
  for (let row: usize = begin; row < end; row++) {
    if (load<u32>(outDegrees + (row << 2)) == 0) continue
    const passed = mulShift32(
      load<u64>(scores + (row << 3)),
      <u64>load<u32>(passThrough + (row << 2)),
    )
    const slot = slots ? <usize>load<u32>(slots + (row << 2)) : row
    store<u64>(sent + (slot << 3), (passed << 1) >> <u64>load<u8>(shifts + row))
  }
}

/** Adds what all threads pushed to the hot rows among these, and clears it. */
function collectPushed(begin: u32, end: u32): void {
  const count = hotRowCount()
  if (threadCount() == 1 || begin >= count) return
  const stop = end < count ? end : count
  const incoming = incomingAt()
  for (let thread: u32 = 0; thread < threadCount(); thread++) {
    const sums = pushedAt() + <usize>thread * ((<usize>count) << 3)
    for (let row: usize = begin; row < stop; row++) {
      const place = row << 3
      store<u64>(incoming + place, load<u64>(incoming + place) + load<u64>(sums + place))
      store<u64>(sums + place, 0)
    }
  }
}
