import { CsvColumnMissingError, CsvMalformedError } from '../files/csv-table.ts'

/**
 * A row of a CSV file as bytes. The object and its arrays are used again for the next row, so that a
 * file of any length costs no garbage.
 */
export type CsvBytes = {
  /** The line the row starts on, counted from 1; the header is line 1. */
  line: number
  bytes: Uint8Array
  /** Per wanted column, where its trimmed text starts in `bytes`. */
  readonly starts: Int32Array
  /** Per wanted column, where its trimmed text ends in `bytes`. */
  readonly ends: Int32Array
}

/** Takes the bytes of a CSV file piece by piece. */
export type CsvScanner = {
  readonly push: (chunk: Uint8Array) => void
  /** Says that nothing follows: the last line may lack its end. */
  readonly finish: () => void
}

/** A longer row is taken for a quote that was never closed. */
const ROW_BYTES_MAX = 1 << 20

const QUOTE = 0x22
const COMMA = 0x2c
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const

/**
 * Scans CSV (RFC 4180, UTF-8, header in the first line) and calls `onRow` with the `wanted` columns of
 * each row; other columns are ignored, empty lines skipped. It keeps no more than one row.
 *
 * Both functions raise CsvMalformedError and CsvColumnMissingError.
 */
export function scanCsv(
  file: string,
  wanted: readonly string[],
  onRow: (row: CsvBytes) => void,
): CsvScanner {
  const scan: Scan = {
    file,
    wanted,
    onRow,
    slots: undefined,
    columnCount: 0,
    line: 1,
    quoteAt: -1,
    row: {
      line: 1,
      bytes: new Uint8Array(0),
      starts: new Int32Array(wanted.length),
      ends: new Int32Array(wanted.length),
    },
    cells: { starts: [], ends: [], unquoted: new Uint8Array(0), lineFeedCount: 0 },
  }
  let rest: Uint8Array = new Uint8Array(0)
  let isFirst = true

  const consume = (bytes: Uint8Array): void => {
    let at = isFirst && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? 3 : 0
    if (bytes.length >= 3) isFirst = false
    scan.quoteAt = -1
    for (let next = takeRow(scan, bytes, at); next !== -1; next = takeRow(scan, bytes, at)) {
      at = next
    }
    rest = bytes.subarray(at)
    if (rest.length > ROW_BYTES_MAX) {
      throw new CsvMalformedError(
        file,
        scan.line,
        `expected a row below ${ROW_BYTES_MAX} bytes, found more (is a quote not closed?)`,
      )
    }
  }
  return {
    push: (chunk) => consume(rest.length === 0 ? chunk : Buffer.concat([rest, chunk])),
    finish: () => {
      if (rest.length > 0) consume(Buffer.concat([rest, Uint8Array.of(LINE_FEED)]))
      if (rest.length > 0) {
        throw new CsvMalformedError(file, scan.line, 'expected a closing quote, found the end')
      }
      if (scan.slots === undefined) {
        throw new CsvMalformedError(file, 1, 'expected a header, found nothing')
      }
    },
  }
}

type Scan = {
  readonly file: string
  readonly wanted: readonly string[]
  readonly onRow: (row: CsvBytes) => void
  /** Per column of the file its place among the wanted ones, or -1; undefined before the header. */
  slots: Int32Array | undefined
  columnCount: number
  line: number
  /** The first quote at or after the row in hand, as far as it was looked for. */
  quoteAt: number
  readonly row: CsvBytes
  readonly cells: QuotedCells
}

/** Takes the row that starts at `start`; gives where the next one starts, -1 when it is cut off. */
function takeRow(scan: Scan, bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(LINE_FEED, start)
  if (end === -1) return -1
  const textEnd = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
  if (textEnd === start) {
    scan.line++
    return end + 1
  }
  if (scan.quoteAt < start) {
    const found = bytes.indexOf(QUOTE, start)
    scan.quoteAt = found === -1 ? Infinity : found
  }
  if (scan.quoteAt < textEnd) return takeQuotedRow(scan, bytes, start)
  const { slots } = scan
  if (slots === undefined) {
    readHeader(scan, new TextDecoder().decode(bytes.subarray(start, textEnd)).split(','))
  } else {
    takePlainRow(scan, slots, bytes, start, textEnd)
  }
  scan.line++
  return end + 1
}

