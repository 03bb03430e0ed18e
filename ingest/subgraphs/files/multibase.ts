const BASE_58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BASE_36 = '0123456789abcdefghijklmnopqrstuvwxyz'
const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567'
const BASE_16 = '0123456789abcdef'
const BASE_64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE_64_URL = `${BASE_64.slice(0, 62)}-_`

/** The bytes behind a text whose first character names its base; undefined for another text. */
export function decodeMultibase(text: string): Uint8Array | undefined {
  return BASES.get(text.slice(0, 1))?.(text.slice(1))
}

/** The bytes behind base 58 as Bitcoin and IPFS write it. */
export function decodeBase58(text: string): Uint8Array | undefined {
  return decodeDigits(text, BASE_58)
}

/** Lower-case base 32 without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bitCount = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bitCount += 8; bitCount >= 5; bitCount -= 5) {
      text += BASE_32[(held >> (bitCount - 5)) & 31] ?? ''
    }
    held &= 31
  }
  return bitCount === 0 ? text : text + (BASE_32[(held << (5 - bitCount)) & 31] ?? '')
}

const decodeBase16 = (text: string) => decodeBits(text.toLowerCase(), BASE_16, 4)
const decodeBase32 = (text: string) => decodeBits(text.toLowerCase(), BASE_32, 5)
const decodeBase36 = (text: string) => decodeDigits(text.toLowerCase(), BASE_36)

const BASES: ReadonlyMap<string, (text: string) => Uint8Array | undefined> = new Map([
  ['f', decodeBase16],
  ['F', decodeBase16],
  ['b', decodeBase32],
  ['B', decodeBase32],
  ['k', decodeBase36],
  ['K', decodeBase36],
  ['z', decodeBase58],
  ['m', (text: string) => decodeBits(text, BASE_64, 6)],
  ['u', (text: string) => decodeBits(text, BASE_64_URL, 6)],
])

/** A base that is a power of two; what is left at the end is less than a byte and zero. */
function decodeBits(text: string, alphabet: string, width: number): Uint8Array | undefined {
  const bytes: number[] = []
  let held = 0
  let bitCount = 0
  for (const character of text) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) return undefined
    held = (held << width) | digit
    bitCount += width
    if (bitCount >= 8) {
      bitCount -= 8
      bytes.push((held >> bitCount) & 0xff)
    }
    held &= (1 << bitCount) - 1
  }
  return bitCount >= width || held !== 0 ? undefined : Uint8Array.from(bytes)
}

/** Another base; leading zero digits stand for leading zero bytes. */
function decodeDigits(text: string, alphabet: string): Uint8Array | undefined {
  const base = BigInt(alphabet.length)
  let value = 0n
  for (const character of text) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) return undefined
    value = value * base + BigInt(digit)
  }
  let zeroCount = 0
  while (text[zeroCount] === alphabet[0]) zeroCount += 1
  const hex = value === 0n ? '' : value.toString(16)
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`
  return new Uint8Array([...new Uint8Array(zeroCount), ...Buffer.from(digits, 'hex')])
}
