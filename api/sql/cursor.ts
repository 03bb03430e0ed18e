import { FatalError, type Hex, parseBytes32 } from '@foggara/schema'

/** Where a page ended: the sort values and key of its last row, and the block it was read at. */
export type Cursor = {
  readonly block: number
  readonly blockHash: Hex
  /** Names the list, its order and its filter: a cursor continues only the list it came from. */
  readonly list: string
  readonly values: readonly string[]
}

/** The cursor as opaque text. */
export function encodeCursor(cursor: Cursor): string {
  const fields = [cursor.block, cursor.blockHash, cursor.list, ...cursor.values]
  return Buffer.from(JSON.stringify(fields)).toString('base64url')
}

/**
 * Reads a cursor and checks that it belongs to `list`.
 *
 * @throws {CursorMalformedError} {@link CursorMismatchError}
 */
export function decodeCursor(text: string, list: string, valueCount: number): Cursor {
  const fields = fieldsOf(text)
  const [block, blockHash, foundList, ...values] = fields
  if (typeof block !== 'number' || !Number.isSafeInteger(block) || block < 0) {
    throw new CursorMalformedError()
  }
  if (foundList !== list) throw new CursorMismatchError()
  const texts = values.filter((value): value is string => typeof value === 'string')
  if (texts.length !== valueCount || texts.length !== values.length)
    throw new CursorMalformedError()
  return { block, blockHash: parseBytes32(blockHash, 'cursor'), list, values: texts }
}

function fieldsOf(text: string): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw new CursorMalformedError()
  }
  if (!Array.isArray(value)) throw new CursorMalformedError()
  return value
}

/** Text given as a cursor is none. */
export class CursorMalformedError extends FatalError {
  constructor() {
    super('CURSOR_MALFORMED', 'expected a cursor that this API gave, found other text', {
      hint: 'Pass pageInfo.endCursor or an edge cursor unchanged.',
    })
  }
}

/** A cursor of one list, order or filter was given to another. */
export class CursorMismatchError extends FatalError {
  constructor() {
    super('CURSOR_MISMATCH', 'expected a cursor of the same list, order, filter and block', {
      hint: 'Start again without `after` when the order or the filter changes.',
    })
  }
}

/** The block a cursor was read at is no longer part of the chain. */
export class CursorReorgedError extends FatalError {
  constructor(block: number) {
    super('CURSOR_REORGED', `expected block ${block} of the cursor, found another at that height`, {
      hint: 'The chain was reorganised while you paged: start again without `after`.',
    })
  }
}
