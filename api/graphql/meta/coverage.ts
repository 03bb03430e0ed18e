import {
  COVERAGE_CLASSES,
  COVERAGE_STRETCH_BLOCKS,
  type CoverageRange,
  UNPROVEN_CLASSES,
  coverageRangesSql,
  joinRanges,
  pinnedRelations,
} from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Row } from '../../sql/row.ts'
import { builder } from '../builder.ts'
import { PageSizeError } from '../page.ts'
import { blockEvidenceStatement } from './block-evidence.ts'

/** How many blocks have one class of evidence. */
export type ClassCount = { readonly evidence: string; readonly blockCount: number }

/** The blocks that nothing proves. */
export type UnprovenBlocks = { readonly from: Reader; readonly first: number }

/** The most ranges of one answer. */
const RANGES_MAX = 200

/** One class of evidence with its blocks. */
export const COMPLETENESS = builder.objectRef<ClassCount>('Completeness').implement({
  description: 'How many blocks are known to be complete, by what proves it.',
  fields: (t) => ({
    evidence: t.exposeString('evidence'),
    blockCount: t.field({ type: 'SafeInt', resolve: ({ blockCount }) => blockCount }),
    isProven: t.boolean({
      description: 'False where one provider was believed, or an event could not be read.',
      resolve: ({ evidence }) => classNamed(evidence)?.isProven ?? false,
    }),
    proves: t.string({
      description: 'What such evidence shows, for people.',
      resolve: ({ evidence }) => classNamed(evidence)?.proves ?? '',
    }),
  }),
})

const RANGE = builder.objectRef<CoverageRange>('CoverageRange').implement({
  description: 'Blocks that follow each other and have the same evidence.',
  fields: (t) => ({
    firstBlock: t.field({ type: 'SafeInt', resolve: ({ firstBlock }) => firstBlock }),
    lastBlock: t.field({ type: 'SafeInt', resolve: ({ lastBlock }) => lastBlock }),
    evidence: t.exposeString('evidence'),
  }),
})

/** What nobody but one provider says is complete. */
export const UNPROVEN = builder.objectRef<UnprovenBlocks>('UnprovenBlocks').implement({
  description: 'The blocks that nothing proves to be complete.',
  fields: (t) => ({
    blockCount: t.field({
      type: 'SafeInt',
      description: 'How many there are in all.',
      extensions: { cost: { statements: 1 } },
      resolve: async ({ from }) => {
        const stretches = await unprovenStretches(from)
        return stretches.reduce((sum, { blockCount }) => sum + blockCount, 0)
      },
    }),
    ranges: t.field({
      type: [RANGE],
      description: 'The first of their ranges, ascending by block.',
      extensions: { cost: { statements: 2 } },
      resolve: ({ from, first }) => unprovenRanges(from, first),
    }),
  }),
})

/** Counts the blocks of each class. */
export async function classCounts(from: Reader): Promise<readonly ClassCount[]> {
  const rows = await from.rows(blockEvidenceStatement(from.pin))
  return rows.map((row) => ({
    evidence: String(row['evidence']),
    blockCount: Number(row['blockCount']),
  }))
}

/** Checks how many ranges are asked for. */
export function rangeCount(first: number): number {
  if (first < 1 || first > RANGES_MAX) throw new PageSizeError(first, RANGES_MAX)
  return first
}

/** Reads only stretches of blocks that hold such blocks, as many as it takes. */
async function unprovenRanges(from: Reader, first: number): Promise<readonly CoverageRange[]> {
  let ranges: readonly CoverageRange[] = []
  for (const { firstBlock, lastBlock } of await unprovenStretches(from)) {
    // A range may go on in the next stretch.
    if (ranges.length > first) break
    const span = { firstBlock, lastBlock }
    const sql = coverageRangesSql(pinnedRelations(from.pin), span, UNPROVEN_CLASSES)
    const rows = await from.rows({
      sql: `${sql} limit ${first + 1}`,
      parameters: {},
      limits: 'summary',
    })
    ranges = joinRanges(ranges, rows.map(rangeOf))
  }
  return ranges.slice(0, first)
}

async function unprovenStretches(from: Reader) {
  const names = UNPROVEN_CLASSES.map((name) => `'${name}'`).join(', ')
  const rows = await from.rows({
    sql: `select intDiv(block, ${COVERAGE_STRETCH_BLOCKS}) as stretch, count() as block_count
      from ${pinnedRelations(from.pin).relation('block_evidence')} as covered
      where evidence in (${names})
      group by stretch order by stretch`,
    parameters: {},
    limits: 'summary',
  })
  return rows.map((row) => {
    const firstBlock = Number(row['stretch']) * COVERAGE_STRETCH_BLOCKS
    return {
      firstBlock,
      lastBlock: firstBlock + COVERAGE_STRETCH_BLOCKS - 1,
      blockCount: Number(row['block_count']),
    }
  })
}

function classNamed(evidence: string) {
  return COVERAGE_CLASSES.find(({ name }) => name === evidence)
}

function rangeOf(row: Row): CoverageRange {
  return {
    firstBlock: Number(row['first_block']),
    lastBlock: Number(row['last_block']),
    evidence: String(row['evidence']),
  }
}
