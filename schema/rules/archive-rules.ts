import { EVENT_TABLES } from '../table/event-tables.ts'
import type { Relations } from '../table/relation.ts'
import type { Rule } from './rule.ts'

/** Blocks of which the newest are looked at one by one; older ones were, when they were new. */
const NEWEST_BLOCKS = 100_000
/** Blocks whose logs are counted together. */
const COUNTED_BLOCKS = 10_000

/** Each contract's events as numbers of how many there are and what their sequences sum up to. */
function eventsByContract(from: Relations): string {
  const each = EVENT_TABLES.map(
    ({ name, contract }) =>
      `select '${contract}' as contract, sequence from ${from.relation(name)} as ${name}_events`,
  )
  return `(
    select
      contract,
      toUInt256(count()) as events,
      toUInt256(max(sequence)) as highest,
      sum(toUInt256(sequence)) as total,
      sum(toUInt256(sequence) * sequence) as squares
    from (${each.join('\nunion all\n')})
    group by contract
  )`
}

const SEQUENCES: Rule = {
  name: 'sequences-gap-free',
  sentence:
    'The events of each contract are numbered from 1 without a gap and without a repetition.',
  violationsSql: (from) => `
    select
      contract as subject,
      concat('events 1 to ', toString(highest), ', each once') as expected,
      concat(toString(events), ' events whose numbers sum to ', toString(total)) as found
    from ${eventsByContract(from)} as counted
    where highest != events
      or 2 * total != events * (events + 1)
      or 6 * squares != events * (events + 1) * (2 * events + 1)`,
}

const ACCUMULATORS: Rule = {
  name: 'accumulators-count-events',
  sentence: 'Each contract’s newest accumulator counts exactly the events of it that are stored.',
  violationsSql: (from) => `
    select
      contract as subject,
      concat(toString(sum(stated)), ' events') as expected,
      concat(toString(sum(stored)), ' events') as found
    from (
      select toString(contract) as contract, toUInt256(0) as stated, events as stored
      from ${eventsByContract(from)} as counted
      union all
      select toString(contract), toUInt256(argMax(sequence, block)), toUInt256(0)
      from ${from.relation('accumulator')} as steps
      group by contract
    )
    group by contract
    having sum(stated) != sum(stored)`,
}

const ARCHIVE: Rule = {
  name: 'archive-equals-tables',
  sentence:
    'Every decoded log of the raw archive is one row of the table of its event, and no other row is.',
  violationsSql: (from) => {
    const each = EVENT_TABLES.map(
      ({ name, contract, event }) => `select '${contract} ${event.name}' as kind,
        toUInt64(0) as archived, count() as decoded
      from ${from.relation(name)} as ${name}_rows`,
    )
    return `
    select
      kind as subject,
      concat(toString(sum(archived)), ' rows') as expected,
      concat(toString(sum(decoded)), ' rows') as found
    from (
      select concat(contract, ' ', event) as kind, count() as archived, toUInt64(0) as decoded
      from ${from.relation('log')} as archive
      where event != ''
      group by contract, event
      union all
      ${each.join('\nunion all\n')}
    )
    group by kind
    having sum(archived) != sum(decoded)`
  },
}

const LOG_COUNTS: Rule = {
  name: 'blocks-count-logs',
  sentence: 'The raw archive holds as many logs as its blocks count.',
  violationsSql: (from) => `
    select
      concat('blocks from ', toString(${COUNTED_BLOCKS} * place)) as subject,
      concat(toString(sum(counted)), ' logs') as expected,
      concat(toString(sum(archived)), ' logs') as found
    from (
      select intDiv(block, ${COUNTED_BLOCKS}) as place, sum(log_count) as counted,
        toUInt64(0) as archived
      from ${from.relation('block')} as stored
      group by place
      union all
      select intDiv(block, ${COUNTED_BLOCKS}) as place, toUInt64(0), count()
      from ${from.relation('log')} as archive
      group by place
    )
    group by place
    having sum(counted) != sum(archived)`,
}

const PARENTS: Rule = {
  name: 'blocks-follow',
  sentence: `Each of the newest ${NEWEST_BLOCKS} blocks follows the one before it by number and by parent hash.`,
  violationsSql: (from) => `
    select
      concat('block ', toString(block)) as subject,
      concat('block ', toString(before + 1), ' with parent ', lower(hex(before_hash))) as expected,
      concat('block ', toString(block), ' with parent ', lower(hex(parent_hash))) as found
    from (
      select
        block,
        parent_hash,
        lagInFrame(toNullable(block)) over neighbours as before,
        lagInFrame(hash) over neighbours as before_hash
      from ${from.relation('block')} as stored
      where block + ${NEWEST_BLOCKS} > (select max(block) from ${from.relation('block')} as newest)
      window neighbours as (order by block rows between 1 preceding and current row)
    )
    where before is not null and (block != before + 1 or parent_hash != before_hash)`,
}

/** What must hold of blocks, the raw archive and the tables of events. */
export const ARCHIVE_RULES: readonly Rule[] = [
  SEQUENCES,
  ACCUMULATORS,
  ARCHIVE,
  LOG_COUNTS,
  PARENTS,
]
