// AssemblyScript. Philox4x32-10: turns the counter at `wordsAt` into its four random words.
export function philox(
  counter0: u32,
  counter1: u32,
  counter2: u32,
  counter3: u32,
  key: u64,
  wordsAt: usize,
): void {
  let c0 = counter0
  let c1 = counter1
  let c2 = counter2
  let c3 = counter3
  let k0 = <u32>key
  let k1 = <u32>(key >> 32)
  for (let round = 0; round < 10; round++) {
    const even = <u64>0xd2511f53 * <u64>c0
    const odd = <u64>0xcd9e8d57 * <u64>c2
    c0 = <u32>(odd >> 32) ^ c1 ^ k0
    c1 = <u32>odd
    c2 = <u32>(even >> 32) ^ c3 ^ k1
    c3 = <u32>even
    k0 += 0x9e3779b9
    k1 += 0xbb67ae85
  }
  store<u32>(wordsAt, c0)
  store<u32>(wordsAt, c1, 4)
  store<u32>(wordsAt, c2, 8)
  store<u32>(wordsAt, c3, 12)
}
