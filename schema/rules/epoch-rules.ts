import { type Rule, hexText } from './rule.ts'

const IDENTITY: Rule = {
  name: 'epoch-identity',
  sentence: 'The budget of each epoch is what it paid, carried, withheld and left unallocated.',
  violationsSql: (from) => `
    select
      concat('epoch ', toString(epoch)) as subject,
      toString(budget) as expected,
      toString(parts) as found
    from (
      select epoch, toInt256(budget) as budget,
        toInt256(paid) + carry_change + toInt256(withheld) + toInt256(unallocated) as parts
      from ${from.relation('closed_epoch')} as closed
    )
    where budget != parts`,
}

const ALLOCATIONS: Rule = {
  name: 'allocations-add-up',
  sentence: 'The allocations of each epoch add up to what it paid and to its cumulative total.',
  violationsSql: (from) => `
    select
      concat('epoch ', toString(epoch)) as subject,
      concat('paid ', toString(sum(paid)), ', in all ', toString(sum(total))) as expected,
      concat('paid ', toString(sum(allocated)), ', in all ', toString(sum(leaves))) as found
    from (
      select epoch, paid, cumulative_total as total, toUInt256(0) as allocated, toUInt256(0) as leaves
      from ${from.relation('closed_epoch')} as closed
      union all
      select epoch, toUInt256(0), toUInt256(0), paid, cumulative
      from ${from.relation('allocation')} as allotted
    )
    group by epoch
    having sum(paid) != sum(allocated) or sum(total) != sum(leaves)`,
}

const PARTS: Rule = {
  name: 'parts-explain-allocations',
  sentence: 'The parts of each allocation add up to what the account earned.',
  violationsSql: (from) => `
    select
      concat('epoch ', toString(epoch), ', ', ${hexText('account')}) as subject,
      toString(sum(earned)) as expected,
      toString(sum(explained)) as found
    from (
      select epoch, account, earned, toUInt256(0) as explained
      from ${from.relation('allocation')} as allotted
      union all
      select epoch, account, toUInt256(0), amount
      from ${from.relation('allocation_part')} as parts where withheld_reason = ''
    )
    group by epoch, account
    having sum(earned) != sum(explained)`,
}

const CLAIMS: Rule = {
  name: 'claims-within-leaves',
  sentence:
    'Claims of an account add up, and never exceed the highest leaf that was computed for it.',
  violationsSql: (from) => `
    select
      ${hexText('account')} as subject,
      concat('claims that sum to ', toString(last_cumulative), ', at most ', toString(leaf)) as expected,
      concat('claims of ', toString(claims)) as found
    from (
      select account, token, sum(amount) as claims, max(cumulative) as last_cumulative
      from ${from.relation('reward_claimed')} as claimed
      group by account, token
    ) as taken
    join (
      select account, token, max(cumulative) as leaf
      from ${from.relation('allocation')} as allotted
      group by account, token
    ) as leaves on leaves.account = taken.account and leaves.token = taken.token
    where claims != last_cumulative or last_cumulative > leaf`,
}

const BATCHES: Rule = {
  name: 'batches-hold-receipts',
  sentence: 'Every anchored batch has one receipt row for each of its digests, in their order.',
  violationsSql: (from) => `
    select
      concat('batch ', toString(batch_id)) as subject,
      concat(toString(length(anchored.digests)), ' receipts in order') as expected,
      concat(toString(length(rows.found)), ' receipts, or in another order') as found
    from ${from.relation('batch_anchored')} as anchored
    left join (
      select batch_id, arrayMap(one -> one.2, arraySort(groupArray((position, digest)))) as found
      from ${from.relation('anchored_receipt')} as receipts
      group by batch_id
    ) as rows on rows.batch_id = anchored.batch_id
    where rows.found != anchored.digests`,
}

/** What must hold of epochs, claims and batches of receipts. */
export const EPOCH_RULES: readonly Rule[] = [IDENTITY, ALLOCATIONS, PARTS, CLAIMS, BATCHES]
