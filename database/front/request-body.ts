import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'

import { ClickHouseException } from '../engine/exception.ts'

/** Largest SQL text in bytes, after decompression. */
export const SQL_BYTES_MAX = 16 * 1024 * 1024

/** Largest payload of one insert in bytes, after decompression. */
export const ROWS_BYTES_MAX = 4 * 1024 * 1024 * 1024

/** Reads a body that is SQL text; raises {@link ClickHouseException} 307 when it is too large. */
export async function readSqlBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of bounded(source, SQL_BYTES_MAX)) chunks.push(chunk)
  }
  await pipelineFrom(request, collect)
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Writes the rows of an insert to a file, `firstPart` before the body, and returns the bytes
 * written. Raises {@link ClickHouseException} 307 when they are too many and 243 on a full disk.
 */
export async function saveRowsBody(
  request: IncomingMessage,
  firstPart: string,
  path: string,
): Promise<number> {
  let byteLength = 0
  const rows = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    if (firstPart !== '') yield Buffer.from(firstPart)
    yield* source
  }
  const count = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of bounded(rows(source), ROWS_BYTES_MAX)) {
      byteLength += chunk.length
      yield chunk
    }
  }
  const save = async (source: AsyncIterable<Buffer>): Promise<void> => {
    await pipeline(Readable.from(count(source)), createWriteStream(path, { mode: 0o600 }))
  }
  await pipelineFrom(request, save).catch((error: unknown) => {
    throw isDiskFull(error) ? diskFull() : error
  })
  return byteLength
}

async function pipelineFrom(
  request: IncomingMessage,
  consume: (source: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return pipeline(request, consume)
  const decompress = DECOMPRESS.get(encoding)
  if (decompress === undefined) {
    const text = `Unknown compression method ${encoding.slice(0, 32)}.`
    throw new ClickHouseException(89, 'UNKNOWN_COMPRESSION_METHOD', text)
  }
  return pipeline(request, decompress(), consume).catch((error: unknown) => {
    if (!isBadCompression(error)) throw error
    const text = 'The request body is not valid compressed data.'
    throw new ClickHouseException(354, 'ZLIB_INFLATE_FAILED', text)
  })
}

const DECOMPRESS = new Map<string, () => Duplex>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
])

async function* bounded(source: AsyncIterable<Buffer>, max: number): AsyncGenerator<Buffer> {
  let byteLength = 0
  for await (const chunk of source) {
    byteLength += chunk.length
    if (byteLength > max) {
      const text = `The request body is larger than ${max} bytes.`
      throw new ClickHouseException(307, 'TOO_MANY_BYTES', text)
    }
    yield chunk
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

function isDiskFull(error: unknown): boolean {
  return codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT'
}

function isBadCompression(error: unknown): boolean {
  return /^(?:Z_|ERR__ERROR|ERR_BROTLI|ERR_PADDING|ZSTD)/u.test(codeOf(error))
}

function diskFull(): ClickHouseException {
  const text = 'Cannot store the request body: no space left on the disk.'
  return new ClickHouseException(243, 'NOT_ENOUGH_SPACE', text)
}
