import type { Relations } from '../table/relation.ts'
import { type View, columns } from './view.ts'

/**
 * How each block is known to lack no log, by the names of `COVERAGE_CLASSES`. What was believed when
 * it was fetched is raised to `accumulator` where the contracts' rolling hashes were equal at a later
 * block, which covers all before it up to an event that could not be read.
 */
const BLOCK_EVIDENCE_VIEW: View = {
  name: 'block_evidence',
  key: ['block'],
  columns: columns({ block: 'UInt64', evidence: 'String', log_count: 'UInt32' }),
  // Scalar subqueries are computed once, and the class stays a number in a dictionary all the way:
  // 10 million blocks take half a second instead of five.
  sql: (from) => {
    const last = (evidence: string): string =>
      `(select maxOrNull(block) from ${from.relation('block')} where evidence = '${evidence}')`
    return `
    select
      stored.block as block,
      if(
        stored.evidence in ('trusted', 'quorum')
          and stored.block < ${last('accumulator')}
          and ifNull(stored.block > ${last('undecoded')}, true),
        toLowCardinality('accumulator'),
        stored.evidence
      ) as evidence,
      stored.log_count as log_count
    from ${from.relation('block')} as stored`
  },
}

/**
 * The blocks as ranges of one evidence each, as long as they can be. `missing_before` counts the blocks
 * between a range and the one before it that are not there: 0 wherever the index is whole.
 */
const COVERAGE_VIEW: View = {
  name: 'coverage',
  key: ['first_block'],
  columns: columns({
    first_block: 'UInt64',
    last_block: 'UInt64',
    evidence: 'String',
    missing_before: 'UInt64',
  }),
  sql: (from) => rangesOf(from.relation('block_evidence')),
}

/** The views of what is known about the completeness of the blocks. */
export const COVERAGE_VIEWS: readonly View[] = [BLOCK_EVIDENCE_VIEW, COVERAGE_VIEW]

/**
 * SQL of the ranges within a stretch of blocks, ascending; of some classes alone when they are named.
 * A long chain is read stretch by stretch: the view `coverage` sorts all of its blocks at once.
 */
export function coverageRangesSql(
  from: Relations,
  span: { readonly firstBlock: number; readonly lastBlock: number },
  classes?: readonly string[],
): string {
  const names = classes?.map((name) => `'${name}'`).join(', ')
  const blocks = `(
    select block, evidence from ${from.relation('block_evidence')} as covered
    where block between ${span.firstBlock} and ${span.lastBlock}
      ${names === undefined ? '' : `and evidence in (${names})`}
  )`
  return `${rangesOf(blocks)} order by first_block`
}

/** Ranges begin where the evidence changes or a number is left out; one ends where the next begins. */
function rangesOf(blocks: string): string {
  return `
    select
      block as first_block,
      ifNull(next_previous, newest) as last_block,
      evidence,
      toUInt64(if(previous_evidence = '', 0, block - previous_block - 1)) as missing_before
    from (
      select *, leadInFrame(toNullable(previous_block)) over (
        order by block rows between current row and unbounded following
      ) as next_previous
      from (
        select * from (
          select
            block,
            evidence,
            lagInFrame(block) over blocks_in_order as previous_block,
            lagInFrame(evidence) over blocks_in_order as previous_evidence
          from ${blocks} as listed
          window blocks_in_order as (
            order by block rows between 1 preceding and current row
          )
        )
        where evidence != previous_evidence or block != previous_block + 1
      )
    ) as starts
    cross join (select max(block) as newest from ${blocks} as counted) as ends`
}
