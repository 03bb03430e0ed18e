// AssemblyScript. Kernels check no bounds of their own, so what comes from a stream is checked first.

/** The largest of `count` sources. */
export function largestSource(sourcesAt: usize, count: u32): u32 {
  let edge = sourcesAt
  const end = sourcesAt + ((<usize>count) << 2)
  let four = i32x4.splat(0)
  for (; edge + 16 <= end; edge += 16) four = i32x4.max_u(four, v128.load(edge))
  let largest = max(
    max(<u32>i32x4.extract_lane(four, 0), <u32>i32x4.extract_lane(four, 1)),
    max(<u32>i32x4.extract_lane(four, 2), <u32>i32x4.extract_lane(four, 3)),
  )
  for (; edge < end; edge += 4) largest = max(largest, load<u32>(edge))
  return largest
}
