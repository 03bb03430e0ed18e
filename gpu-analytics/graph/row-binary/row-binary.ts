import { FatalError } from '@foggara/schema'

import type { EdgeColumns } from '../edge-columns.ts'
import type { NodeDictionary } from './node-dictionary.ts'

/** The answer of a database as it arrives; chunks may be cut anywhere. */
export type ByteChunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** How many rows are to come; a database that fails in the middle may end its answer early. */
export type RowCountOptions = {
  /** Exactly so many rows; any other number is an error. */
  readonly rowCount?: number
}

/** Rows of this many are taken together while they stream. */
const ROWS_PER_CHUNK = 2 ** 20

/**
 * Reads RowBinary of one UInt32 column, which is the array itself.
 *
 * @throws {RowBinaryError}
 */
export async function readUint32Column(
  chunks: ByteChunks,
  options: RowCountOptions = {},
): Promise<Uint32Array> {
  const bytes = await readFixedRows(chunks, 4, options)
  return new Uint32Array(bytes.buffer, 0, bytes.length / 4)
}

/**
 * Reads RowBinary of rows of a fixed size into one array of bytes, which starts its buffer.
 *
 * @throws {RowBinaryError}
 */
export async function readFixedRows(
  chunks: ByteChunks,
  rowBytes: number,
  { rowCount }: RowCountOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(rowCount === undefined ? 2 ** 20 : rowCount * rowBytes)
  let length = 0
  for await (const chunk of chunks) {
    const end = length + chunk.length
    if (end > bytes.length) {
      if (rowCount !== undefined) throw new RowBinaryError(`${rowCount} rows`, 'more')
      const longer = new Uint8Array(Math.max(end, 2 * bytes.length))
      longer.set(bytes.subarray(0, length))
      bytes = longer
    }
    bytes.set(chunk, length)
    length = end
  }
  if (length % rowBytes !== 0 || (rowCount !== undefined && length !== bytes.length)) {
    throw new RowBinaryError(`${rowCount ?? 'whole'} rows of ${rowBytes} bytes`, `${length} bytes`)
  }
  return bytes.subarray(0, length)
}

/**
 * Reads RowBinary of (source UInt32, target UInt32, weight UInt128), or without the weight, a million
 * rows at a time: what `buildGraphFolder` takes.
 *
 * @throws {RowBinaryError}
 */
export async function* readEdgeColumnChunks(
  chunks: ByteChunks,
  weights: 'weighted' | 'equal',
  { rowCount }: RowCountOptions = {},
): AsyncGenerator<EdgeColumns> {
  const rowBytes = weights === 'weighted' ? 24 : 8
  let rows = new Uint8Array(ROWS_PER_CHUNK * rowBytes)
  let length = 0
  let readCount = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, rows.length - length)
      rows.set(taken === chunk.length ? chunk : chunk.subarray(at, at + taken), length)
      length += taken
      at += taken
      if (length < rows.length) continue
      readCount += ROWS_PER_CHUNK
      yield columnsOf(new Uint32Array(rows.buffer), weights)
      rows = new Uint8Array(ROWS_PER_CHUNK * rowBytes)
      length = 0
    }
  }
  if (length % rowBytes !== 0) {
    throw new RowBinaryError(`whole rows of ${rowBytes} bytes`, `${length % rowBytes} bytes of one`)
  }
  readCount += length / rowBytes
  if (rowCount !== undefined && readCount !== rowCount) {
    throw new RowBinaryError(`${rowCount} rows`, `${readCount}`)
  }
  if (length > 0) yield columnsOf(new Uint32Array(rows.buffer, 0, length / 4), weights)
}

/**
 * Reads RowBinary of (source UInt32, target UInt32, weight UInt128), or without the weight: what
 * `numberedEdgesSql` gives.
 *
 * @throws {RowBinaryError}
 */
export async function readEdgeColumns(
  chunks: ByteChunks,
  weights: 'weighted' | 'equal',
  options: RowCountOptions = {},
): Promise<EdgeColumns> {
  const bytes = await readFixedRows(chunks, weights === 'weighted' ? 24 : 8, options)
  return columnsOf(new Uint32Array(bytes.buffer, 0, bytes.length / 4), weights)
}

/**
 * Reads RowBinary of (from FixedString(32), to FixedString(32), weight UInt128), as `idEdgesSql`
 * gives it; ids that are new get the next numbers of the dictionary.
 *
 * @throws {RowBinaryError}
 */
export async function readIdEdges(
  chunks: ByteChunks,
  dictionary: NodeDictionary,
  options: RowCountOptions = {},
): Promise<EdgeColumns> {
  const bytes = await readFixedRows(chunks, 80, options)
  const rowCount = bytes.length / 80
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / 4)
  const sources = new Uint32Array(rowCount)
  const targets = new Uint32Array(rowCount)
  const weights = new BigUint64Array(2 * rowCount)
  const limbs = new Uint32Array(weights.buffer)
  for (let row = 0; row < rowCount; row++) {
    const at = 20 * row
    sources[row] = dictionary.addAt(words, at)
    targets[row] = dictionary.addAt(words, at + 8)
    for (let limb = 0; limb < 4; limb++) limbs[4 * row + limb] = words[at + 16 + limb] ?? 0
  }
  return { sources, targets, weights }
}

function columnsOf(words: Uint32Array, kind: 'weighted' | 'equal'): EdgeColumns {
  const wordCount = kind === 'weighted' ? 6 : 2
  const rowCount = words.length / wordCount
  const sources = new Uint32Array(rowCount)
  const targets = new Uint32Array(rowCount)
  for (let row = 0, at = 0; row < rowCount; row++, at += wordCount) {
    sources[row] = words[at] ?? 0
    targets[row] = words[at + 1] ?? 0
  }
  if (kind === 'equal') return { sources, targets }
  const weights = new BigUint64Array(2 * rowCount)
  const limbs = new Uint32Array(weights.buffer)
  for (let row = 0, at = 2; row < rowCount; row++, at += 6) {
    limbs[4 * row] = words[at] ?? 0
    limbs[4 * row + 1] = words[at + 1] ?? 0
    limbs[4 * row + 2] = words[at + 2] ?? 0
    limbs[4 * row + 3] = words[at + 3] ?? 0
  }
  return { sources, targets, weights }
}

/** An answer in RowBinary has another length than its rows. */
export class RowBinaryError extends FatalError {
  constructor(expected: string, found: string) {
    super('ROW_BINARY_MALFORMED', `expected ${expected}, found ${found}`, {
      hint: 'The database may have failed while it answered; ask again.',
    })
  }
}
