import type { Relations } from '../table/relation.ts'
import { type View, columns } from './view.ts'

/**
 * How each block is known to lack no log, by the names of `COVERAGE_CLASSES`. What was believed when
 * it was fetched is raised to `accumulator` where the contracts' rolling hashes were equal at a later
 * block, which covers all before it up to an event that could not be read, and to `receipts-root` where
 * it was proven later.
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
    const proven = `
      select block from ${from.relation('block_proof')} as proof
      where proven_at_block <= (select max(block) from ${from.relation('block')} as newest)`
    return `
    select
      stored.block as block,
      multiIf(
        stored.evidence in ('trusted', 'quorum', 'undecoded') and stored.block in (${proven}),
        toLowCardinality('receipts-root'),
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

/** Ranges begin and end where the evidence changes or a number is left out. */
function rangesOf(blocks: string): string {
  return `
    select first_block, last_block, evidence, missing_before from (
      select
        block as first_block,
        if(is_last, block, leadInFrame(block) over (
          order by block rows between current row and 1 following
        )) as last_block,
        evidence,
        is_first,
        toUInt64(if(before_evidence = '', 0, block - before_block - 1)) as missing_before
      from (
        select
          block,
          evidence,
          lagInFrame(block) over neighbours as before_block,
          lagInFrame(evidence) over neighbours as before_evidence,
          evidence != before_evidence or block != before_block + 1 as is_first,
          evidence != leadInFrame(evidence) over neighbours
            or block + 1 != leadInFrame(block) over neighbours as is_last
        from ${blocks} as listed
        window neighbours as (order by block rows between 1 preceding and 1 following)
      )
      where is_first or is_last
    )
    where is_first`
}
