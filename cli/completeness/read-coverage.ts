import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  COVERAGE_STRETCH_BLOCKS,
  type CoverageRange,
  type Pin,
  coverageRangesSql,
  joinRanges,
  pinnedRelations,
} from '@foggara/schema'

import type { BlockSpan } from '../block-span.ts'

/** What is known about the completeness of the indexed blocks. */
export type Coverage = {
  /** From the first indexed block to the last; undefined when nothing is indexed. */
  readonly span: BlockSpan | undefined
  /** Blocks of each class that occurs. */
  readonly blockCounts: ReadonlyMap<string, number>
  /** Numbers between the first block and the last that are not there: none, unless rows were lost. */
  readonly gaps: readonly BlockSpan[]
  /** The first ranges of the classes that were asked for, ascending. */
  readonly ranges: readonly CoverageRange[]
  /** Whether there are more ranges. */
  readonly isCut: boolean
}

/** Which ranges are read. */
export type CoverageQuestion = {
  /** Only ranges of these classes; undefined: of all. */
  readonly classes: readonly string[] | undefined
  readonly rangesMax: number
}

/** Reads coverage at a pin, stretch by stretch: time grows with the number of blocks, memory does not. */
export async function readCoverage(
  client: ClickHouseClient,
  pin: Pin,
  { classes, rangesMax }: CoverageQuestion,
): Promise<Coverage> {
  const relations = pinnedRelations(pin)
  const stretches = await readStretches(client, relations.relation('block'))
  const counted = await queryRows<{ evidence: string; block_count: string }>(
    client,
    `select evidence, count() as block_count from ${relations.relation('block_evidence')} as covered
    group by evidence order by evidence`,
  )
  let ranges: readonly CoverageRange[] = []
  for (const { firstBlock, lastBlock } of stretches) {
    // One more than is shown says whether there are more; a range may go on in the next stretch.
    if (ranges.length > rangesMax) break
    const found = await queryRows<RangeRow>(
      client,
      `${coverageRangesSql(relations, { firstBlock, lastBlock }, classes)}
      limit ${rangesMax + 1}`,
    )
    ranges = joinRanges(ranges, found.map(rangeOf))
  }
  const [first, last] = [stretches.at(0), stretches.at(-1)]
  return {
    span:
      first === undefined || last === undefined
        ? undefined
        : { firstBlock: first.firstBlock, lastBlock: last.lastBlock },
    blockCounts: new Map(counted.map((row) => [row.evidence, Number(row.block_count)])),
    gaps: await findGaps(client, pin, stretches),
    ranges: ranges.slice(0, rangesMax),
    isCut: ranges.length > rangesMax,
  }
}

/** The indexed blocks of every million that has any. */
type Stretch = BlockSpan & { readonly blockCount: number }

async function readStretches(
  client: ClickHouseClient,
  blocks: string,
): Promise<readonly Stretch[]> {
  const rows = await queryRows<Readonly<Record<'first' | 'last' | 'block_count', string>>>(
    client,
    `select min(block) as first, max(block) as last, count() as block_count
    from ${blocks} as listed
    group by intDiv(block, ${COVERAGE_STRETCH_BLOCKS})
    order by first`,
  )
  return rows.map((row) => ({
    firstBlock: Number(row.first),
    lastBlock: Number(row.last),
    blockCount: Number(row.block_count),
  }))
}

async function findGaps(
  client: ClickHouseClient,
  pin: Pin,
  stretches: readonly Stretch[],
): Promise<readonly BlockSpan[]> {
  const gaps: BlockSpan[] = []
  for (const [index, { firstBlock, lastBlock, blockCount }] of stretches.entries()) {
    const before = stretches[index - 1]
    if (before !== undefined && before.lastBlock + 1 < firstBlock) {
      gaps.push({ firstBlock: before.lastBlock + 1, lastBlock: firstBlock - 1 })
    }
    if (blockCount === lastBlock - firstBlock + 1) continue
    const rows = await queryRows<RangeRow>(
      client,
      `select * from (${coverageRangesSql(pinnedRelations(pin), { firstBlock, lastBlock })})
      where missing_before > 0 order by first_block`,
    )
    for (const row of rows) {
      const next = Number(row.first_block)
      gaps.push({ firstBlock: next - Number(row.missing_before), lastBlock: next - 1 })
    }
  }
  return gaps
}

type RangeRow = {
  readonly first_block: string
  readonly last_block: string
  readonly evidence: string
  readonly missing_before: string
}

function rangeOf(row: RangeRow): CoverageRange {
  return {
    firstBlock: Number(row.first_block),
    lastBlock: Number(row.last_block),
    evidence: row.evidence,
  }
}
