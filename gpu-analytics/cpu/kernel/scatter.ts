// AssemblyScript. Edges from rare sources to rare rows: too many of both for the cache. They lie in
// tiles of sources, and within a tile ascending by row, so that one tile's sources stay in the cache
// while rows pass by. Each part holds rows of its own, so that threads never meet.

import { mulShift32 } from './arithmetic'
import {
  coldMantissasAt,
  coldPartCount,
  coldPartsAt,
  coldRowsAt,
  coldSourcesAt,
  incomingAt,
  isWeighted,
  sentAt,
  threadCount,
} from './control'

/** Adds what this thread's parts of the cold edges carry; returns the sum. */
export function scatterCold(thread: u32): u64 {
  const parts = coldPartsAt()
  let total: u64 = 0
  for (let part = thread; part < coldPartCount(); part += threadCount()) {
    const place = parts + ((<usize>part) << 2)
    const begin = load<u32>(place)
    const end = load<u32>(place, 4)
    total += isWeighted() ? scatterWeighted(begin, end) : scatterEqual(begin, end)
  }
  return total
}

function scatterEqual(begin: u32, end: u32): u64 {
  const toSource = coldSourcesAt() - coldRowsAt()
  const incoming = incomingAt()
  const sent = sentAt()
  const stop = coldRowsAt() + ((<usize>end) << 2)
  let total: u64 = 0
  for (let edge = coldRowsAt() + ((<usize>begin) << 2); edge < stop; edge += 4) {
    const place = incoming + ((<usize>load<u32>(edge)) << 3)
    const arrived = load<u64>(sent + ((<usize>load<u32>(edge + toSource)) << 3))
    store<u64>(place, load<u64>(place) + arrived)
    total += arrived
  }
  return total
}

function scatterWeighted(begin: u32, end: u32): u64 {
  const toSource = coldSourcesAt() - coldRowsAt()
  const toMantissa = coldMantissasAt() - coldRowsAt()
  const incoming = incomingAt()
  const sent = sentAt()
  const stop = coldRowsAt() + ((<usize>end) << 2)
  let total: u64 = 0
  for (let edge = coldRowsAt() + ((<usize>begin) << 2); edge < stop; edge += 4) {
    const place = incoming + ((<usize>load<u32>(edge)) << 3)
    const units = load<u64>(sent + ((<usize>load<u32>(edge + toSource)) << 3))
    const arrived = mulShift32(units, <u64>load<u32>(edge + toMantissa))
    store<u64>(place, load<u64>(place) + arrived)
    total += arrived
  }
  return total
}
