/** `0x1234…cdef`: enough of an address or hash to recognise it. */
export function shortenHex(hex: string, head = 6, tail = 4): string {
  return hex.length <= head + tail + 1 ? hex : `${hex.slice(0, head)}…${hex.slice(-tail)}`
}

/** Whether text is a whole 20-byte address. */
export function isAddress(text: string): boolean {
  return /^0x[0-9a-f]{40}$/i.test(text)
}

/** Whether text is a whole 32-byte id or hash. */
export function isBytes32(text: string): boolean {
  return /^0x[0-9a-f]{64}$/i.test(text)
}
