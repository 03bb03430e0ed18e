import { CONTRACT_NAMES } from '@foggara/schema'
import { stringToHex } from 'viem'

import { type Fact, eventId, hexed, keyed, plain, struct, text, texts } from './fact.ts'

/** What the contract calls what became of an epoch's root, by the number it keeps. */
const ROOT_STATUSES = ['FUNDED', 'PROPOSED', 'CHALLENGED', 'ACTIVE', 'REJECTED']

const EPOCHS: Fact = {
  name: 'epochs, their budgets and roots',
  ofEntities: (live) =>
    keyed(live('Epoch'), [
      'budget',
      'status',
      'root',
      'manifestHash',
      'cumulativeTotal',
      'proposedBlock',
      'challengeEndsAtSeconds',
      'activatedBlock',
    ]),
  ofViews: (from) => `
    select toString(epoch.epoch) as id, ${texts({
      budget: text('funded.amount'),
      status: `if(status = 'CLOSED', 'FUNDED', status)`,
      root: `if(proposed_block is null, '', ${hexed('proposed_root')})`,
      manifestHash: `if(proposed_block is null, '', ${hexed('newest.manifest')})`,
      cumulativeTotal: `if(proposed_block is null, '', ${text('newest.total')})`,
      proposedBlock: text('proposed_block'),
      challengeEndsAtSeconds: `if(proposed_block is null, '', ${text('challenge_ends_at_seconds')})`,
      activatedBlock: text('activated_block'),
    })}
    from ${from.relation('epoch')} as epoch
    left join (
      select epoch, sum(amount) as amount
      from ${from.relation('funding')}
      group by epoch
    ) as funded on funded.epoch = epoch.epoch
    left join (
      select
        epoch,
        argMax(manifest_hash, (block, log_index)) as manifest,
        argMax(cumulative_total, (block, log_index)) as total
      from ${from.relation('epoch_root_proposed')}
      group by epoch
    ) as newest on newest.epoch = epoch.epoch
    where epoch.epoch in (
      select epoch from ${from.relation('epoch_funded')}
      union all
      select epoch from ${from.relation('epoch_root_proposed')}
    )`,
  ofContracts: async (call, id) => {
    const { status, ...root } = struct(await call('RewardDistributor', 'rootOf', [Number(id)]), {
      status: 'status',
      root: 'root',
      manifestHash: 'manifestHash',
      cumulativeTotal: 'cumulativeTotal',
      challengeEndsAtSeconds: 'challengeEndsAtSeconds',
    })
    const budget = plain(await call('RewardDistributor', 'fundedOf', [Number(id)]))
    const word = ROOT_STATUSES[Number(status)] ?? 'none'
    return { budget, status: word, ...(word === 'FUNDED' ? {} : root) }
  },
}

const CLAIMS: Fact = {
  name: 'claims of rewards',
  ofEntities: (live) =>
    keyed(live('AllocationClaim'), ['account', 'token', 'amount', 'cumulative', 'block']),
  ofViews: (from) => `
    select ${eventId('claim')} as id, ${texts({
      account: hexed('account'),
      token: hexed('token'),
      amount: text('amount'),
      cumulative: text('cumulative'),
      block: text('block'),
    })}
    from ${from.relation('claim')} as claim`,
}

const CLAIMED: Fact = {
  name: 'what accounts have claimed of a token',
  ofEntities: (live) => {
    const sums = new Map<string, bigint>()
    for (const { account = '', token = '', amount = '' } of live('AllocationClaim')) {
      const id = `${account} ${token}`
      sums.set(id, (sums.get(id) ?? 0n) + BigInt(amount))
    }
    return new Map([...sums].map(([id, sum]) => [id, { claimed: `${sum}` }]))
  },
  ofViews: (from) => `
    select concat(${hexed('account')}, ' ', ${hexed('token')}) as id,
      ${texts({ claimed: text('argMax(cumulative, (block, log_index))') })}
    from ${from.relation('claim')}
    group by account, token`,
  ofContracts: async (call, id) => ({
    claimed: plain(await call('RewardDistributor', 'claimed', id.split(' '))),
  }),
}

const RULESETS: Fact = {
  name: 'rulesets',
  ofEntities: (live) => keyed(live('Ruleset'), ['activeFromEpoch', 'hash', 'json', 'block']),
  ofViews: (from) => `
    select toString(version) as id, ${texts({
      activeFromEpoch: text('active_from_epoch'),
      hash: hexed('hash'),
      json: 'json',
      block: text('block'),
    })}
    from ${from.relation('ruleset')}`,
  ofContracts: async (call, id) => ({
    hash: plain(await call('RewardDistributor', 'rulesetHashOf', [Number(id)])),
  }),
  countOfContracts: (call) => call('RewardDistributor', 'rulesetVersion'),
}

const EXCLUSIONS: Fact = {
  name: 'exclusions',
  ofEntities: (live) =>
    keyed(live('Exclusion'), ['account', 'proposal', 'fromEpoch', 'toEpoch', 'reason']),
  ofViews: (from) => `
    select ${eventId('exclusion')} as id, ${texts({
      account: hexed('account'),
      proposal: text('proposal_id'),
      fromEpoch: text('from_epoch'),
      toEpoch: text('to_epoch'),
      reason: 'reason',
    })}
    from ${from.relation('exclusion')} as exclusion`,
}

/** OpenZeppelin's `ProposalState`: a proposal is settled when it is cancelled or executed. */
const CANCELLED = 2
const EXECUTED = 7

