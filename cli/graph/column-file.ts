import { type FileHandle, open } from 'node:fs/promises'

import { FatalError } from '@foggara/schema'

/** Numbers of one width, as they lie in memory and, on every machine that runs this, in a file. */
export type Column = Uint8Array | Uint32Array | BigUint64Array

/** Writes columns one after the other and waits until they are on the disk. */
export async function writeColumns(
  path: string,
  columns: Iterable<Column> | AsyncIterable<Column>,
): Promise<void> {
  const file = await open(path, 'w')
  try {
    let end = 0
    for await (const column of columns) end += await writeAt(file, column, end)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Reads a whole column.
 *
 * @throws {ColumnLengthError} when the file has another length than the column.
 */
export async function readColumn<Numbers extends Column>(
  path: string,
  column: Numbers,
): Promise<Numbers> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size !== column.byteLength) throw new ColumnLengthError(path, column.byteLength, size)
    await readAt(file, column, 0)
    return column
  } finally {
    await file.close()
  }
}

/** Writes all of a column at a byte offset; gives how many bytes it has. */
export async function writeAt(file: FileHandle, column: Column, offset: number): Promise<number> {
  const bytes = bytesOf(column)
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(
      bytes,
      written,
      bytes.length - written,
      offset + written,
    )
    written += bytesWritten
  }
  return bytes.length
}

/**
 * Fills a column from a byte offset on.
 *
 * @throws {ColumnLengthError} when the file ends before.
 */
export async function readAt(file: FileHandle, column: Column, offset: number): Promise<void> {
  const bytes = bytesOf(column)
  let done = 0
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, offset + done)
    if (bytesRead === 0) throw new ColumnLengthError('', bytes.length, done)
    done += bytesRead
  }
}

function bytesOf(column: Column): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}

/** A file of numbers was cut or is another's. */
export class ColumnLengthError extends FatalError {
  constructor(path: string, expected: number, found: number) {
    super('GRAPH_FILE_CUT', `${path}: expected ${expected} bytes, found ${found}`, {
      hint: 'The folder is not whole: build the graph again.',
    })
  }
}
