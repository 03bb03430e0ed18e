/** What one class of evidence says about a block. */
export type CoverageClass = {
  readonly name: string
  /** Whether somebody besides the one provider that was asked says that nothing is missing. */
  readonly isProven: boolean
  /** What it shows, one sentence. */
  readonly proves: string
}

/**
 * The classes of evidence that a block may have, the strongest first: how we know that no log of the
 * indexed contracts is missing from it.
 */
export const COVERAGE_CLASSES: readonly CoverageClass[] = [
  {
    name: 'receipts-root',
    isProven: true,
    proves:
      'every log: the receipts of the block fold to the root in a header that hashes to the block',
  },
  {
    name: 'bloom-negative',
    isProven: true,
    proves: 'every log: the bloom filter in the header rules out any log of the contracts',
  },
  {
    name: 'accumulator',
    isProven: true,
    proves: 'every event of the ABIs: each contract counts and hashes its own, and they are equal',
  },
  {
    name: 'quorum',
    isProven: true,
    proves: 'that two providers gave the same logs; no proof was to be had',
  },
  {
    name: 'trusted',
    isProven: false,
    proves: 'nothing: one provider was believed, and no proof was to be had',
  },
  {
    name: 'undecoded',
    isProven: false,
    proves:
      'nothing: an event could not be read, so the hashes of its contract could not be followed',
  },
]

/** The names of the classes that prove nothing. */
export const UNPROVEN_CLASSES: readonly string[] = COVERAGE_CLASSES.filter(
  ({ isProven }) => !isProven,
).map(({ name }) => name)

/** Blocks that follow each other and have the same evidence, as `coverageRangesSql` finds them. */
export type CoverageRange = {
  readonly firstBlock: number
  readonly lastBlock: number
  readonly evidence: string
}

/** Adds ranges of the next stretch of blocks to those before: one that the stretches divide is made whole. */
export function joinRanges(
  before: readonly CoverageRange[],
  next: readonly CoverageRange[],
): readonly CoverageRange[] {
  const last = before.at(-1)
  const [first, ...rest] = next
  if (last === undefined || first === undefined) return [...before, ...next]
  const isOne = last.evidence === first.evidence && last.lastBlock + 1 === first.firstBlock
  if (!isOne) return [...before, ...next]
  return [...before.slice(0, -1), { ...last, lastBlock: first.lastBlock }, ...rest]
}

/** Blocks of one stretch: settled tables are divided by as many. */
export const COVERAGE_STRETCH_BLOCKS = 1_000_000
