import type { ChainCut, StoredChain } from '@foggara/database'
import { type CatalogueEvent, UNPROVEN_CLASSES } from '@foggara/schema'

import { builder } from '../builder.ts'
import { COMPLETENESS } from '../meta/coverage.ts'
import { BLOCK, FINALITY } from '../meta/meta.ts'

/** A chain with the time that the request reads it at. */
type Chain = StoredChain & { readonly atSeconds: number | undefined }

/** A chain at a block, with the chain that it is of. */
type Cut = ChainCut & { readonly database: string }

type Event = CatalogueEvent & { readonly database: string }

const EVENT = builder.objectRef<Event>('ChainEvent').implement({
  description: 'An event that is indexed on a chain.',
  fields: (t) => ({
    source: t.exposeString('source'),
    event: t.exposeString('event', { description: 'Its name; the second of a name ends in _2.' }),
    view: t.string({
      description: 'The SQL view that shows it.',
      resolve: ({ database, view }) => `${database}.${view}`,
    }),
    parameters: t.stringList({
      description: 'The names of its columns after block, log, transaction, time and address.',
      resolve: ({ parameters }) => parameters.map(({ name }) => name),
    }),
  }),
})

const CUT = builder.objectRef<Cut>('ChainCut').implement({
  description: 'A chain at one of its blocks.',
  fields: (t) => ({
    block: t.field({ type: BLOCK, resolve: ({ pin }) => pin }),
    finality: t.field({
      type: FINALITY,
      resolve: ({ isFinal }) => (isFinal ? ('final' as const) : ('latest' as const)),
    }),
    isLast: t.boolean({
      description:
        'Whether a later block is indexed, so that no other block up to the time asked for can come.',
      resolve: (cut) => cut.isLast,
    }),
    eventCount: t.field({ type: 'SafeInt', resolve: (cut) => cut.eventCount }),
    trustedBlocks: t.field({
      type: 'SafeInt',
      description: 'How many blocks nothing shows to be complete.',
      resolve: ({ coverage }) =>
        coverage
          .filter(({ evidence }) => UNPROVEN_CLASSES.includes(evidence))
          .reduce((sum, { blockCount }) => sum + blockCount, 0),
    }),
    completeness: t.field({ type: [COMPLETENESS], resolve: ({ coverage }) => [...coverage] }),
  }),
})

const CHAIN = builder.objectRef<Chain>('Chain').implement({
  description: 'A chain that is indexed: the deployment’s own, or one of the settings.',
  fields: (t) => ({
    name: t.exposeString('name'),
    chainId: t.field({
      type: 'SafeInt',
      nullable: true,
      resolve: ({ chainId }, _args, context) => chainId ?? context.chainId,
    }),
    database: t.exposeString('database', { description: 'The database with its SQL views.' }),
    state: t.exposeString('state', {
      description: 'starting, backfilling, following, retrying, stopped or ended.',
    }),
    headBlock: t.field({
      type: 'SafeInt',
      nullable: true,
      resolve: (c) => known(c.chainHeadBlock),
    }),
    finalBlock: t.field({
      type: 'SafeInt',
      nullable: true,
      resolve: (c) => known(c.finalizedBlock),
    }),
    indexedBlock: t.field({
      type: 'SafeInt',
      nullable: true,
      resolve: (c) => known(c.indexedBlock),
    }),
    error: t.string({
      nullable: true,
      description: 'What went wrong last, with its code; null after the next success.',
      resolve: ({ errorCode, errorText }) =>
        errorCode === '' ? null : `${errorCode}: ${errorText}`,
    }),
    adapters: t.stringList({ resolve: ({ adapters }) => [...adapters] }),
    events: t.field({
      type: [EVENT],
      description: 'What `sourceEvents` can be asked for.',
      extensions: { cost: { statements: 2, perRow: true } },
      resolve: async ({ database, sources }, _args, context) => {
        const events = sources.length === 0 ? [] : (await context.chains.catalogue(database)).events
        return events.map((event) => ({ ...event, database }))
      },
    }),
    relations: t.stringList({
      description: 'SQL views of the domain relations that adapters give.',
      extensions: { cost: { statements: 2, perRow: true } },
      resolve: async ({ database, sources }, _args, context) => {
        const views = sources.length === 0 ? [] : (await context.chains.catalogue(database)).views
        return views.map(({ name }) => `${database}.${name}`)
      },
    }),
    cut: t.field({
      type: CUT,
      nullable: true,
      description:
        'The chain at its newest indexed block, or at the last one at the time asked for.',
      extensions: { cost: { statements: 4, perRow: true } },
      resolve: async (chain, _args, context) => {
        const cut = await context.chains.cut(chain, chain.atSeconds)
        return cut === undefined ? null : { ...cut, database: chain.database }
      },
    }),
  }),
})

builder.queryField('chains', (t) =>
  t.field({
    type: [CHAIN],
    description: 'Every chain that is indexed, each read at its newest block or at one time.',
    args: {
      atSeconds: t.arg({
        type: 'SafeInt',
        required: false,
        description: 'Read each chain at its last block that is not after this time. Unix seconds.',
      }),
    },
    extensions: { cost: { statements: 1, rows: 10 } },
    resolve: async (_root, { atSeconds }, context) => {
      const chains = await context.chains.list()
      return chains.map((chain) => ({ ...chain, atSeconds: atSeconds ?? undefined }))
    },
  }),
)

function known(block: number): number | null {
  return block < 0 ? null : block
}
