import { FatalError } from '@foggara/schema'
import type { GraphQLResolveInfo } from 'graphql'

import type { Reader } from '../../sql/reader.ts'
import { ASSET } from '../asset/asset.ts'
import { EDGE } from '../asset/edge.ts'
import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'
import { fieldColumns, selectionColumns } from '../projection.ts'
import { WORDS } from '../words.ts'
import {
  LINEAGE_DEPTH_MAX,
  LINEAGE_NODE_COUNT_MAX,
  type Lineage,
  type LineageDirection,
  type LineageNode,
  walkLineage,
} from './walk.ts'

const DEPTH_DEFAULT = 5

const DIRECTION = builder.enumType('LineageDirection', {
  description: 'UPSTREAM: what an asset was made from. DOWNSTREAM: what was made from it.',
  values: ['UPSTREAM', 'DOWNSTREAM'] as const,
})

const NODE = builder.objectRef<LineageNode>('LineageNode').implement({
  description: 'An asset of a lineage.',
  fields: (t) => ({
    assetId: t.field({ type: 'Bytes32', resolve: (node) => node.assetId }),
    depth: t.field({
      type: 'SafeInt',
      description: 'The least number of edges from the root, which has 0.',
      resolve: (node) => node.depth,
    }),
    isInCycle: t.boolean({
      description: 'Whether it leads back to itself.',
      resolve: (node) => node.isInCycle,
    }),
    asset: t.field({
      type: ASSET.ref,
      nullable: true,
      description: 'The asset; null when an edge names one that is not registered.',
      extensions: { cost: { statements: 1 } },
      resolve: async (node, _args, _context, info) => {
        const columns = [...selectionColumns(info, ASSET.name), ...ASSET.source.key]
        const row = await node.from.lookup(ASSET.source, columns, 'asset_id', node.assetId)
        return row === null ? null : { row, from: node.from }
      },
    }),
  }),
})

const LINEAGE = builder.objectRef<Lineage>('Lineage').implement({
  description: 'The assets reached from one asset along edges valid at the block.',
  fields: (t) => ({
    rootId: t.field({ type: 'Bytes32', resolve: (lineage) => lineage.root }),
    direction: t.field({ type: DIRECTION, resolve: (lineage) => lineage.direction }),
    nodes: t.field({
      type: [NODE],
      description: 'The assets, nearest first; the root is the first.',
      resolve: (lineage) => lineage.nodes,
    }),
    edges: t.field({
      type: [EDGE.ref],
      description: 'The edges between them, each once.',
      resolve: ({ edges, from }) => edges.map((row) => ({ row, from })),
    }),
    cycles: t.field({
      type: t.listRef(t.listRef('Bytes32')),
      description: 'Sets of assets that lead back to themselves.',
      resolve: (lineage) => lineage.cycles.map((cycle) => [...cycle]),
    }),
    isTruncated: t.boolean({
      description: `Whether depth or a limit (${LINEAGE_NODE_COUNT_MAX} assets) left something out.`,
      resolve: (lineage) => lineage.isTruncated,
    }),
  }),
})

builder.queryField('lineage', (t) =>
  t.field({
    type: LINEAGE,
    description: 'Walks provenance from an asset.',
    args: {
      id: t.arg({ type: 'Bytes32', required: true }),
      direction: t.arg({ type: DIRECTION, defaultValue: 'UPSTREAM' }),
      depth: t.arg.int({ defaultValue: DEPTH_DEFAULT, description: `Up to ${LINEAGE_DEPTH_MAX}.` }),
      relations: t.arg({ type: [WORDS.Relation], required: false }),
      at: t.arg({ type: BLOCK_INPUT, required: false }),
    },
    extensions: { cost: { statements: 5, rows: 100 } },
    resolve: async (_root, args, context, info) =>
      walk(await context.at(args.at), args.id, args.direction ?? 'UPSTREAM', args, info),
  }),
)

builder.objectFields(ASSET.ref, (t) => {
  const field = (direction: LineageDirection, description: string) =>
    t.field({
      type: LINEAGE,
      description,
      args: {
        depth: t.arg.int({
          defaultValue: DEPTH_DEFAULT,
          description: `Up to ${LINEAGE_DEPTH_MAX}.`,
        }),
        relations: t.arg({ type: [WORDS.Relation], required: false }),
      },
      extensions: { columns: ['asset_id'], cost: { statements: 5, rows: 100, perRow: true } },
      resolve: ({ row, from }, args, _context, info) =>
        walk(from, String(row['assetId']), direction, args, info),
    })
  return {
    upstream: field('UPSTREAM', 'What it was made from, and so on.'),
    downstream: field('DOWNSTREAM', 'What was made from it, and so on.'),
  }
})

function walk(
  from: Reader,
  root: string,
  direction: LineageDirection,
  args: {
    readonly depth?: number | null | undefined
    readonly relations?: readonly (typeof WORDS.Relation.$inferType)[] | null | undefined
  },
  info: GraphQLResolveInfo,
): Promise<Lineage> {
  const depth = args.depth ?? DEPTH_DEFAULT
  if (depth < 1 || depth > LINEAGE_DEPTH_MAX) throw new LineageDepthError(depth)
  const columns = fieldColumns(info, 'edges', EDGE.name)
  return walkLineage(from, {
    root,
    direction,
    depth,
    relations: args.relations ?? undefined,
    columns,
  })
}

/** A lineage is asked for with a depth outside the limits. */
export class LineageDepthError extends FatalError {
  constructor(found: number) {
    super('LINEAGE_DEPTH', `depth: expected 1 to ${LINEAGE_DEPTH_MAX}, found ${found}`, {
      hint: 'Ask for the lineage of one of the outermost assets to go on.',
    })
  }
}
