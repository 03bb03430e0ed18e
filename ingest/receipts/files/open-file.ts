import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

import type { Hex } from '@foggara/schema'

import { type FilePlace, type FileReader, ReceiptFileMalformedError } from './file-item.ts'
import { type Compression, inflatedBytes } from './inflate-file.ts'
import { lineItems } from './line-items.ts'
import { parquetItems } from './parquet-items.ts'

/** What the first bytes of a file say. */
export type FileHead = {
  readonly format: 'lines' | 'batch' | 'parquet'
  readonly compression: Compression
  readonly bytes: Buffer
  /** Bytes of the whole file. */
  readonly size: number
}

const HEAD_BYTES = 4_096
/** As large as a batch may be, and one byte more shows that it is larger. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024 + 1

const MAGIC: readonly (readonly [string, Partial<Pick<FileHead, 'format' | 'compression'>>])[] = [
  ['50415231', { format: 'parquet' }],
  ['46475242', { format: 'batch' }],
  ['1f8b', { compression: 'gzip' }],
  ['28b52ffd', { compression: 'zstd' }],
]

/** Reads the beginning of a file. */
export async function readHead(path: string): Promise<FileHead> {
  await using file = await open(path)
  const buffer = Buffer.alloc(HEAD_BYTES)
  const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0)
  const { size } = await file.stat()
  const bytes = buffer.subarray(0, bytesRead)
  const start = bytes.toString('hex', 0, 4)
  const said = MAGIC.find(([magic]) => start.startsWith(magic))?.[1]
  return { format: 'lines', compression: 'none', ...said, bytes, size }
}

/** The sha256 of the first bytes: whether a path still holds the file that it held. */
export function headHash({ bytes }: FileHead, byteLength: number): Hex {
  return `0x${createHash('sha256').update(bytes.subarray(0, byteLength)).digest('hex')}`
}

/** Reads a file from a place on, in whatever format it is. */
export function openFileReader(
  path: string,
  head: FileHead,
  start: FilePlace,
  takesTail: boolean,
): FileReader {
  let readBytes = 0
  if (head.format === 'parquet') {
    const onShare = (readRows: number, allRows: number): void => {
      readBytes = Math.floor((head.size * readRows) / Math.max(1, allRows))
    }
    return { items: parquetItems(path, start, onShare), readBytes: () => readBytes }
  }
  const source = inflatedBytes(path, head.compression, start.position, (byteLength) => {
    readBytes += byteLength
  })
  const items =
    head.format === 'batch' ? batchItem(source, start) : textItems(path, source, start, takesTail)
  return { items, readBytes: () => readBytes }
}

async function* batchItem(
  source: AsyncIterable<Uint8Array>,
  { line }: FilePlace,
): ReturnType<typeof lineItems> {
  const pieces: Uint8Array[] = []
  let position = 0
  for await (const piece of source) {
    if (position < BATCH_BYTES_MAX) pieces.push(piece)
    position += piece.length
  }
  if (position === 0) return { position: 0, line }
  const bytes = Buffer.concat(pieces)
  yield [{ kind: 'batch', bytes, line: 1, position }]
  return { position, line: 1 }
}

/** Lines, and what is wrong with them as a file of lines rather than as receipts. */
async function* textItems(
  path: string,
  source: AsyncIterable<Uint8Array>,
  start: FilePlace,
  takesTail: boolean,
): ReturnType<typeof lineItems> {
  const items = lineItems(source, start, takesTail)
  let { line } = start
  try {
    while (true) {
      const next = await items.next()
      if (next.done === true) return next.value
      const first = next.value[0]
      if (
        line === 0 &&
        first !== undefined &&
        first.kind === 'receipt' &&
        first.bytes[0] !== 0x7b
      ) {
        const found = JSON.stringify(Buffer.from(first.bytes).toString('latin1', 0, 20))
        throw new ReceiptFileMalformedError(path, first.line, `expected {, found ${found}`)
      }
      line = next.value.at(-1)?.line ?? line
      yield next.value
    }
  } catch (cause) {
    const isBroken = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z')
    if (!isBroken) throw cause
    throw new ReceiptFileMalformedError(path, line + 1, `compression: ${cause.message}`, cause)
  }
}
