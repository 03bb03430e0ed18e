import { BALANCE_VIEW } from '@foggara/schema'

import { defineType } from '../define-type.ts'

defineType({
  name: 'Balance',
  description: 'Tokens that an account holds and has staked.',
  source: BALANCE_VIEW,
  orders: { AMOUNT: ['amount'], STAKED: ['staked'] },
  defaultDirection: 'DESC',
  filters: { account: { column: 'account', operator: 'in' } },
  plural: 'balances',
})
