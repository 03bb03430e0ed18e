// AssemblyScript. A bucket holds rows whose targets lie in one range. Their keys are
// (target - firstTarget) · 2^sourceBits + source, at most 62 bits, and are sorted from the lowest
// digit up, with the number of the row beside each key where rows carry a weight. Every parameter
// called `…At` is a byte address chosen by the host (graph/build-memory.ts).

/** Digits have at most this many bits: their counters stay in the first-level cache. */
const DIGIT_BITS_MAX: u32 = 11
const COUNTERS_BYTES: usize = 1 << (DIGIT_BITS_MAX + 2)

function passCountOf(keyBits: u32): u32 {
  return (keyBits + DIGIT_BITS_MAX - 1) / DIGIT_BITS_MAX
}

function countDigits(key: u64, keyBits: u32, countersAt: usize): void {
  const passCount = passCountOf(keyBits)
  const digitBits = passCount ? (keyBits + passCount - 1) / passCount : 0
  const mask: u64 = (1 << (<u64>digitBits)) - 1
  let rest = key
  let at = countersAt
  for (let pass: u32 = 0; pass < passCount; pass++) {
    const counterAt = at + ((<usize>(rest & mask)) << 2)
    store<u32>(counterAt, load<u32>(counterAt) + 1)
    rest >>= <u64>digitBits
    at += COUNTERS_BYTES
  }
}

/** Makes the keys of rows (source, target); counts their digits. */
export function packPairs(
  rowCount: u32,
  rowsAt: usize,
  firstTarget: u32,
  sourceBits: u32,
  keyBits: u32,
  keysAt: usize,
  countersAt: usize,
): void {
  memory.fill(countersAt, 0, COUNTERS_BYTES * passCountOf(keyBits))
  for (let row: usize = 0; row < rowCount; row++) {
    const at = rowsAt + (row << 3)
    const key = ((<u64>(load<u32>(at, 4) - firstTarget)) << (<u64>sourceBits)) | load<u32>(at)
    store<u64>(keysAt + (row << 3), key)
    countDigits(key, keyBits, countersAt)
  }
}

/** Makes the keys of rows (source, target, weight in two limbs) and numbers the rows. */
export function packWeightedRows(
  rowCount: u32,
  rowsAt: usize,
  firstTarget: u32,
  sourceBits: u32,
  keyBits: u32,
  keysAt: usize,
  numbersAt: usize,
  countersAt: usize,
): void {
  memory.fill(countersAt, 0, COUNTERS_BYTES * passCountOf(keyBits))
  let at = rowsAt
  for (let row: usize = 0; row < rowCount; row++) {
    const key = ((<u64>(load<u32>(at, 4) - firstTarget)) << (<u64>sourceBits)) | load<u32>(at)
    store<u64>(keysAt + (row << 3), key)
    store<u32>(numbersAt + (row << 2), <u32>row)
    countDigits(key, keyBits, countersAt)
    at += 24
  }
}

/** Counters to first places; false when all keys share the digit and the pass can be left out. */
function placesOf(rowCount: u32, digitCount: usize, countersAt: usize): bool {
  let next: u32 = 0
  for (let digit: usize = 0; digit < digitCount; digit++) {
    const at = countersAt + (digit << 2)
    const count = load<u32>(at)
    if (count == rowCount) return false
    store<u32>(at, next)
    next += count
  }
  return true
}

/** Sorts keys between two places; returns 1 when they end up in the second, else 0. */
export function sortPairs(
  rowCount: u32,
  keyBits: u32,
  keysAt: usize,
  otherKeysAt: usize,
  countersAt: usize,
): u32 {
  const passCount = passCountOf(keyBits)
  const digitBits = passCount ? (keyBits + passCount - 1) / passCount : 0
  const mask: u64 = (1 << (<u64>digitBits)) - 1
  let from = keysAt
  let to = otherKeysAt
  for (let pass: u32 = 0; pass < passCount; pass++) {
    const places = countersAt + COUNTERS_BYTES * pass
    if (!placesOf(rowCount, <usize>mask + 1, places)) continue
    const shift = <u64>(pass * digitBits)
    for (let row: usize = 0; row < rowCount; row++) {
      const key = load<u64>(from + (row << 3))
      const placeAt = places + ((<usize>((key >> shift) & mask)) << 2)
      const place = <usize>load<u32>(placeAt)
      store<u32>(placeAt, <u32>place + 1)
      store<u64>(to + (place << 3), key)
    }
    const swapped = from
    from = to
    to = swapped
  }
  return from == keysAt ? 0 : 1
}

/** Sorts keys with their numbers between two places; returns 1 when they end up in the second. */
export function sortWeightedRows(
  rowCount: u32,
  keyBits: u32,
  keysAt: usize,
  numbersAt: usize,
  otherKeysAt: usize,
  otherNumbersAt: usize,
  countersAt: usize,
): u32 {
  const passCount = passCountOf(keyBits)
  const digitBits = passCount ? (keyBits + passCount - 1) / passCount : 0
  const mask: u64 = (1 << (<u64>digitBits)) - 1
  let from = keysAt
  let to = otherKeysAt
  let numbersFrom = numbersAt
  let numbersTo = otherNumbersAt
  for (let pass: u32 = 0; pass < passCount; pass++) {
    const places = countersAt + COUNTERS_BYTES * pass
    if (!placesOf(rowCount, <usize>mask + 1, places)) continue
    const shift = <u64>(pass * digitBits)
    for (let row: usize = 0; row < rowCount; row++) {
      const key = load<u64>(from + (row << 3))
      const placeAt = places + ((<usize>((key >> shift) & mask)) << 2)
      const place = <usize>load<u32>(placeAt)
      store<u32>(placeAt, <u32>place + 1)
      store<u64>(to + (place << 3), key)
      store<u32>(numbersTo + (place << 2), load<u32>(numbersFrom + (row << 2)))
    }
    const swapped = from
    from = to
    to = swapped
    const swappedNumbers = numbersFrom
    numbersFrom = numbersTo
    numbersTo = swappedNumbers
  }
  return from == keysAt ? 0 : 1
}
