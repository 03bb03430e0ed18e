import { type Manifest, invariant } from '@foggara/schema'

import { builder } from '../builder.ts'
import { defineType } from '../define-type.ts'
import type { Entity } from '../entity.ts'
import { type RankGraph, rankGraphPath } from './closed-epochs.ts'
import { EPOCH_POOL_SOURCE, EPOCH_SOURCE } from './sources.ts'

/** Closed epochs. */
export const EPOCH = defineType({
  name: 'Epoch',
  description: 'A closed epoch: what was computed, from what, and what became of its root.',
  source: EPOCH_SOURCE,
  rename: { epoch: 'number' },
  enums: { status: 'EpochStatus' },
  optional: ['proposed_root', 'challenge_ends_at_seconds'],
  links: {
    ruleset: {
      to: 'Ruleset',
      by: 'ruleset_version',
      description: 'The ruleset; null when it was not published on chain.',
    },
  },
  lists: {
    pools: list('EpochPool', 'The pools the budget was divided into; they sum to the budget.'),
    scores: list('Score', 'Scores by measure.'),
    allocations: list('Allocation', 'What each account got.'),
    parts: list('AllocationPart', 'Every part of every account, paid or withheld.'),
    fundings: list('Funding', 'Who put what into the budget.'),
    usage: list('EpochUsage', 'Its usage graph: who used which asset how much.'),
    usagePairs: list('EpochUsagePair', 'Which assets were used together.'),
  },
  orders: { NUMBER: ['epoch'] },
  defaultDirection: 'DESC',
  filters: {
    numbers: { column: 'epoch', operator: 'in' },
    statuses: { column: 'status', operator: 'in' },
  },
  plural: 'epochs',
  single: { field: 'epoch', argument: 'number', column: 'epoch' },
})

defineType({
  name: 'EpochPool',
  description: 'A pool of an epoch: amount = earned + withheld + unallocated.',
  source: EPOCH_POOL_SOURCE,
  enums: { pool: 'Pool' },
  orders: { POOL: ['pool'], AMOUNT: ['amount'] },
  defaultDirection: 'ASC',
  filters: { pools: { column: 'pool', operator: 'in' } },
})

const IDENTITY = builder.objectRef<Entity>('EpochIdentity').implement({
  description: 'budget = paid + carryChange + withheld + unallocated, to the last unit.',
  fields: (t) => ({
    budget: t.field({ type: 'BigInt', resolve: ({ row }) => String(row['budget']) }),
    paid: t.field({ type: 'BigInt', resolve: ({ row }) => String(row['paid']) }),
    carryChange: t.field({ type: 'BigInt', resolve: ({ row }) => String(row['carryChange']) }),
    withheld: t.field({ type: 'BigInt', resolve: ({ row }) => String(row['withheld']) }),
    unallocated: t.field({ type: 'BigInt', resolve: ({ row }) => String(row['unallocated']) }),
    difference: t.field({
      type: 'BigInt',
      description: 'budget - paid - carryChange - withheld - unallocated: 0 when it holds.',
      resolve: ({ row }) => {
        const of = (name: string): bigint => BigInt(String(row[name]))
        const rest = of('paid') + of('carryChange') + of('withheld') + of('unallocated')
        return (of('budget') - rest).toString()
      },
    }),
  }),
})

type TableDigest = {
  readonly epoch: number
  readonly name: string
  readonly rows: number
  readonly sha256: string
}

const SNAPSHOT_TABLE = builder.objectRef<TableDigest>('SnapshotTable').implement({
  description: 'A canonical input table of an epoch, pinned by the hash of its lines.',
  fields: (t) => ({
    name: t.exposeString('name'),
    rows: t.field({ type: 'SafeInt', resolve: (table) => table.rows }),
    sha256: t.field({ type: 'Bytes32', resolve: (table) => table.sha256 }),
    url: t.string({
      description: 'Where the lines can be downloaded, relative to this server.',
      resolve: (table) => `/epochs/${table.epoch}/tables/${table.name}.ndjson`,
    }),
  }),
})

const RANK_GRAPH = builder
  .objectRef<RankGraph & { readonly epoch: number }>('RankGraph')
  .implement({
    description:
      'The graph that the ranks of an epoch came from, compressed: whoever computes them again must get the digest.',
    fields: (t) => ({
      url: t.string({
        description: 'Where it can be downloaded, relative to this server.',
        resolve: ({ epoch }) => rankGraphPath(epoch),
      }),
      byteLength: t.field({ type: 'SafeInt', resolve: ({ bytes }) => bytes.length }),
      nodeCount: t.field({ type: 'SafeInt', resolve: ({ nodeCount }) => nodeCount }),
      edgeCount: t.field({ type: 'SafeInt', resolve: ({ edgeCount }) => edgeCount }),
      iterationCount: t.field({ type: 'SafeInt', resolve: ({ iterationCount }) => iterationCount }),
      digest: t.field({
        type: 'Bytes32',
        description:
          'Of the stored ranks in the order of the graph, with dust and iteration count.',
        resolve: ({ digest }) => digest,
      }),
    }),
  })

builder.objectFields(EPOCH.ref, (t) => ({
  rankGraph: t.field({
    type: RANK_GRAPH,
    description: 'The graph of the ranks, to compute them again elsewhere.',
    extensions: { columns: ['epoch'], cost: { statements: 3, rows: 1000 } },
    resolve: async ({ row, from }, _arguments, context) => {
      const epoch = Number(row['epoch'])
      return { epoch, ...(await context.closedEpochs.rankGraph(from, epoch)) }
    },
  }),
  identity: t.field({
    type: IDENTITY,
    description: 'The sum that must hold.',
    extensions: { columns: ['budget', 'paid', 'carry_change', 'withheld', 'unallocated'] },
    resolve: (entity) => entity,
  }),
  snapshotTables: t.field({
    type: [SNAPSHOT_TABLE],
    description: 'The canonical input tables with their hashes, from the manifest.',
    extensions: { columns: ['epoch', 'manifest'] },
    resolve: ({ row }) => tablesOf(Number(row['epoch']), String(row['manifest'])),
  }),
  bundleUrl: t.string({
    description: 'Where manifest and input tables can be downloaded together.',
    extensions: { columns: ['epoch'] },
    resolve: ({ row }) => `/epochs/${String(row['epoch'])}/bundle.ndjson`,
  }),
}))

function tablesOf(epoch: number, json: string): readonly TableDigest[] {
  const manifest: unknown = JSON.parse(json)
  invariant(hasTables(manifest), `the manifest of epoch ${epoch} names its tables`)
  return Object.entries(manifest.tables).map(([name, table]) => ({ epoch, name, ...table }))
}

function hasTables(value: unknown): value is Pick<Manifest, 'tables'> {
  return typeof value === 'object' && value !== null && 'tables' in value
}

function list(of: string, description: string) {
  return { of, on: 'epoch', by: 'epoch', description }
}
