import { at } from '../graph/at.ts'
import { type SqlColumn, rowCountOf } from './sql-session.ts'

/** How many bytes one insert carries at least, unless it is the last. */
const BLOCK_BYTES = 16 * 1024 * 1024
const LIST_LENGTH_BYTES_MAX = 5
const AMOUNT_BITS = 256

/** Columns as ClickHouse's RowBinary, in blocks of whole rows. */
export function* rowBinaryBlocks(columns: readonly SqlColumn[]): Generator<Uint8Array> {
  const rowCount = rowCountOf(columns)
  let first = 0
  while (first < rowCount) {
    const { last, byteCount } = blockFrom(columns, first, rowCount)
    const block = new Uint8Array(byteCount)
    yield block.subarray(0, encode(columns, first, last, block))
    first = last
  }
}

/** The rows of the next block, and bytes that surely hold them. */
function blockFrom(columns: readonly SqlColumn[], first: number, rowCount: number) {
  let byteCount = 0
  let last = first
  while (last < rowCount && (last === first || byteCount < BLOCK_BYTES)) {
    for (const column of columns) {
      const { start, end, isList } = placesOf(column, last)
      byteCount += (end - start) * widthOf(column) + (isList ? LIST_LENGTH_BYTES_MAX : 0)
    }
    last++
  }
  return { last, byteCount }
}

/** Fills the block and returns how many bytes it took. */
function encode(
  columns: readonly SqlColumn[],
  first: number,
  last: number,
  block: Uint8Array,
): number {
  const view = new DataView(block.buffer)
  let position = 0
  for (let row = first; row < last; row++) {
    for (const column of columns) {
      const { start, end, isList } = placesOf(column, row)
      if (isList) position = writeLength(block, position, end - start)
      for (let index = start; index < end; index++) {
        position = writeValue(view, position, column, index)
      }
    }
  }
  return position
}

function placesOf({ offsets }: SqlColumn, row: number) {
  return offsets === undefined
    ? { start: row, end: row + 1, isList: false }
    : { start: at(offsets, row), end: at(offsets, row + 1), isList: true }
}

function widthOf({ values, bits }: SqlColumn): number {
  return 'BYTES_PER_ELEMENT' in values ? values.BYTES_PER_ELEMENT : (bits ?? AMOUNT_BITS) / 8
}

function writeValue(view: DataView, position: number, column: SqlColumn, index: number): number {
  const { values } = column
  if (values instanceof Uint32Array) {
    view.setUint32(position, at(values, index), true)
    return position + 4
  }
  if (values instanceof BigUint64Array) {
    view.setBigUint64(position, at(values, index), true)
    return position + 8
  }
  if (values instanceof Uint8Array) {
    view.setUint8(position, at(values, index))
    return position + 1
  }
  const end = position + widthOf(column)
  let rest = at(values, index)
  for (let place = position; place < end; place += 8) {
    view.setBigUint64(place, BigInt.asUintN(64, rest), true)
    rest >>= 64n
  }
  return end
}

/** LEB128, as RowBinary writes the lengths of lists. */
function writeLength(block: Uint8Array, position: number, length: number): number {
  let rest = length
  let next = position
  while (rest >= 128) {
    block[next++] = (rest % 128) + 128
    rest = Math.floor(rest / 128)
  }
  block[next++] = rest
  return next
}