function takePlainRow(
  scan: Scan,
  slots: Int32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { row } = scan
  let column = 0
  let cellStart = start
  for (let place = start; place <= end; place++) {
    if (place < end && bytes[place] !== COMMA) continue
    const slot = slots[column] ?? -1
    if (slot >= 0) placeCell(row, slot, bytes, cellStart, place)
    column++
    cellStart = place + 1
  }
  emit(scan, bytes, column)
}

type QuotedCells = {
  starts: number[]
  ends: number[]
  /** The row's text without its quotes. */
  unquoted: Uint8Array
  lineFeedCount: number
}

function takeQuotedRow(scan: Scan, bytes: Uint8Array, start: number): number {
  const end = unquote(scan, bytes, start)
  if (end === -1) return -1
  const { starts, ends, unquoted, lineFeedCount } = scan.cells
  const { slots } = scan
  if (slots === undefined) {
    const texts = starts.map((from, cell) =>
      new TextDecoder().decode(unquoted.subarray(from, ends[cell])),
    )
    readHeader(scan, texts)
  } else {
    for (const [column, from] of starts.entries()) {
      const slot = slots[column] ?? -1
      if (slot >= 0) placeCell(scan.row, slot, unquoted, from, ends[column] ?? from)
    }
    emit(scan, unquoted, starts.length)
  }
  scan.line += 1 + lineFeedCount
  return end
}

/** Copies the cells of a row without their quotes; gives where the row ends, -1 when it is cut off. */
function unquote(scan: Scan, bytes: Uint8Array, start: number): number {
  const cells = scan.cells
  const room = Math.min(bytes.length - start, ROW_BYTES_MAX + 1)
  if (cells.unquoted.length < room) cells.unquoted = new Uint8Array(2 * room)
  cells.starts = [0]
  cells.ends = []
  cells.lineFeedCount = 0
  let length = 0
  let isQuoted = false
  for (let place = start; place < start + room; place++) {
    const byte = bytes[place] ?? 0
    if (isQuoted && byte === QUOTE) {
      if (place + 1 === bytes.length) return -1
      if (bytes[place + 1] === QUOTE) cells.unquoted[length++] = bytes[++place] ?? 0
      else isQuoted = false
    } else if (isQuoted) {
      if (byte === LINE_FEED) cells.lineFeedCount++
      cells.unquoted[length++] = byte
    } else if (byte === QUOTE) {
      isQuoted = true
    } else if (byte === COMMA) {
      cells.ends.push(length)
      cells.starts.push(length)
    } else if (byte === LINE_FEED) {
      cells.ends.push(length)
      return place + 1
    } else {
      cells.unquoted[length++] = byte
    }
  }
  return -1
}

function emit(scan: Scan, bytes: Uint8Array, columnCount: number): void {
  if (columnCount !== scan.columnCount) {
    throw new CsvMalformedError(
      scan.file,
      scan.line,
      `expected ${scan.columnCount} columns, found ${columnCount}`,
    )
  }
  scan.row.line = scan.line
  scan.row.bytes = bytes
  scan.onRow(scan.row)
}

function readHeader(scan: Scan, texts: readonly string[]): void {
  const names = texts.map((name) => name.trim())
  const slots = new Int32Array(names.length).fill(-1)
  for (const [slot, column] of scan.wanted.entries()) {
    const place = names.indexOf(column)
    if (place === -1) throw new CsvColumnMissingError(scan.file, column, names)
    slots[place] = slot
  }
  scan.slots = slots
  scan.columnCount = names.length
}

function placeCell(row: CsvBytes, slot: number, bytes: Uint8Array, start: number, end: number) {
  let from = start
  let to = end
  while (from < to && isBlank(bytes[from])) from++
  while (to > from && isBlank(bytes[to - 1])) to--
  row.starts[slot] = from
  row.ends[slot] = to
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN || byte === LINE_FEED
}
