import { type Hex, invariant } from '@foggara/schema'
import { keccak256 } from 'viem'

/** The three bits that an address or a topic sets in a header's bloom filter. */
export type BloomBits = readonly { readonly digitIndex: number; readonly mask: number }[]

/** The bits of an address or a topic: the low 11 bits of the first three pairs of its hash. */
export function bloomBits(value: Hex): BloomBits {
  const hash = keccak256(value)
  return [0, 1, 2].map((pair) => {
    const bit = Number.parseInt(hash.slice(2 + 4 * pair, 6 + 4 * pair), 16) % 2048
    // Bit 0 is the lowest bit of the last of 512 hex digits.
    return { digitIndex: 2 + 511 - Math.floor(bit / 4), mask: 1 << (bit % 4) }
  })
}

/** False: the block certainly holds no log with it. True: it may. */
export function mayContain(logsBloom: Hex, bits: BloomBits): boolean {
  invariant(logsBloom.length === 2 + 512, 'a bloom filter has 256 bytes')
  return bits.every(
    ({ digitIndex, mask }) => (Number.parseInt(logsBloom.charAt(digitIndex), 16) & mask) !== 0,
  )
}
