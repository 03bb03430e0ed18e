import {
  type CatalogueEvent,
  type ChainCatalogue,
  type Column,
  FatalError,
  type Pin,
  camelCase,
  pinnedRelations,
} from '@foggara/schema'

import type { Row } from '../../sql/row.ts'
import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'
import { connectionOf } from '../connection.ts'
import type { Entity, EntityDefinition } from '../entity.ts'
import { EVIDENCE_COLUMN_NAMES, EVIDENCE_TYPE } from '../evidence.ts'
import { listArguments, readPage } from '../list.ts'
import { BLOCK } from '../meta/meta.ts'

type Argument = { readonly name: string; readonly type: string; readonly value: string }

/** The rows of one event's table, whatever its parameters are: those are one list of texts. */
const SOURCE_EVENT: EntityDefinition = {
  name: 'SourceEvent',
  description:
    'An event of a contract that is indexed beside the deployment, as its ABI decodes it.',
  source: {
    name: 'source_event',
    key: ['block', 'log_index'],
    columns: [
      { name: 'block', type: 'UInt64' },
      { name: 'log_index', type: 'UInt32' },
      { name: 'transaction_hash', type: 'FixedString(32)' },
      { name: 'at_seconds', type: 'UInt64' },
      { name: 'address', type: 'FixedString(20)' },
      { name: 'names', type: 'Array(String)' },
      { name: 'types', type: 'Array(String)' },
      { name: 'texts', type: 'Array(String)' },
    ],
  },
  orders: { BLOCK: ['block', 'log_index'] },
  defaultDirection: 'ASC',
  filters: {
    address: { column: 'address', operator: 'in' },
    fromBlock: { column: 'block', operator: 'atLeast' },
    toBlock: { column: 'block', operator: 'atMost' },
    transactionHash: { column: 'transaction_hash', operator: 'in' },
  },
}

const ARGUMENT = builder.objectRef<Argument>('SourceEventArgument').implement({
  description: 'A parameter of an event with its value.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of its column.' }),
    type: t.exposeString('type', { description: 'The type of its column in ClickHouse.' }),
    value: t.exposeString('value', {
      description:
        'Integers as decimal text, bytes as 0x and hexadecimal digits, truth values as true and false, lists as JSON of such texts.',
    }),
  }),
})

const SOURCE_EVENT_REF = builder.objectRef<Entity>(SOURCE_EVENT.name).implement({
  description: SOURCE_EVENT.description,
  fields: (t) => ({
    address: t.field({
      type: 'Address',
      description: 'The contract that emitted it.',
      extensions: { columns: ['address'] },
      resolve: ({ row }) => String(row['address']),
    }),
    evidence: t.field({
      type: EVIDENCE_TYPE,
      description: 'Where on its chain the event is.',
      extensions: { columns: EVIDENCE_COLUMN_NAMES },
      resolve: ({ row }) => ({
        block: Number(row['block']),
        transactionHash: String(row['transactionHash']),
        logIndex: Number(row['logIndex']),
        timestamp: Number(row['atSeconds']),
      }),
    }),
    arguments: t.field({
      type: [ARGUMENT],
      description: 'Its parameters in the order of the ABI.',
      extensions: { columns: ['names', 'types', 'texts'] },
      resolve: ({ row }) => argumentsOf(row),
    }),
  }),
})

const CONNECTION = connectionOf(SOURCE_EVENT.name, SOURCE_EVENT_REF)
const LIST_ARGUMENTS = listArguments(SOURCE_EVENT)

builder.objectField(CONNECTION, 'block', (t) =>
  t.field({
    type: BLOCK,
    description: 'The block of the chain that the page is read at.',
    resolve: ({ from }) => from.pin,
  }),
)

builder.queryField('sourceEvents', (t) =>
  t.field({
    type: CONNECTION,
    description: 'A page of the events of one kind that a chain holds, as of one of its blocks.',
    args: {
      chain: t.arg.string({ required: true, description: 'A name of `chains`.' }),
      source: t.arg.string({ required: true, description: 'A source of the chain.' }),
      event: t.arg.string({ required: true, description: 'An event of the source.' }),
      ...LIST_ARGUMENTS(t.arg),
      at: t.arg({ type: BLOCK_INPUT, description: 'A block of that chain.' }),
    },
    extensions: { cost: { statements: 1, list: true } },
    resolve: async (_root, args, context, info) => {
      const chains = await context.chains.list()
      const readers = await context.chain(args.chain)
      const database = chains.find(({ name }) => name === args.chain)?.database ?? ''
      const catalogue = await context.chains.catalogue(database)
      const event = eventOf(catalogue, args.source, args.event)
      const reader = await readers.at(args.at)
      const place = { reader, isBlockGiven: (args.at ?? undefined) !== undefined }
      return readPage(definitionOf(args.chain, catalogue, event), args, place, readers, info)
    },
  }),
)

function eventOf(catalogue: ChainCatalogue, source: string, name: string): CatalogueEvent {
  const event = catalogue.events.find((each) => each.source === source && each.event === name)
  if (event !== undefined) return event
  throw new SourceEventUnknownError(source, name, catalogue)
}

function definitionOf(
  chain: string,
  catalogue: ChainCatalogue,
  { view, parameters }: CatalogueEvent,
): EntityDefinition {
  const list = (texts: readonly string[]) => `cast([${texts.join(', ')}], 'Array(String)')`
  const quoted = (texts: readonly string[]) => list(texts.map((text) => `'${text}'`))
  const relation = (pin: Pin): string => `(
    select block, log_index, transaction_hash, at_seconds, address,
      ${quoted(parameters.map(({ name }) => name))} as names,
      ${quoted(parameters.map(({ type }) => type))} as types,
      ${list(parameters.map(textOf))} as texts
    from ${pinnedRelations(pin, catalogue).relation(view)}
  )`
  const source = { ...SOURCE_EVENT.source, name: `${chain}.${view}`, relation }
  return { ...SOURCE_EVENT, source }
}

/** SQL of a value as text. */
function textOf({ name, type }: Column): string {
  const column = `\`${name}\``
  if (type === 'Bytes' || type.startsWith('FixedString')) return hexOf(column)
  if (type.startsWith('Array(FixedString')) {
    return `toJSONString(arrayMap(item -> ${hexOf('item')}, ${column}))`
  }
  if (type.startsWith('Array(')) return `toJSONString(arrayMap(item -> toString(item), ${column}))`
  return `toString(${column})`
}

function hexOf(bytes: string): string {
  return `concat('0x', lower(hex(${bytes})))`
}

function argumentsOf(row: Row): readonly Argument[] {
  const [names, types, texts] = ['names', 'types', 'texts'].map((column) => {
    const cell = row[camelCase(column)]
    return Array.isArray(cell) ? cell.map(String) : []
  })
  return (names ?? []).map((name, index) => ({
    name,
    type: types?.[index] ?? '',
    value: texts?.[index] ?? '',
  }))
}

/** A chain has no such event. */
export class SourceEventUnknownError extends FatalError {
  constructor(source: string, event: string, { events }: ChainCatalogue) {
    const shown = JSON.stringify(`${source}.${event}`.slice(0, 120))
    const known = events.map((each) => `${each.source}.${each.event}`).join(', ')
    super('SOURCE_EVENT_UNKNOWN', `expected a source and an event of the chain, found ${shown}`, {
      hint: `Known: ${known === '' ? 'none' : known}.`,
    })
  }
}
