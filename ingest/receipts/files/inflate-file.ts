import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { type Gunzip, type ZstdDecompress, createGunzip, createZstdDecompress } from 'node:zlib'

/** How the bytes of a file are compressed. */
export type Compression = 'none' | 'gzip' | 'zstd'

/** A piece of 4 KiB never inflates to more than some 128 MiB. */
const COMPRESSED_PIECE_BYTES = 4 * 1024

/**
 * The bytes of a file, before compression, from `position` on. What could be inflated before a fault
 * comes before the fault.
 */
export async function* inflatedBytes(
  path: string,
  compression: Compression,
  position: number,
  onRead: (byteLength: number) => void,
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') {
    onRead(position)
    for await (const piece of createReadStream(path, { start: position })) {
      onRead((piece as Buffer).length)
      yield piece as Buffer
    }
    return
  }
  let skip = position
  for await (const piece of inflated(path, compression, onRead)) {
    const kept = piece.subarray(Math.min(skip, piece.length))
    skip -= piece.length - kept.length
    if (kept.length > 0) yield kept
  }
}

async function* inflated(
  path: string,
  compression: 'gzip' | 'zstd',
  onRead: (byteLength: number) => void,
): AsyncGenerator<Buffer> {
  const inflater = compression === 'gzip' ? createGunzip() : createZstdDecompress()
  let pieces: Buffer[] = []
  let failure: Error | undefined
  // A stream that is destroyed forgets what it holds: its pieces are taken as they come.
  inflater.on('data', (piece: Buffer) => pieces.push(piece))
  inflater.on('error', (error: Error) => (failure ??= error))
  const taken = (): readonly Buffer[] => {
    const found = pieces
    pieces = []
    return found
  }
  try {
    for await (const piece of createReadStream(path, { highWaterMark: COMPRESSED_PIECE_BYTES })) {
      onRead((piece as Buffer).length)
      await written(inflater, piece as Buffer)
      yield* taken()
      if (failure !== undefined) throw failure
    }
    const ended = once(inflater, 'end').catch(() => undefined)
    inflater.end()
    await ended
    yield* taken()
    if (failure !== undefined) throw failure
  } finally {
    inflater.destroy()
  }
}

async function written(inflater: Gunzip | ZstdDecompress, piece: Buffer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  inflater.once('close', resolve)
  inflater.write(piece, () => resolve())
  await promise
  inflater.off('close', resolve)
}
