import {
  EXCLUSION_VIEW,
  PARAMETER_VIEW,
  PROPOSAL_VIEW,
  RULESET_VIEW,
  VOTE_VIEW,
} from '@foggara/schema'

import { defineType } from '../define-type.ts'
import { BY_BLOCK } from '../shared-shape.ts'

const TO_PROPOSAL = {
  proposal: { to: 'Proposal', by: 'proposal_id', description: 'The proposal.' },
}
const OF_PROPOSAL = { proposals: { column: 'proposal_id', operator: 'in' } } as const

defineType({
  name: 'Proposal',
  description: 'A governance proposal with its tally.',
  source: PROPOSAL_VIEW,
  enums: { status: 'ProposalStatus' },
  lists: {
    votes: { of: 'Vote', on: 'proposal_id', by: 'proposal_id', description: 'Votes cast.' },
  },
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: {
    proposers: { column: 'proposer', operator: 'in' },
    statuses: { column: 'status', operator: 'in' },
  },
  plural: 'proposals',
  single: { field: 'proposal', argument: 'id', column: 'proposal_id' },
})

defineType({
  name: 'Vote',
  description: 'A vote as it was cast.',
  source: VOTE_VIEW,
  enums: { support: 'VoteSupport' },
  links: TO_PROPOSAL,
  orders: { ...BY_BLOCK, WEIGHT: ['weight'] },
  defaultDirection: 'DESC',
  filters: { ...OF_PROPOSAL, voters: { column: 'voter', operator: 'in' } },
  plural: 'votes',
})

defineType({
  name: 'Parameter',
  description: 'A value of a governance parameter, in force or past.',
  source: PARAMETER_VIEW,
  orders: { ...BY_BLOCK, NAME: ['name'] },
  defaultDirection: 'DESC',
  filters: {
    names: { column: 'name', operator: 'in' },
    isCurrent: { column: 'is_current', operator: 'equals' },
  },
  plural: 'parameters',
})

defineType({
  name: 'Ruleset',
  description: "A published ruleset: every parameter of an epoch's reward.",
  source: RULESET_VIEW,
  orders: { VERSION: ['version'] },
  defaultDirection: 'DESC',
  filters: {},
  plural: 'rulesets',
  single: { field: 'ruleset', argument: 'version', column: 'version' },
})

defineType({
  name: 'Exclusion',
  description: 'An exclusion of an account from rewards, decided by a proposal.',
  source: EXCLUSION_VIEW,
  links: TO_PROPOSAL,
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: { ...OF_PROPOSAL, accounts: { column: 'account', operator: 'in' } },
  plural: 'exclusions',
})
