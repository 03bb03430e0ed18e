import { LOG_TABLE } from '@foggara/schema'

import { builder } from '../builder.ts'
import { defineType } from '../define-type.ts'
import { BY_BLOCK } from '../shared-shape.ts'
import { type EventArgument, eventArguments } from './event-arguments.ts'

const ACTIVITY = defineType({
  name: 'Activity',
  description: 'An event of one of the contracts, as the chain gave it.',
  source: { name: LOG_TABLE.name, columns: LOG_TABLE.columns, key: ['block', 'log_index'] },
  orders: BY_BLOCK,
  defaultDirection: 'DESC',
  filters: {
    contracts: { column: 'contract', operator: 'in' },
    events: { column: 'event', operator: 'in' },
    topics: { column: 'topics', operator: 'hasAny' },
    fromBlock: { column: 'block', operator: 'atLeast' },
    toBlock: { column: 'block', operator: 'atMost' },
  },
  plural: 'activity',
})

const ARGUMENT = builder.objectRef<EventArgument>('EventArgument').implement({
  description: 'An argument of an event: integers as decimal text, bytes as 0x….',
  fields: (t) => ({
    name: t.exposeString('name'),
    type: t.exposeString('type', { description: 'The type in Solidity.' }),
    value: t.exposeString('value'),
  }),
})

builder.objectFields(ACTIVITY.ref, (t) => ({
  arguments: t.field({
    type: [ARGUMENT],
    description: 'The decoded arguments; empty when the event is not in the ABI.',
    extensions: { columns: ['contract', 'event', 'topics', 'payload'] },
    resolve: ({ row }) => eventArguments(row),
  }),
}))
