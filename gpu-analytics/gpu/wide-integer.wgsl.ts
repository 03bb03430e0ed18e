// Wide unsigned integers in WGSL, which has 32 bits only: a u64 is a vec2u and a u128 a vec4u, lowest
// word first. Sums wrap; callers prove that theirs stay within the width.

/** Sums, comparisons, products, shifts and divisions of u64. */
export const U64_WGSL = /* wgsl */ `
fn add_u64(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + select(0u, 1u, low < a.x));
}

fn sub_u64(a: vec2u, b: vec2u) -> vec2u {
  return vec2u(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}

fn less_u64(a: vec2u, b: vec2u) -> bool {
  return a.y < b.y || (a.y == b.y && a.x < b.x);
}

// The upper half of a product, by halves of 16 bits; no sum below reaches 2^32.
fn mul_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a0 * b1 + ((a0 * b0) >> 16u);
  let carried = a1 * b0 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (carried >> 16u);
}

fn mul_u32(a: u32, b: u32) -> vec2u {
  return vec2u(a * b, mul_high(a, b));
}

// floor(a * q / 2^32)
fn scale_u64(a: vec2u, q: u32) -> vec2u {
  return add_u64(mul_u32(a.y, q), vec2u(mul_high(a.x, q), 0u));
}

// At most 63 places.
fn shift_right_u64(a: vec2u, places: u32) -> vec2u {
  if (places == 0u) { return a; }
  if (places >= 32u) { return vec2u(a.y >> (places - 32u), 0u); }
  return vec2u((a.x >> places) | (a.y << (32u - places)), a.y >> places);
}

// One digit in base 2^16 of Knuth's division, for a divisor d1 * 2^16 + d0 with its top bit set. The
// estimate is too large by 2 at most, and below 2^16 + 2, so its product with d0 stays in 32 bits.
fn div_digit(head: u32, next: u32, d1: u32, d0: u32) -> u32 {
  var digit = head / d1;
  var rest = head - digit * d1;
  for (var i = 0u; i < 2u; i++) {
    if (rest < 0x10000u && (digit >= 0x10000u || digit * d0 > ((rest << 16u) | next))) {
      digit -= 1u;
      rest += d1;
    }
  }
  return digit;
}

// Quotient and remainder of (high * 2^32 + low) / d, for high < d.
fn div_word(high: u32, low: u32, d: u32) -> vec2u {
  let places = countLeadingZeros(d);
  let divisor = d << places;
  let d1 = divisor >> 16u;
  let d0 = divisor & 0xffffu;
  let head = (high << places) | select(low >> (32u - places), 0u, places == 0u);
  let tail = low << places;
  let q1 = div_digit(head, tail >> 16u, d1, d0);
  let middle = (head << 16u) + (tail >> 16u) - q1 * divisor;
  let q0 = div_digit(middle, tail & 0xffffu, d1, d0);
  let rest = (middle << 16u) + (tail & 0xffffu) - q0 * divisor;
  return vec2u((q1 << 16u) + q0, rest >> places);
}

fn div_u64(a: vec2u, d: u32) -> vec2u {
  let high = a.y / d;
  return vec2u(div_word(a.y - high * d, a.x, d).x, high);
}
`

/** Sums, comparisons, products and divisions of u128; needs {@link U64_WGSL}. */
export const U128_WGSL = /* wgsl */ `
fn add_u128(a: vec4u, b: vec4u) -> vec4u {
  let low = add_u64(a.xy, b.xy);
  let high = add_u64(a.zw, b.zw);
  return vec4u(low, add_u64(high, vec2u(select(0u, 1u, less_u64(low, a.xy)), 0u)));
}

fn sub_u128(a: vec4u, b: vec4u) -> vec4u {
  let high = sub_u64(a.zw, b.zw);
  let borrow = vec2u(select(0u, 1u, less_u64(a.xy, b.xy)), 0u);
  return vec4u(sub_u64(a.xy, b.xy), sub_u64(high, borrow));
}

fn less_u128(a: vec4u, b: vec4u) -> bool {
  return less_u64(a.zw, b.zw) || (all(a.zw == b.zw) && less_u64(a.xy, b.xy));
}

fn mul_u64(a: vec2u, b: vec2u) -> vec4u {
  let low = mul_u32(a.x, b.x);
  let left = add_u64(mul_u32(a.x, b.y), vec2u(low.y, 0u));
  let right = mul_u32(a.y, b.x);
  let middle = add_u64(left, right);
  let carry = select(0u, 1u, less_u64(middle, right));
  return vec4u(low.x, middle.x, add_u64(mul_u32(a.y, b.y), vec2u(middle.y, carry)));
}

// floor(a * b / 2^62), of which the lower 64 bits
fn mul_shift_62(a: vec2u, b: vec2u) -> vec2u {
  let product = mul_u64(a, b);
  return vec2u(
    (product.y >> 30u) | (product.z << 2u),
    (product.z >> 30u) | (product.w << 2u),
  );
}

// Of a * b, the lower 128 bits.
fn mul_u128(a: vec4u, b: u32) -> vec4u {
  let low = mul_u32(a.x, b);
  let second = add_u64(mul_u32(a.y, b), vec2u(low.y, 0u));
  let third = add_u64(mul_u32(a.z, b), vec2u(second.y, 0u));
  return vec4u(low.x, second.x, third.x, a.w * b + third.y);
}

fn div_u128(a: vec4u, d: u32) -> vec4u {
  let first = a.w / d;
  let second = div_word(a.w - first * d, a.z, d);
  let third = div_word(second.y, a.y, d);
  return vec4u(div_word(third.y, a.x, d).x, third.x, second.x, first);
}
`

/** Sums a u64 over the lanes of a subgroup: limbs of 22 bits stay below 2^32 for up to 1024 lanes. */
export const SUBGROUP_SUM_WGSL = /* wgsl */ `
fn subgroup_sum_u64(a: vec2u) -> vec2u {
  let first = subgroupAdd(a.x & 0x3fffffu);
  let second = subgroupAdd((a.x >> 22u) | ((a.y & 0xfffu) << 10u));
  let third = subgroupAdd(a.y >> 12u);
  let low = add_u64(vec2u(first, 0u), vec2u(second << 22u, second >> 10u));
  return add_u64(low, vec2u(0u, third << 12u));
}
`

/**
 * A function `add_to_<array>(index, amount)` that adds a u64 to two neighbouring atomic words of the
 * array. Each wrap of the lower word is seen by exactly one lane, so the sum is exact in any order.
 */
export function atomicAddU64(array: string): string {
  return /* wgsl */ `
fn add_to_${array}(index: u32, amount: vec2u) {
  let before = atomicAdd(&${array}[2u * index], amount.x);
  let high = amount.y + select(0u, 1u, before + amount.x < before);
  if (high != 0u) { atomicAdd(&${array}[2u * index + 1u], high); }
}
`
}

/** As {@link atomicAddU64}, for a u128 in four atomic words. */
export function atomicAddU128(array: string): string {
  return /* wgsl */ `
fn add_to_${array}(index: u32, amount: vec4u) {
  var carry = 0u;
  for (var word = 0u; word < 4u; word++) {
    let part = amount[word] + carry;
    carry = select(0u, 1u, part < amount[word]);
    if (part != 0u) {
      let before = atomicAdd(&${array}[4u * index + word], part);
      carry += select(0u, 1u, before + part < before);
    }
  }
}
`
}
