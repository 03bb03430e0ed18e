import { COVERAGE_CLASSES, UNPROVEN_CLASSES } from '@foggara/schema'

import type { Coverage } from './read-coverage.ts'

/** The number of blocks that nothing proves. */
export function unprovenCount({ blockCounts }: Coverage): number {
  return UNPROVEN_CLASSES.reduce((sum, name) => sum + (blockCounts.get(name) ?? 0), 0)
}

/** The lines that tell people of coverage. */
export function coverageLines(coverage: Coverage): readonly string[] {
  const { span, blockCounts, gaps, ranges, isCut } = coverage
  if (span === undefined) return ['no block is indexed yet']
  const total = [...blockCounts.values()].reduce((sum, count) => sum + count, 0)
  const gapLines = gaps.map(
    ({ firstBlock, lastBlock }) => `GAP  ${firstBlock}-${lastBlock} is missing from the index`,
  )
  const rows = ranges.map(({ firstBlock, lastBlock, evidence }) => {
    const size = lastBlock - firstBlock + 1
    return `${`${firstBlock}-${lastBlock}`.padEnd(24)}${evidence.padEnd(16)}${blocks(size)}`
  })
  return [
    `blocks ${span.firstBlock} to ${span.lastBlock}: ${blocks(total)}, ${
      gaps.length === 0 ? 'no gap' : `${gaps.length} gaps`
    }`,
    ...gapLines,
    '',
    ...COVERAGE_CLASSES.map(({ name, proves }) => {
      const count = String(blockCounts.get(name) ?? 0)
      return `${count.padStart(10)}  ${name.padEnd(16)}${proves}`
    }),
    '',
    ...(rows.length === 0 ? ['no such range'] : rows),
    ...(isCut ? ['… and more: --limit N shows them'] : []),
    ...adviceLines(coverage),
  ]
}

/** The object that `--json` prints. */
export function coverageJson(coverage: Coverage): unknown {
  const { span, blockCounts, gaps, ranges, isCut } = coverage
  return {
    firstBlock: span?.firstBlock ?? null,
    lastBlock: span?.lastBlock ?? null,
    gaps,
    classes: COVERAGE_CLASSES.map(({ name, isProven, proves }) => ({
      evidence: name,
      blockCount: blockCounts.get(name) ?? 0,
      isProven,
      proves,
    })),
    unprovenBlockCount: unprovenCount(coverage),
    ranges,
    isCut,
  }
}

function adviceLines(coverage: Coverage): readonly string[] {
  const count = unprovenCount(coverage)
  if (count === 0) return ['', 'everything is proven']
  return [
    '',
    `${blocks(count)} ${count === 1 ? 'is' : 'are'} not proven. What would prove them:`,
    '  of settled blocks: foggara coverage --prove all, which asks for their receipts',
    '  of blocks to come: FOGGARA_PROOF=receipts folds the receipts of each to the root in its header,',
    '  or another provider in FOGGARA_OTHER_RPC_URLS, whose logs must be the same (quorum)',
  ]
}

function blocks(count: number): string {
  return `${count} block${count === 1 ? '' : 's'}`
}