const PROPOSALS: Fact = {
  name: 'proposals and their tallies',
  ofEntities: (live) =>
    keyed(live('Proposal'), [
      'proposer',
      'voteStartBlock',
      'voteEndBlock',
      'description',
      'status',
      'forWeight',
      'againstWeight',
      'abstainWeight',
      'voteCount',
      'submittedBlock',
    ]),
  ofViews: (from) => `
    select toString(proposal_id) as id, ${texts({
      proposer: hexed('proposer'),
      voteStartBlock: text('vote_start_block'),
      voteEndBlock: text('vote_end_block'),
      description: 'description',
      status: 'status',
      forWeight: text('votes_for'),
      againstWeight: text('votes_against'),
      abstainWeight: text('votes_abstain'),
      voteCount: text('voter_count'),
      submittedBlock: text('block'),
    })}
    from ${from.relation('proposal')}`,
  ofContracts: async (call, id) => {
    const ask = async (name: string) => plain(await call('ProtocolGovernor', name, [BigInt(id)]))
    const votes = Object.values(
      Object(await call('ProtocolGovernor', 'proposalVotes', [BigInt(id)])),
    )
    const [againstWeight = '', forWeight = '', abstainWeight = ''] = votes.map(plain)
    const state = Number(await ask('state'))
    return {
      proposer: await ask('proposalProposer'),
      voteStartBlock: await ask('proposalSnapshot'),
      voteEndBlock: await ask('proposalDeadline'),
      status: state === CANCELLED ? 'CANCELLED' : state === EXECUTED ? 'EXECUTED' : 'OPEN',
      forWeight,
      againstWeight,
      abstainWeight,
    }
  },
}

const VOTES: Fact = {
  name: 'votes',
  ofEntities: (live) => keyed(live('Vote'), ['proposal', 'voter', 'support', 'weight', 'reason']),
  ofViews: (from) => `
    select ${eventId('vote')} as id, ${texts({
      proposal: text('proposal_id'),
      voter: hexed('voter'),
      support: 'support',
      weight: text('weight'),
      reason: 'reason',
    })}
    from ${from.relation('vote')} as vote`,
  ofContracts: async (call, _id, { proposal = '', voter = '' }) => {
    const hasVoted = await call('ProtocolGovernor', 'hasVoted', [BigInt(proposal), voter])
    return { voter: hasVoted === true ? voter : 'nobody' }
  },
}

const PARAMETERS: Fact = {
  name: 'parameters in force',
  ofEntities: (live) => keyed(live('Parameter'), ['value', 'changeCount']),
  ofViews: (from) => `
    select name as id, ${texts({
      value: text('argMax(value, is_current)'),
      changeCount: text('count()'),
    })}
    from ${from.relation('parameter')}
    group by name`,
  ofContracts: async (call, id) => ({
    value: plain(await call('ProtocolParameters', 'get', [stringToHex(id, { size: 32 })])),
  }),
}

const LAST_EVENTS: Fact = {
  name: 'how far each contract’s own event log has come',
  ofEntities: (live) => keyed(live('ProtocolContract'), ['sequence'], ({ name }) => name ?? ''),
  ofViews: (from) => `
    select contract as id, ${texts({ sequence: text('max(sequence)') })}
    from ${from.relation('accumulator')}
    group by contract`,
  ofContracts: async (call, id) => {
    const name = CONTRACT_NAMES.find((candidate) => candidate === id)
    if (name === undefined) return { sequence: 'no contract' }
    const [sequence] = Object.values(Object(await call(name, 'accumulator')))
    return { sequence: plain(sequence) }
  },
}

/** By role, the type that says who has it, the field that names them and the one with the block. */
const ROLES = [
  ['creator', 'Asset', 'creator', 'registeredBlock'],
  ['holder', 'AssetTransfer', 'recipient', 'block'],
  ['contributor', 'Contribution', 'contributor', 'block'],
  ['licensee', 'Licence', 'licensee', 'block'],
  ['payer', 'Payment', 'payer', 'block'],
  ['provider', 'Provider', 'id', 'registeredBlock'],
  ['staker', 'TokenStake', 'account', 'block'],
  ['voter', 'Vote', 'voter', 'block'],
] as const

const ACCOUNTS: Fact = {
  name: 'accounts, their roles and first blocks',
  ofEntities: (live) => {
    const known = new Set(live('Account').map(({ id }) => id))
    const batches = new Map(live('ReceiptBatch').map(({ id, block }) => [id, block]))
    const acts = [
      ...ROLES.flatMap(([role, type, account, block]) =>
        live(type).map((entity) => ({ role, account: entity[account], block: entity[block] })),
      ),
      ...live('AnchoredReceipt').map(({ consumer, batch }) => ({
        role: 'consumer',
        account: consumer,
        block: batches.get(batch),
      })),
    ]
    return new Map(
      [...Map.groupBy(acts, ({ account }) => account ?? '')].map(([account, own]) => {
        const roles = [...new Set(own.map(({ role }) => role))].toSorted()
        const firstBlock = `${Math.min(...own.map(({ block }) => Number(block)))}`
        const isEntity = roles.join() === 'consumer' || known.has(account)
        return [account, { firstBlock, roles: isEntity ? roles.join() : 'no entity' }]
      }),
    )
  },
  ofViews: (from) => `
    select ${hexed('account')} as id, ${texts({
      firstBlock: text('first_block'),
      roles: `arrayStringConcat(roles, ',')`,
    })}
    from ${from.relation('account')}`,
}

/** Facts about epochs, rewards, votes and parameters. */
export const GOVERNANCE_FACTS: readonly Fact[] = [
  EPOCHS,
  CLAIMS,
  CLAIMED,
  RULESETS,
  EXCLUSIONS,
  PROPOSALS,
  VOTES,
  PARAMETERS,
  LAST_EVENTS,
  ACCOUNTS,
]
