import type { RangeVerdict } from './rpc-errors.ts'
import { type BlockSpan, usableHint } from './rpc-verdict.ts'

/** What is kept of a provider's limits over a restart. */
export type StoredLimits = {
  /** The most blocks of one request, whatever they hold; null: no limit is known. */
  readonly blocksMax: number | null
  /** The most addresses and topics of one request. */
  readonly filtersMax: number | null
  /** The most logs that one answer should hold. */
  readonly logsMax: number
  /** Blocks that are asked for at once, by filter. */
  readonly blocksByFilter: Readonly<Record<string, number>>
}

/**
 * What one provider can be asked for at once: a structural limit of blocks, which it names, and
 * per filter how many blocks make an answer of good size, which depends on how dense its logs are.
 */
export type RangeLimits = {
  readonly blocksFor: (filterId: string) => number
  readonly filtersMax: () => number
  /** Takes in how many logs a range had: sparse ranges grow, dense ones shrink. */
  readonly noteLogs: (filterId: string, blockCount: number, logCount: number) => void
  /** Takes in a refusal and says how many blocks to ask for instead, fewer than were asked for. */
  readonly noteRefusal: (filterId: string, asked: BlockSpan, verdict: RangeVerdict) => number
  readonly noteFiltersMax: (count: number) => void
  /** No answer or half an answer came: after the second time in a row, less is asked for. */
  readonly noteSilence: (filterId: string, blockCount: number) => void
  readonly stored: () => StoredLimits
}

/** One to five thousand logs are decoded fastest (0.6 to 3 MB). */
const LOGS_AIM = 5_000
const LOGS_MIN = 100
const FIRST_BLOCKS = 1_000
const BLOCKS_MAX = 100_000

/** Starts with nothing known, or with what was stored. */
export function createRangeLimits(stored?: StoredLimits): RangeLimits {
  let blocksMax = stored?.blocksMax ?? undefined
  let filtersMax = stored?.filtersMax ?? undefined
  let logsMax = stored?.logsMax ?? LOGS_AIM
  const fitting = new Map(Object.entries(stored?.blocksByFilter ?? {}))
  const logsPerBlock = new Map<string, number>()
  const silences = new Map<string, number>()
  const blocksFor = (filterId: string): number =>
    Math.max(1, Math.min(fitting.get(filterId) ?? FIRST_BLOCKS, blocksMax ?? BLOCKS_MAX))
  return {
    blocksFor,
    filtersMax: () => filtersMax ?? Number.POSITIVE_INFINITY,
    noteLogs: (filterId, blockCount, logCount) => {
      silences.delete(filterId)
      const before = logsPerBlock.get(filterId) ?? logCount / blockCount
      logsPerBlock.set(filterId, (before + logCount / blockCount) / 2)
      if (blockCount < blocksFor(filterId) && logCount < logsMax) return
      const ideal = Math.floor((logsMax * blockCount) / Math.max(1, logCount))
      fitting.set(filterId, Math.max(1, Math.min(ideal, 2 * blockCount, BLOCKS_MAX)))
    },
    noteRefusal: (filterId, asked, verdict) => {
      const count = asked.to - asked.from + 1
      const half = Math.max(1, count >> 1)
      if (verdict.type === 'too-many-filters') return half
      const hinted = usableHint(verdict.suggested, asked)
      if (verdict.type === 'too-many-blocks') {
        const { limit } = verdict
        // Providers differ in whether they count both ends; too few by one is no harm.
        const named = limit !== undefined && limit < count ? limit : undefined
        blocksMax = Math.min(blocksMax ?? BLOCKS_MAX, named ?? hinted ?? half)
        return Math.max(1, Math.min(count - 1, blocksMax))
      }
      const density = logsPerBlock.get(filterId)
      if (density !== undefined) {
        logsMax = Math.max(LOGS_MIN, Math.min(logsMax, Math.floor(0.7 * density * count)))
      }
      const smaller = hinted ?? half
      fitting.set(filterId, smaller)
      return smaller
    },
    noteFiltersMax: (count) => {
      filtersMax = Math.max(1, Math.min(filtersMax ?? count, count))
    },
    noteSilence: (filterId, blockCount) => {
      const inARow = (silences.get(filterId) ?? 0) + 1
      silences.set(filterId, inARow)
      if (inARow > 1) fitting.set(filterId, Math.max(1, blockCount >> 1))
    },
    stored: () => ({
      blocksMax: blocksMax ?? null,
      filtersMax: filtersMax ?? null,
      logsMax,
      blocksByFilter: Object.fromEntries(fitting),
    }),
  }
}
