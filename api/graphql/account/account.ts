import { ACCOUNT_VIEW } from '@foggara/schema'

import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'
import { cellOf, isNone } from '../column-field.ts'
import { connectionOf } from '../connection.ts'
import type { EntityDefinition } from '../entity.ts'
import { listArguments } from '../list.ts'
import { NODE, nodeId } from '../node.ts'
import { register } from '../registry.ts'
import { nestedListFields, linkFields } from '../relation-field.ts'
import { rootFields } from '../root-field.ts'
import { ACCOUNT_REF } from './ref.ts'

/**
 * Accounts exist whether or not anything is known of them: an account that a row names is made from
 * its address alone, and what else is asked of it is read then.
 */
const ACCOUNT: EntityDefinition = {
  name: 'Account',
  description: 'Somebody in the economy, with everything that leads to them.',
  source: ACCOUNT_VIEW,
  omit: ['account', 'roles', 'first_block'],
  links: {
    balance: {
      to: 'Balance',
      by: 'account',
      on: 'account',
      description: 'Tokens held and staked.',
    },
    provider: {
      to: 'Provider',
      by: 'account',
      on: 'provider',
      description: 'The account as a compute provider; null when it is none.',
    },
  },
  lists: {
    assets: { of: 'Asset', on: 'holder', by: 'account', description: 'Assets held.' },
    createdAssets: { of: 'Asset', on: 'creator', by: 'account', description: 'Assets registered.' },
    holdings: { of: 'Holding', on: 'holder', by: 'account', description: 'Every time of holding.' },
    contributions: {
      of: 'Contribution',
      on: 'contributor',
      by: 'account',
      description: 'Contributions to assets.',
    },
    licences: { of: 'Licence', on: 'holder', by: 'account', description: 'Licences held.' },
    allocations: {
      of: 'Allocation',
      on: 'account',
      by: 'account',
      description: 'Rewards by epoch.',
    },
    claims: { of: 'Claim', on: 'account', by: 'account', description: 'Claims of rewards.' },
    payments: { of: 'Payment', on: 'payer', by: 'account', description: 'Payments made.' },
    receipts: { of: 'Receipt', on: 'consumer', by: 'account', description: 'Work consumed.' },
    votes: { of: 'Vote', on: 'voter', by: 'account', description: 'Votes cast.' },
    exclusions: {
      of: 'Exclusion',
      on: 'account',
      by: 'account',
      description: 'Exclusions from rewards.',
    },
  },
  orders: { FIRST_BLOCK: ['first_block'], ADDRESS: ['account'] },
  defaultDirection: 'ASC',
  filters: {
    addresses: { column: 'account', operator: 'in' },
    roles: { column: 'roles', operator: 'hasAny' },
  },
  plural: 'accounts',
}

const type = register({
  ...ACCOUNT,
  ref: ACCOUNT_REF,
  connection: connectionOf('Account', ACCOUNT_REF),
  listArguments: listArguments(ACCOUNT),
})

ACCOUNT_REF.implement({
  description: ACCOUNT.description,
  interfaces: [NODE],
  fields: (t) => ({
    id: nodeId(t, ACCOUNT),
    address: t.field({
      type: 'Address',
      extensions: { columns: ['account'] },
      resolve: ({ row }) => String(row['account']),
    }),
    roles: t.stringList({
      description: 'What the account does in the economy; empty when nothing.',
      extensions: { columns: ['roles'], cost: { statements: 1 } },
      resolve: async (entity) => {
        const roles = await cellOf(entity, ACCOUNT, 'roles')
        return Array.isArray(roles) ? (roles as string[]) : []
      },
    }),
    firstBlock: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'The first block in which the account did something; null when it never did.',
      extensions: { columns: ['first_block'], cost: { statements: 1 } },
      resolve: async (entity) => {
        const block = await cellOf(entity, ACCOUNT, 'first_block')
        return isNone(block) ? null : Number(block)
      },
    }),
    ...linkFields(t, ACCOUNT),
    ...nestedListFields(t, ACCOUNT),
  }),
})

rootFields(type)

builder.queryField('account', (t) =>
  t.field({
    type: ACCOUNT_REF,
    description: 'An account by its address; every address is one, known or not.',
    args: {
      address: t.arg({ type: 'Address', required: true }),
      at: t.arg({ type: BLOCK_INPUT, required: false }),
    },
    resolve: async (_root, args, context) => ({
      row: { account: args.address },
      from: await context.at(args.at),
    }),
  }),
)
