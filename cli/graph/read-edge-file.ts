import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { RunAbortedError } from '@foggara/gpu-analytics'

import { InputFileError } from '../files/input-file.ts'
import { IdMissingError } from '../files/weighted-files.ts'
import { type CsvBytes, scanCsv } from './csv-scan.ts'
import { type IdDictionary, IdMalformedError } from './id-dictionary.ts'
import { BATCH_ROW_COUNT, type RowBatch, addRow, emptyBatch } from './row-batch.ts'
import { type WeightCell, readWeightCell } from './weight-cell.ts'

/** How far a file has been read. */
export type ReadProgress = {
  readonly byteCount: number
  readonly byteCountMax: number
  readonly rowCount: number
}

/** A file of edges to read, and what goes with it. */
export type EdgeFile = {
  /** As the user named it. */
  readonly name: string
  readonly directory: string
  /** False: there is no column `weight`, or it does not count. */
  readonly isWeighted: boolean
  readonly ids: IdDictionary
  readonly signal: AbortSignal
  readonly onProgress: (progress: ReadProgress) => void
}

const CHUNK_BYTES = 1 << 20

/**
 * Reads a CSV file `from,to,weight` of any size (also `.gz`) batch by batch; ids get numbers in the
 * order of their appearance.
 *
 * @throws {CsvMalformedError | CsvColumnMissingError | IdMissingError | IdMalformedError}
 * @throws {WeightMalformedError | WeightNegativeError | WeightOutOfRangeError}
 * @throws {InputFileError | RunAbortedError}
 */
export async function* readEdgeFile(edgeFile: EdgeFile): AsyncGenerator<RowBatch> {
  const { name, directory, isWeighted, ids, signal } = edgeFile
  const source = await openSource(path.resolve(directory, name), name)
  let full: RowBatch[] = []
  let batch = emptyBatch()
  let rowCount = 0
  const cell: WeightCell = { digits: 1, large: undefined, scale: 0 }
  const takeRow = (row: CsvBytes): void => {
    const from = idNumber(name, row, 0, ids)
    const to = idNumber(name, row, 1, ids)
    if (isWeighted) {
      const { bytes, starts, ends, line } = row
      readWeightCell(cell, bytes, starts[2] ?? 0, ends[2] ?? 0, () => `${name} line ${line}`)
    }
    addRow(batch, from, to, cell, row.line)
    rowCount++
    if (batch.rowCount < BATCH_ROW_COUNT) return
    full.push(batch)
    batch = emptyBatch()
  }
  const columns = isWeighted ? ['from', 'to', 'weight'] : ['from', 'to']
  const scanner = scanCsv(name, columns, takeRow)
  try {
    for await (const chunk of source.chunks) {
      if (signal.aborted) throw new RunAbortedError(`${rowCount} rows`, signal.reason)
      scanner.push(chunk)
      edgeFile.onProgress({ ...source.progress(), rowCount })
      yield* full
      full = []
    }
  } catch (cause) {
    throw isSystemError(cause) ? new InputFileError(name, cause) : cause
  }
  scanner.finish()
  yield* full
  if (batch.rowCount > 0) yield batch
}

function idNumber(file: string, row: CsvBytes, slot: 0 | 1, ids: IdDictionary): number {
  const [start = 0, end = 0] = [row.starts[slot], row.ends[slot]]
  if (start === end) throw new IdMissingError(file, row.line, slot === 0 ? 'from' : 'to')
  try {
    return ids.numberOf(row.bytes, start, end)
  } catch (error) {
    if (!(error instanceof IdMalformedError)) throw error
    throw new IdMalformedError(error.detail, `${file} line ${row.line}`)
  }
}

async function openSource(file: string, name: string) {
  const byteCountMax = await stat(file).then(
    ({ size }) => size,
    (cause: unknown) => {
      throw new InputFileError(name, cause)
    },
  )
  const raw = createReadStream(file, { highWaterMark: CHUNK_BYTES })
  const isPacked = file.endsWith('.gz')
  const chunks: AsyncIterable<Buffer> = isPacked
    ? pipeline(raw, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined)
    : raw
  return { chunks, progress: () => ({ byteCount: raw.bytesRead, byteCountMax }) }
}

function isSystemError(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && 'errno' in cause
}
