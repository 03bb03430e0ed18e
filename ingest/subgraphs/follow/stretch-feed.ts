import type { BlockRange } from './range-logs.ts'
import type { Stretch } from './stretch.ts'

/** How many blocks are asked about at once; it learns from what comes back. */
export type RangeSize = {
  readonly blockCount: () => number
  /** Grows or shrinks towards ranges with about so many logs as are wanted. */
  note(stretch: Stretch): void
  /** Something went wrong that a smaller range may avoid. */
  shrink(): void
  /** A range of no more than so many blocks comes next. */
  limit(blockCount: number): void
}

/** Stretches of a chain in order, some of them read ahead. */
export type StretchFeed = {
  /** The first block of the next stretch. */
  readonly from: () => number
  /** The next stretch, which ends at `last` at the latest. */
  next(last: number): Promise<Stretch>
}

/** The first range is small: it shows how dense the chain is. */
const FIRST_BLOCK_COUNT = 100
const LOG_COUNT_AIM = 2_000
/** So many ranges are asked for before they are needed. */
const RANGES_AHEAD = 4

/** Starts with a small range that grows. */
export function openRangeSize(blockCountMax: number): RangeSize {
  let blockCount = Math.min(FIRST_BLOCK_COUNT, blockCountMax)
  return {
    blockCount: () => blockCount,
    note: ({ from, to, logCount, requestBlockCount }) => {
      const length = to - from + 1
      if (requestBlockCount < length) {
        blockCount = requestBlockCount
        return
      }
      if (length < blockCount) return
      const fitting = Math.floor((LOG_COUNT_AIM * length) / Math.max(1, logCount))
      blockCount = Math.max(1, Math.min(fitting, 4 * length, blockCountMax))
    },
    shrink: () => {
      blockCount = Math.ceil(blockCount / 2)
    },
    limit: (most) => {
      blockCount = Math.max(1, Math.min(blockCount, most))
    },
  }
}

/** Reads stretches from a block on, a few at once. */
export function openStretchFeed(
  start: number,
  size: RangeSize,
  read: (range: BlockRange) => Promise<Stretch>,
): StretchFeed {
  const ahead: { readonly range: BlockRange; readonly reading: Promise<Stretch> }[] = []
  let nextFrom = start
  const fill = (last: number) => {
    while (ahead.length < RANGES_AHEAD && nextFrom <= last) {
      const range = { from: nextFrom, to: Math.min(last, nextFrom + size.blockCount() - 1) }
      const reading = read(range)
      // One that is never awaited, because an earlier one failed, must not end the process.
      reading.catch(() => undefined)
      ahead.push({ range, reading })
      nextFrom = range.to + 1
    }
  }
  return {
    from: () => ahead[0]?.range.from ?? nextFrom,
    next: async (last) => {
      fill(last)
      const stretch = await ahead[0]?.reading
      ahead.shift()
      if (stretch === undefined) throw new RangeError(`expected blocks up to ${last}, found none`)
      size.note(stretch)
      return stretch
    },
  }
}
