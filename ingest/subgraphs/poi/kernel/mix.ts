// The state of the fast stable hash: a 192-bit mix, and how many values were mixed.

import { hashHigh, hashLow, mulHigh, xxh3 } from './xxh3'

// u(x, y) = P + Q(x + y) + 8xy modulo 2^192; the words of a number from low to high.
const P0: u64 = 2305843009213693959
const P1: u64 = 2305843009213693950
const Q: u64 = 18446744073709551609
const START0: u64 = 16140901064495857665
const START1: u64 = 18446744073709551615
const START2: u64 = 18446744073709551615

/** Two states of four words: that of the block, and that of one member of an unordered set. */
const BLOCK: usize = memory.data(32, 8)
const MEMBER: usize = memory.data(32, 8)

/** The state that values go to. */
let state: usize = BLOCK

export function useBlock(): void {
  state = BLOCK
}

export function useMember(): void {
  state = MEMBER
  restart()
}

export function restart(): void {
  store<u64>(state, START0)
  store<u64>(state, START1, 8)
  store<u64>(state, START2, 16)
  store<u64>(state, 0, 24)
}

/** Mixes the bytes in at the field address. */
export function write(addressHigh: u64, addressLow: u64, at: usize, length: usize): void {
  xxh3(at, length, addressLow)
  mix(addressHigh & 0x7fffffffffffffff, hashLow, hashHigh)
  store<u64>(state, load<u64>(state, 24) + 1, 24)
}

/** Mixes another state in, as {@link save} wrote it. */
export function mixin(at: usize): void {
  mix(load<u64>(at), load<u64>(at, 8), load<u64>(at, 16))
  store<u64>(state, load<u64>(state, 24) + load<u64>(at, 24), 24)
}

export function save(at: usize): void {
  memory.copy(at, state, 32)
}

export function restore(at: usize): void {
  memory.copy(state, at, 32)
}

/** The 128-bit hash of the mix, seeded with the count, as 16 bytes. */
export function finish(at: usize): void {
  save(at)
  xxh3(at, 24, load<u64>(state, 24))
  store<u64>(at, hashLow)
  store<u64>(at, hashHigh, 8)
}

function mix(y0: u64, y1: u64, y2: u64): void {
  const x0 = load<u64>(state)
  const x1 = load<u64>(state, 8)
  const x2 = load<u64>(state, 16)

  // x · y modulo 2^192
  let p0 = x0 * y0
  let p1 = mulHigh(x0, y0)
  let p2 = mulHigh(x0, y1) + mulHigh(x1, y0) + x0 * y2 + x1 * y1 + x2 * y0
  let part = x0 * y1
  p1 += part
  if (p1 < part) p2 += 1
  part = x1 * y0
  p1 += part
  if (p1 < part) p2 += 1

  // 8 · x · y
  p2 = (p2 << 3) | (p1 >> 61)
  p1 = (p1 << 3) | (p0 >> 61)
  p0 = p0 << 3

  // x + y modulo 2^192
  const s0 = x0 + y0
  let carry: u64 = s0 < y0 ? 1 : 0
  let s1 = x1 + y1
  const over: u64 = s1 < y1 ? 1 : 0
  s1 += carry
  carry = over + (s1 < carry ? 1 : 0)
  const s2 = x2 + y2 + carry

  // Q · (x + y)
  const q0 = s0 * Q
  let q1 = mulHigh(s0, Q)
  let q2 = mulHigh(s1, Q) + s2 * Q
  part = s1 * Q
  q1 += part
  if (q1 < part) q2 += 1

  // P + Q · (x + y) + 8 · x · y
  const r0 = p0 + q0
  let r1 = p1 + q1
  let r2 = p2 + q2
  if (r1 < q1) r2 += 1
  if (r0 < q0) {
    r1 += 1
    if (r1 == 0) r2 += 1
  }
  const t0 = r0 + P0
  let t1 = r1 + P1
  if (t1 < P1) r2 += 1
  if (t0 < P0) {
    t1 += 1
    if (t1 == 0) r2 += 1
  }
  store<u64>(state, t0)
  store<u64>(state, t1, 8)
  store<u64>(state, r2, 16)
}
