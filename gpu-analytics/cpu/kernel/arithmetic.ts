// AssemblyScript. The products that do not fit 64 bits, by halves; docs/attribution.md has the bounds.

export const LOW: u64 = 0xffffffff

/** floor(a * b / 2^32) for a < 2^63 and b < 2^32. */
export function mulShift32(a: u64, b: u64): u64 {
  return (a >> 32) * b + (((a & LOW) * b) >> 32)
}

/** floor(a * b / 2^62) for a, b <= 2^62, through the 128-bit product of 32-bit halves. */
export function mulShift62(a: u64, b: u64): u64 {
  const low = (a & LOW) * (b & LOW)
  const cross = (a >> 32) * (b & LOW) + (low >> 32)
  const crossLow = (a & LOW) * (b >> 32) + (cross & LOW)
  const high = (a >> 32) * (b >> 32) + (cross >> 32) + (crossLow >> 32)
  return (high << 2) | ((((crossLow & LOW) << 32) | (low & LOW)) >> 62)
}
