// XXH3-128 with a seed, after the specification of xxHash (doc/xxhash_spec.md).

const PRIME32_1: u64 = 0x9e3779b1
const PRIME32_2: u64 = 0x85ebca77
const PRIME32_3: u64 = 0xc2b2ae3d
const PRIME64_1: u64 = 0x9e3779b185ebca87
const PRIME64_2: u64 = 0xc2b2ae3d27d4eb4f
const PRIME64_3: u64 = 0x165667b19e3779f9
const PRIME64_4: u64 = 0x85ebca77c2b2ae63
const PRIME64_5: u64 = 0x27d4eb2f165667c5
const PRIME_MX1: u64 = 0x165667919e3779f9
const PRIME_MX2: u64 = 0x9fb21c651e98df25

const SECRET_LENGTH: usize = 192

const SECRET: usize = memory.data<u8>([
  0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
  0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
  0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
  0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
  0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
  0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
  0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
  0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
  0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
  0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
  0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
  0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
])

const DERIVED_SECRET: usize = memory.data(192)
const LANES: usize = memory.data(64)

/** The two halves of the last hash. */
export let hashLow: u64 = 0
export let hashHigh: u64 = 0

/** The upper half of `a · b`. */
export function mulHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff
  const aHigh = a >> 32
  const bLow = b & 0xffffffff
  const bHigh = b >> 32
  const lowLow = aLow * bLow
  const highLow = aHigh * bLow
  const middle = (lowLow >> 32) + (highLow & 0xffffffff) + aLow * bHigh
  return aHigh * bHigh + (highLow >> 32) + (middle >> 32)
}

export function xxh3(at: usize, length: usize, seed: u64): void {
  if (length > 240) return hashLong(at, length, seed)
  if (length > 128) return hash129to240(at, length, seed)
  if (length > 16) return hash17to128(at, length, seed)
  if (length > 8) return hash9to16(at, length, seed)
  if (length >= 4) return hash4to8(at, length, seed)
  if (length > 0) return hash1to3(at, length, seed)
  hashLow = avalancheXxh64(seed ^ secret(64) ^ secret(72))
  hashHigh = avalancheXxh64(seed ^ secret(80) ^ secret(88))
}

function hash1to3(at: usize, length: usize, seed: u64): void {
  const last = <u32>load<u8>(at + length - 1)
  const first = <u32>load<u8>(at)
  const middle = <u32>load<u8>(at + (length >> 1))
  const combined: u32 = last | ((<u32>length) << 8) | (first << 16) | (middle << 24)
  const flipLow = <u64>(load<u32>(SECRET) ^ load<u32>(SECRET + 4))
  const flipHigh = <u64>(load<u32>(SECRET + 8) ^ load<u32>(SECRET + 12))
  hashLow = avalancheXxh64((flipLow + seed) ^ <u64>combined)
  hashHigh = avalancheXxh64((flipHigh - seed) ^ <u64>rotl<u32>(bswap<u32>(combined), 13))
}

function hash4to8(at: usize, length: usize, seed: u64): void {
  const first = <u64>load<u32>(at)
  const last = <u64>load<u32>(at + length - 4)
  const modified = seed ^ ((<u64>bswap<u32>(<u32>seed)) << 32)
  const value = ((secret(16) ^ secret(24)) + modified) ^ (first | (last << 32))
  const factor = PRIME64_1 + ((<u64>length) << 2)
  let high = mulHigh(value, factor)
  let low = value * factor
  high += low << 1
  low ^= high >> 3
  low ^= low >> 35
  low *= PRIME_MX2
  low ^= low >> 28
  hashLow = low
  hashHigh = avalanche(high)
}

function hash9to16(at: usize, length: usize, seed: u64): void {
  const first = load<u64>(at)
  const last = load<u64>(at + length - 8)
  const value1 = ((secret(32) ^ secret(40)) - seed) ^ first ^ last
  const value2 = ((secret(48) ^ secret(56)) + seed) ^ last
  let low = value1 * PRIME64_1 + ((<u64>(length - 1)) << 54)
  let high = mulHigh(value1, PRIME64_1) + ((value2 >> 32) << 32) + (value2 & 0xffffffff) * PRIME32_2
  low ^= bswap<u64>(high)
  hashHigh = avalanche(mulHigh(low, PRIME64_2) + high * PRIME64_2)
  hashLow = avalanche(low * PRIME64_2)
}

let accumulator0: u64 = 0
let accumulator1: u64 = 0

function hash17to128(at: usize, length: usize, seed: u64): void {
  accumulator0 = <u64>length * PRIME64_1
  accumulator1 = 0
  for (let round = <i32>((length - 1) >> 5); round >= 0; round--) {
    const offset = <usize>round * 16
    mixTwoChunks(at + offset, at + length - offset - 16, SECRET + <usize>round * 32, seed)
  }
  finishMedium(length, seed)
}

