import { FatalError, compareBigints, compareIds, parseAddress, parseBytes32 } from '@foggara/schema'

/** How one column of a canonical table is written, read and ordered. */
export type Column<T> = {
  write(value: T): unknown
  read(value: unknown): T
  compare(a: T, b: T): number
}

/** An address as lower-case hex. */
export const address: Column<`0x${string}`> = {
  write: (value) => value,
  read: (value) => parseAddress(value),
  compare: compareIds,
}

/** A 32-byte id as lower-case hex. */
export const bytes32: Column<`0x${string}`> = {
  write: (value) => value,
  read: (value) => parseBytes32(value),
  compare: compareIds,
}

/** A list of 32-byte ids; never part of a key. */
export const bytes32List: Column<readonly `0x${string}`[]> = {
  write: (value) => value,
  read: (value) => {
    if (!Array.isArray(value)) throw new CanonicalLineError('expected a list of ids')
    return value.map((id) => parseBytes32(id))
  },
  compare: () => 0,
}

/** A whole number of unbounded size, as decimal text in JSON. */
export const bigInteger: Column<bigint> = {
  write: (value) => value.toString(),
  read: (value) => {
    if (typeof value !== 'string' || !/^(0|[1-9][0-9]*)$/.test(value)) {
      throw new CanonicalLineError(`expected decimal text, found ${JSON.stringify(value)}`)
    }
    return BigInt(value)
  },
  compare: compareBigints,
}

/** A count or a share, as a JSON number. */
export const smallInteger: Column<number> = {
  write: (value) => value,
  read: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw new CanonicalLineError(`expected a whole number, found ${JSON.stringify(value)}`)
    }
    return value
  },
  compare: (a, b) => a - b,
}

/** One of a fixed list of words. */
export function word<const Word extends string>(words: readonly Word[]): Column<Word> {
  return {
    write: (value) => value,
    read: (value) => {
      const found = words.find((candidate) => candidate === value)
      if (found === undefined) {
        throw new CanonicalLineError(
          `expected one of ${words.join(', ')}, found ${JSON.stringify(value)}`,
        )
      }
      return found
    },
    compare: compareIds,
  }
}

/** A line of a canonical table cannot be read. */
export class CanonicalLineError extends FatalError {
  constructor(detail: string) {
    super('CANONICAL_LINE_MALFORMED', detail)
  }
}
