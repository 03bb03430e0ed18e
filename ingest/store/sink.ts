/** Bytes that are written one value after the other, in ClickHouse's RowBinary format. */
export type Sink = { bytes: Buffer; length: number }

const INITIAL_BYTES = 64 * 1024

/** An empty sink; it grows as it must. */
export function openSink(): Sink {
  return { bytes: Buffer.allocUnsafe(INITIAL_BYTES), length: 0 }
}

/** Makes room for so many bytes more. */
export function reserve(sink: Sink, byteLength: number): void {
  const needed = sink.length + byteLength
  if (needed <= sink.bytes.length) return
  const grown = Buffer.allocUnsafe(Math.max(needed, 2 * sink.bytes.length))
  sink.bytes.copy(grown, 0, 0, sink.length)
  sink.bytes = grown
}

/** One byte. */
export function writeByte(sink: Sink, byte: number): void {
  reserve(sink, 1)
  sink.bytes[sink.length] = byte
  sink.length += 1
}

/** Bytes as they are, without their length. */
export function writeRaw(sink: Sink, bytes: Uint8Array): void {
  reserve(sink, bytes.length)
  sink.bytes.set(bytes, sink.length)
  sink.length += bytes.length
}

/** A length as ClickHouse's VarUInt: seven bits a byte, least significant first. */
export function writeLength(sink: Sink, length: number): void {
  let rest = length
  while (rest >= 0x80) {
    writeByte(sink, (rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  writeByte(sink, rest)
}

/** Well-formed text as a `String`. */
export function writeString(sink: Sink, text: string): void {
  const byteLength = Buffer.byteLength(text)
  writeLength(sink, byteLength)
  reserve(sink, byteLength)
  sink.length += sink.bytes.write(text, sink.length, byteLength, 'utf8')
}

/** The lowest `limbCount` times 64 bits of an integer in two's complement. */
export function writeLimbs(sink: Sink, value: bigint, limbCount: number): void {
  reserve(sink, 8 * limbCount)
  let rest = value
  for (let limb = 0; limb < limbCount; limb += 1) {
    sink.length = sink.bytes.writeBigUInt64LE(BigInt.asUintN(64, rest), sink.length)
    rest >>= 64n
  }
}