function hash129to240(at: usize, length: usize, seed: u64): void {
  accumulator0 = <u64>length * PRIME64_1
  accumulator1 = 0
  for (let chunk: usize = 0; chunk < 4; chunk++) {
    mixTwoChunks(at + chunk * 32, at + chunk * 32 + 16, SECRET + chunk * 32, seed)
  }
  accumulator0 = avalanche(accumulator0)
  accumulator1 = avalanche(accumulator1)
  const chunkCount = length >> 5
  for (let chunk: usize = 4; chunk < chunkCount; chunk++) {
    mixTwoChunks(at + chunk * 32, at + chunk * 32 + 16, SECRET + (chunk - 4) * 32 + 3, seed)
  }
  mixTwoChunks(at + length - 16, at + length - 32, SECRET + 103, 0 - seed)
  finishMedium(length, seed)
}

function mixTwoChunks(chunk1: usize, chunk2: usize, secretAt: usize, seed: u64): void {
  accumulator0 += mixStep(chunk1, secretAt, seed)
  accumulator1 += mixStep(chunk2, secretAt + 16, seed)
  accumulator0 ^= load<u64>(chunk2) + load<u64>(chunk2, 8)
  accumulator1 ^= load<u64>(chunk1) + load<u64>(chunk1, 8)
}

function mixStep(at: usize, secretAt: usize, seed: u64): u64 {
  const a = load<u64>(at) ^ (load<u64>(secretAt) + seed)
  const b = load<u64>(at, 8) ^ (load<u64>(secretAt, 8) - seed)
  return (a * b) ^ mulHigh(a, b)
}

function finishMedium(length: usize, seed: u64): void {
  const low = accumulator0 + accumulator1
  const high =
    accumulator0 * PRIME64_1 + accumulator1 * PRIME64_4 + (<u64>length - seed) * PRIME64_2
  hashLow = avalanche(low)
  hashHigh = 0 - avalanche(high)
}

function hashLong(at: usize, length: usize, seed: u64): void {
  for (let word: usize = 0; word < SECRET_LENGTH; word += 16) {
    store<u64>(DERIVED_SECRET + word, load<u64>(SECRET + word) + seed)
    store<u64>(DERIVED_SECRET + word, load<u64>(SECRET + word, 8) - seed, 8)
  }
  store<u64>(LANES, PRIME32_3, 0)
  store<u64>(LANES, PRIME64_1, 8)
  store<u64>(LANES, PRIME64_2, 16)
  store<u64>(LANES, PRIME64_3, 24)
  store<u64>(LANES, PRIME64_4, 32)
  store<u64>(LANES, PRIME32_2, 40)
  store<u64>(LANES, PRIME64_5, 48)
  store<u64>(LANES, PRIME32_1, 56)
  const stripesBefore = (length - 1) >> 6
  for (let stripe: usize = 0; stripe < stripesBefore; stripe++) {
    accumulate(at + (stripe << 6), DERIVED_SECRET + ((stripe & 15) << 3))
    if ((stripe & 15) == 15) scramble()
  }
  accumulate(at + length - 64, DERIVED_SECRET + SECRET_LENGTH - 71)
  hashLow = merge(<u64>length * PRIME64_1, DERIVED_SECRET + 11)
  hashHigh = merge(~(<u64>length * PRIME64_2), DERIVED_SECRET + SECRET_LENGTH - 75)
}

function accumulate(stripe: usize, secretAt: usize): void {
  for (let lane: usize = 0; lane < 64; lane += 8) {
    const word = load<u64>(stripe + lane)
    const value = word ^ load<u64>(secretAt + lane)
    const other = LANES + (lane ^ 8)
    store<u64>(other, load<u64>(other) + word)
    const own = LANES + lane
    store<u64>(own, load<u64>(own) + (value & 0xffffffff) * (value >> 32))
  }
}

function scramble(): void {
  for (let lane: usize = 0; lane < 64; lane += 8) {
    let value = load<u64>(LANES + lane)
    value ^= value >> 47
    value ^= load<u64>(DERIVED_SECRET + SECRET_LENGTH - 64 + lane)
    store<u64>(LANES + lane, value * PRIME32_1)
  }
}

function merge(start: u64, secretAt: usize): u64 {
  let result = start
  for (let pair: usize = 0; pair < 64; pair += 16) {
    const a = load<u64>(LANES + pair) ^ load<u64>(secretAt + pair)
    const b = load<u64>(LANES + pair, 8) ^ load<u64>(secretAt + pair, 8)
    result += (a * b) ^ mulHigh(a, b)
  }
  return avalanche(result)
}

function secret(offset: usize): u64 {
  return load<u64>(SECRET + offset)
}

function avalanche(value: u64): u64 {
  value ^= value >> 37
  value *= PRIME_MX1
  return value ^ (value >> 32)
}

function avalancheXxh64(value: u64): u64 {
  value ^= value >> 33
  value *= PRIME64_2
  value ^= value >> 29
  value *= PRIME64_3
  return value ^ (value >> 32)
}
