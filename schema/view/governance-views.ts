import { CLOSED_EPOCH_TABLE } from '../table/epoch-tables.ts'
import { PROPOSAL_OUTCOMES, VOTE_SUPPORTS } from '../words.ts'
import { EVIDENCE, type View, columns, evidenceOf, wordOf } from './view.ts'

/** Governance proposals with their tally; status is OPEN, EXECUTED or CANCELLED. */
export const PROPOSAL_VIEW: View = {
  name: 'proposal',
  key: ['proposal_id'],
  columns: columns({
    proposal_id: 'UInt256',
    proposer: 'FixedString(20)',
    description: 'String',
    vote_start_block: 'UInt256',
    vote_end_block: 'UInt256',
    votes_against: 'UInt256',
    votes_for: 'UInt256',
    votes_abstain: 'UInt256',
    voter_count: 'UInt64',
    status: 'String',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      submitted.proposal_id as proposal_id,
      submitted.proposer as proposer,
      submitted.description as description,
      submitted.vote_start_block as vote_start_block,
      submitted.vote_end_block as vote_end_block,
      tally.against as votes_against,
      tally.in_favour as votes_for,
      tally.abstain as votes_abstain,
      tally.voters as voter_count,
      if(settled.block = 0, 'OPEN', ${wordOf(PROPOSAL_OUTCOMES, 'settled.outcome')}) as status,
      ${evidenceOf('submitted')}
    from ${from.relation('proposal_submitted')} as submitted
    left join (
      select
        proposal_id,
        sumIf(weight, support = 0) as against,
        sumIf(weight, support = 1) as in_favour,
        sumIf(weight, support = 2) as abstain,
        uniqExact(voter) as voters
      from ${from.relation('vote_recorded')}
      group by proposal_id
    ) as tally on tally.proposal_id = submitted.proposal_id
    left join ${from.relation('proposal_settled')} as settled
      on settled.proposal_id = submitted.proposal_id`,
}

/** Votes as they were cast. */
export const VOTE_VIEW: View = {
  name: 'vote',
  key: ['block', 'log_index'],
  columns: columns({
    proposal_id: 'UInt256',
    voter: 'FixedString(20)',
    support: 'String',
    weight: 'UInt256',
    reason: 'String',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select proposal_id, voter, ${wordOf(VOTE_SUPPORTS, 'cast_vote.support')} as support, weight, reason,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('vote_recorded')} as cast_vote`,
}

/** The history of governance parameters; `is_current` marks the value in force at the cut. */
export const PARAMETER_VIEW: View = {
  name: 'parameter',
  key: ['block', 'log_index'],
  columns: columns({
    name: 'String',
    previous_value: 'UInt256',
    value: 'UInt256',
    is_current: 'Bool',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select
      toStringCutToZero(toString(key)) as name,
      previous_value,
      value,
      toBool(row_number() over (
        partition by key order by block desc, log_index desc
      ) = 1) as is_current,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('parameter_set')}`,
}

/** Published rulesets: the canonical JSON and its hash. */
export const RULESET_VIEW: View = {
  name: 'ruleset',
  key: ['version'],
  columns: columns({
    version: 'UInt32',
    active_from_epoch: 'UInt32',
    hash: 'FixedString(32)',
    json: 'String',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select version, active_from_epoch, ruleset_hash as hash, ruleset as json,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('ruleset_published')}`,
}

/** Claims of rewards. */
export const CLAIM_VIEW: View = {
  name: 'claim',
  key: ['block', 'log_index'],
  columns: columns({
    account: 'FixedString(20)',
    token: 'FixedString(20)',
    amount: 'UInt256',
    cumulative: 'UInt256',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select account, token, amount, cumulative, block, log_index, transaction_hash, at_seconds
    from ${from.relation('reward_claimed')}`,
}

/** Exclusions of accounts from rewards, each citing its proposal. */
export const EXCLUSION_VIEW: View = {
  name: 'exclusion',
  key: ['block', 'log_index'],
  columns: columns({
    account: 'FixedString(20)',
    proposal_id: 'UInt256',
    from_epoch: 'UInt32',
    to_epoch: 'UInt32',
    reason: 'String',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select account, proposal_id, from_epoch, to_epoch, reason,
      block, log_index, transaction_hash, at_seconds
    from ${from.relation('exclusion_set')}`,
}

/** What was put into each epoch's budget. */
export const FUNDING_VIEW: View = {
  name: 'funding',
  key: ['block', 'log_index'],
  columns: columns({
    epoch: 'UInt32',
    funder: 'FixedString(20)',
    amount: 'UInt256',
    ...EVIDENCE,
  }),
  sql: (from) => `
    select epoch, funder, amount, block, log_index, transaction_hash, at_seconds
    from ${from.relation('epoch_funded')}`,
}

/**
 * Closed epochs with what became of their root on chain: CLOSED (computed, not proposed), PROPOSED,
 * CHALLENGED, REJECTED or ACTIVE. A challenge that is refused has no event: the root stays CHALLENGED
 * here until it is active. `proposed_root` differs from `root` when somebody proposed another.
 */
export const EPOCH_VIEW: View = {
  name: 'epoch',
  key: ['epoch'],
  columns: columns({
    epoch: 'UInt32',
    first_block: 'UInt64',
    cutoff_block: 'UInt64',
    cutoff_hash: 'FixedString(32)',
    ruleset_version: 'UInt32',
    ruleset_hash: 'FixedString(32)',
    budget: 'UInt256',
    paid: 'UInt256',
    carry_change: 'Int256',
    withheld: 'UInt256',
    unallocated: 'UInt256',
    cumulative_total: 'UInt256',
    root: 'FixedString(32)',
    manifest_hash: 'FixedString(32)',
    manifest: 'String',
    status: 'String',
    proposed_root: 'FixedString(32)',
    proposed_block: 'Nullable(UInt64)',
    challenge_ends_at_seconds: 'UInt64',
    activated_block: 'Nullable(UInt64)',
  }),
  sql: (from) => `
    select
      ${CLOSED_EPOCH_TABLE.columns.map(({ name }) => `closed.${name} as ${name}`).join(', ')},
      multiIf(
        activated.last.1 != 0, 'ACTIVE',
        proposed.last.1 = 0, 'CLOSED',
        rejected.last > proposed.last, 'REJECTED',
        challenged.last > proposed.last, 'CHALLENGED',
        'PROPOSED'
      ) as status,
      proposed.last_root as proposed_root,
      if(proposed.last.1 = 0, null, proposed.last.1) as proposed_block,
      proposed.window_end as challenge_ends_at_seconds,
      if(activated.last.1 = 0, null, activated.last.1) as activated_block
    from ${from.relation('closed_epoch')} as closed
    left join (
      select
        epoch,
        max((block, log_index)) as last,
        argMax(root, (block, log_index)) as last_root,
        argMax(challenge_ends_at_seconds, (block, log_index)) as window_end
      from ${from.relation('epoch_root_proposed')}
      group by epoch
    ) as proposed on proposed.epoch = closed.epoch
    left join (
      select epoch, max((block, log_index)) as last
      from ${from.relation('epoch_root_challenged')}
      group by epoch
    ) as challenged on challenged.epoch = closed.epoch
    left join (
      select epoch, max((block, log_index)) as last
      from ${from.relation('epoch_root_rejected')}
      group by epoch
    ) as rejected on rejected.epoch = closed.epoch
    left join (
      select epoch, max((block, log_index)) as last
      from ${from.relation('epoch_root_activated')}
      group by epoch
    ) as activated on activated.epoch = closed.epoch`,
}

/** Everybody the economy knows, with what they do in it. */
export const ACCOUNT_VIEW: View = {
  name: 'account',
  key: ['account'],
  columns: columns({
    account: 'FixedString(20)',
    roles: 'Array(String)',
    first_block: 'UInt64',
  }),
  sql: (from) => `
    select account, arraySort(groupUniqArray(role)) as roles, min(block) as first_block
    from (
      select creator as account, 'creator' as role, block from ${from.relation('asset_registered')}
      union all
      select recipient, 'holder', block from ${from.relation('asset_transferred')}
      union all
      select contributor, 'contributor', block from ${from.relation('contribution_recorded')}
      union all
      select licensee, 'licensee', block from ${from.relation('licence_granted')}
      union all
      select payer, 'payer', block from ${from.relation('payment_made')}
      union all
      select provider, 'provider', block from ${from.relation('provider_registered')}
      union all
      select consumer, 'consumer', block from ${from.relation('receipt')} where status = 'ANCHORED'
      union all
      select account, 'staker', block from ${from.relation('token_staked')}
      union all
      select voter, 'voter', block from ${from.relation('vote_recorded')}
    )
    where account != toFixedString('', 20)
    group by account`,
}

export const GOVERNANCE_VIEWS: readonly View[] = [
  PROPOSAL_VIEW,
  VOTE_VIEW,
  PARAMETER_VIEW,
  RULESET_VIEW,
  CLAIM_VIEW,
  EXCLUSION_VIEW,
  FUNDING_VIEW,
  EPOCH_VIEW,
  ACCOUNT_VIEW,
]
