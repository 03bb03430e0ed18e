// Hexadecimal digits of either case to bytes, sixteen at a time. Digits that are none gather in `bad`.

let bad: v128 = i8x16.splat(0)

export function forgetBadDigits(): void {
  bad = i8x16.splat(0)
}

export function hadBadDigits(): bool {
  return v128.any_true(bad)
}

/** The value of a digit, or a number above 15. */
export function digitOf(character: u8): u32 {
  const decimal = <u32>character - 48
  if (decimal < 10) return decimal
  const letter = (<u32>character | 32) - 97
  return letter < 6 ? letter + 10 : 255
}

/** 64 digits to 32 bytes. */
@inline
export function bytes32(from: usize, to: usize): void {
  v128.store(to, pairs(from))
  v128.store(to, pairs(from + 32), 16)
}

/** 40 digits to 20 bytes. */
@inline
export function bytes20(from: usize, to: usize): void {
  const last = pairs(from + 8)
  v128.store(to, pairs(from))
  v128.store(to, last, 4)
}

/** Any even number of digits to bytes; false when one is no digit. */
export function bytesOf(from: usize, digitCount: usize, to: usize): bool {
  let rest = digitCount
  while (rest >= 64) {
    bytes32(from, to)
    from += 64
    to += 32
    rest -= 64
  }
  while (rest > 0) {
    const high = digitOf(load<u8>(from))
    const low = digitOf(load<u8>(from, 1))
    if ((high | low) > 15) return false
    store<u8>(to, <u8>((high << 4) | low))
    from += 2
    to += 1
    rest -= 2
  }
  return true
}

/** 32 digits to 16 bytes. */
@inline
function pairs(from: usize): v128 {
  return i8x16.narrow_i16x8_u(eight(v128.load(from)), eight(v128.load(from, 16)))
}

@inline
function eight(characters: v128): v128 {
  const isLetter = v128.and(i8x16.shr_u(characters, 6), i8x16.splat(1))
  const nibbles = i8x16.add(
    v128.and(characters, i8x16.splat(15)),
    i8x16.add(i8x16.shl(isLetter, 3), isLetter),
  )
  const lower = v128.or(characters, i8x16.splat(32))
  const digits = i8x16.lt_u(i8x16.sub(characters, i8x16.splat(48)), i8x16.splat(10))
  const letters = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(97)), i8x16.splat(6))
  bad = v128.or(bad, v128.not(v128.or(digits, letters)))
  return v128.or(i16x8.shl(v128.and(nibbles, i16x8.splat(255)), 4), i16x8.shr_u(nibbles, 8))
}
