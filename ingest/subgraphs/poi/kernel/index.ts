// Proof of Indexing: the stable hash of graph-node, fast variant.

import { writeEvent, writeLength } from './event'
import { finish, mixin, restart, restore, save, write } from './mix'
import { hashHigh, hashLow, xxh3 } from './xxh3'

export { finish, mixin, restart, restore, save, writeEvent, writeLength }

/** Makes room for `byteLength` bytes from `__heap_base` on, and says where they are. */
export function reserve(byteLength: usize): usize {
  const end = __heap_base + byteLength
  const pageCount = <i32>((end + 0xffff) >> 16)
  const missing = pageCount - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) unreachable()
  return __heap_base
}

/** Mixes bytes in at the field address. */
export function writeAt(addressHigh: u64, addressLow: u64, at: usize, length: usize): void {
  write(addressHigh, addressLow, at, length)
}

/** XXH3-128 of the bytes, for tests against published answers. */
export function hashInto(into: usize, at: usize, length: usize, seed: u64): void {
  xxh3(at, length, seed)
  store<u64>(into, hashLow)
  store<u64>(into, hashHigh, 8)
}
