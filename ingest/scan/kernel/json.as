// JSON as RFC 8259 has it. The text is followed by zeros, which end every loop: no value holds one.

import { SYNTAX, TOO_DEEP, fail } from './failure'
import { digitOf } from './hex'

export const QUOTE: u8 = 34
export const COMMA: u8 = 44
export const COLON: u8 = 58
export const OPEN_LIST: u8 = 91
export const CLOSE_LIST: u8 = 93
export const OPEN_OBJECT: u8 = 123
export const CLOSE_OBJECT: u8 = 125
const BACKSLASH: u8 = 92
const MINUS: u8 = 45
const PLUS: u8 = 43
const POINT: u8 = 46

const DEPTH_MAX: usize = 1024
const OPEN: usize = memory.data(1024)

/** The content of the last string that was read. */
export let textAt: usize = 0
export let textLength: usize = 0

/** The first place from `at` on that is no white space. */
@inline
export function afterSpace(at: usize): usize {
  return load<u8>(at) > 32 ? at : skipSpace(at)
}

function skipSpace(at: usize): usize {
  while (true) {
    const character = load<u8>(at)
    if (character !== 32 && character !== 10 && character !== 13 && character !== 9) return at
    at += 1
  }
}

/**
 * Reads the string that opens at `at`; returns the place after it. Escapes are resolved where the
 * string stands; what is no ASCII becomes a byte that no key and no digit has.
 */
export function readString(at: usize): usize {
  if (load<u8>(at) !== QUOTE) return fail(SYNTAX, at)
  const start = at + 1
  let end = plainEnd(start)
  const stop = load<u8>(end)
  if (stop === QUOTE) {
    textAt = start
    textLength = end - start
    return end + 1
  }
  if (stop !== BACKSLASH) return fail(SYNTAX, end)
  const past = skipString(at)
  if (past === 0) return 0
  let to = end
  while (true) {
    const character = load<u8>(end)
    if (character === QUOTE) break
    if (character !== BACKSLASH) {
      store<u8>(to, character)
      end += 1
    } else {
      store<u8>(to, unescaped(end))
      end += load<u8>(end, 1) === 117 ? 6 : 2
    }
    to += 1
  }
  textAt = start
  textLength = to - start
  return past
}

/** The place after the string that opens at `at`. */
export function skipString(at: usize): usize {
  let end = at + 1
  while (true) {
    end = plainEnd(end)
    const stop = load<u8>(end)
    if (stop === QUOTE) return end + 1
    if (stop !== BACKSLASH) return fail(SYNTAX, end)
    const escape = load<u8>(end, 1)
    if (escape === 117) {
      for (let digit: usize = 2; digit < 6; digit++) {
        if (digitOf(load<u8>(end + digit)) > 15) return fail(SYNTAX, end + digit)
      }
      end += 6
    } else {
      if (simpleEscape(escape) === 0) return fail(SYNTAX, end + 1)
      end += 2
    }
  }
}

/** The place after the value that begins at `at`. */
export function skipValue(at: usize): usize {
  let depth: usize = 0
  while (true) {
    // A value begins here.
    at = afterSpace(at)
    const character = load<u8>(at)
    if (character === OPEN_OBJECT || character === OPEN_LIST) {
      if (depth === DEPTH_MAX) return fail(TOO_DEEP, at)
      store<u8>(OPEN + depth, character)
      depth += 1
      at = afterSpace(at + 1)
      if (character === OPEN_OBJECT) {
        if (load<u8>(at) !== CLOSE_OBJECT) {
          at = skipKey(at)
          if (at === 0) return 0
          continue
        }
      } else if (load<u8>(at) !== CLOSE_LIST) continue
      depth -= 1
      at += 1
    } else {
      at = character === QUOTE ? skipString(at) : skipScalar(at, character)
      if (at === 0) return 0
    }
    // A value ended here.
    while (true) {
      if (depth === 0) return at
      at = afterSpace(at)
      const isObject = load<u8>(OPEN + depth - 1) === OPEN_OBJECT
      const after = load<u8>(at)
      at += 1
      if (after === COMMA) {
        if (isObject) {
          at = skipKey(afterSpace(at))
          if (at === 0) return 0
        }
        break
      }
      if (after !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return fail(SYNTAX, at - 1)
      depth -= 1
    }
  }
}

function skipKey(at: usize): usize {
  if (load<u8>(at) !== QUOTE) return fail(SYNTAX, at)
  at = skipString(at)
  if (at === 0) return 0
  return afterColon(at)
}

/** The place after the colon that follows a key. */
export function afterColon(at: usize): usize {
  at = afterSpace(at)
  return load<u8>(at) === COLON ? at + 1 : fail(SYNTAX, at)
}

/** The first place from `at` on of a quote, a backslash or a character that no string may hold. */
@inline
function plainEnd(at: usize): usize {
  while (true) {
    const characters = v128.load(at)
    const stops = v128.or(
      v128.or(i8x16.eq(characters, i8x16.splat(34)), i8x16.eq(characters, i8x16.splat(92))),
      i8x16.lt_u(characters, i8x16.splat(32)),
    )
    const mask = i8x16.bitmask(stops)
    if (mask !== 0) return at + <usize>ctz(mask)
    at += 16
  }
}

function unescaped(at: usize): u8 {
  const escape = load<u8>(at, 1)
  if (escape !== 117) return simpleEscape(escape)
  const high = (digitOf(load<u8>(at, 2)) << 4) | digitOf(load<u8>(at, 3))
  const low = (digitOf(load<u8>(at, 4)) << 4) | digitOf(load<u8>(at, 5))
  return high === 0 && low < 128 ? <u8>low : 255
}

/** What a character after a backslash stands for; 0 when it may not stand there. */
function simpleEscape(character: u8): u8 {
  switch (character) {
    case QUOTE:
    case BACKSLASH:
    case 47:
      return character
    case 98:
      return 8
    case 102:
      return 12
    case 110:
      return 10
    case 114:
      return 13
    case 116:
      return 9
    default:
      return 0
  }
}

function skipScalar(at: usize, character: u8): usize {
  if (character === 116) return word(at, 0x65757274, 4)
  if (character === 110) return word(at, 0x6c6c756e, 4)
  if (character === 102) {
    return load<u8>(at, 4) === 101 ? word(at, 0x736c6166, 5) : fail(SYNTAX, at)
  }
  return skipNumber(at)
}

function word(at: usize, first: u32, length: usize): usize {
  return load<u32>(at) === first ? at + length : fail(SYNTAX, at)
}

function skipNumber(at: usize): usize {
  if (load<u8>(at) === MINUS) at += 1
  if (load<u8>(at) === 48) at += 1
  else {
    at = afterDigits(at)
    if (at === 0) return 0
  }
  if (load<u8>(at) === POINT) {
    at = afterDigits(at + 1)
    if (at === 0) return 0
  }
  if ((load<u8>(at) | 32) !== 101) return at
  at += 1
  const sign = load<u8>(at)
  return afterDigits(sign === MINUS || sign === PLUS ? at + 1 : at)
}

function afterDigits(at: usize): usize {
  const start = at
  while (<u32>load<u8>(at) - 48 < 10) at += 1
  return at === start ? fail(SYNTAX, at) : at
}
