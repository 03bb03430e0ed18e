import { type Sink, openSink, writeLength, writeRaw, writeString } from './sink.ts'

/** A column as ClickHouse's Native format has it, in pieces that follow each other. */
export type NativeColumn = {
  readonly name: string
  /** ClickHouse's name of the type. */
  readonly type: string
  readonly pieces: readonly Uint8Array[]
}

/** Rows by columns, each of `rowCount` values. */
export type NativeRows = { readonly rowCount: number; readonly columns: readonly NativeColumn[] }

/**
 * One block of the Native format, in pieces: columns go from memory to the database as they are.
 * `commitSeq` becomes the last column where the table has one.
 */
export function nativeBlock(
  { rowCount, columns }: NativeRows,
  commitSeq: number | undefined,
): readonly Uint8Array[] {
  const all = [...columns]
  if (commitSeq !== undefined) {
    all.push({ name: 'commit_seq', type: 'UInt64', pieces: [repeated64(commitSeq, rowCount)] })
  }
  const head = openSink()
  writeLength(head, all.length)
  writeLength(head, rowCount)
  return [
    written(head),
    ...all.flatMap(({ name, type, pieces }) => [heading(name, type), ...pieces]),
  ]
}

/** A column of few different texts: the index into `words` of each row, in one byte. */
export function wordColumn(
  name: string,
  words: readonly string[],
  indexes: readonly Uint8Array[],
): NativeColumn {
  const rowCount = indexes.reduce((sum, piece) => sum + piece.length, 0)
  const sink = openSink()
  writeRaw(sink, uint64(DICTIONARY_VERSION))
  writeRaw(sink, uint64(OWN_DICTIONARY_OF_BYTES))
  writeRaw(sink, uint64(words.length))
  for (const word of words) writeString(sink, word)
  writeRaw(sink, uint64(rowCount))
  return { name, type: 'LowCardinality(String)', pieces: [written(sink), ...indexes] }
}

/** How ClickHouse writes a `LowCardinality` column: with keys of its own, indexes of one byte. */
const DICTIONARY_VERSION = 1
const OWN_DICTIONARY_OF_BYTES = 0x600

function heading(name: string, type: string): Uint8Array {
  const sink = openSink()
  writeString(sink, name)
  writeString(sink, type)
  return written(sink)
}

function written({ bytes, length }: Sink): Uint8Array {
  return bytes.subarray(0, length)
}

function repeated64(value: number, count: number): Uint8Array {
  const values = new BigUint64Array(count).fill(BigInt(value))
  return new Uint8Array(values.buffer)
}

function uint64(value: number): Uint8Array {
  return repeated64(value, 1)
}
