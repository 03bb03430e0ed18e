import { ASSET_KINDS, FatalError, divFloor } from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Cell, Row } from '../../sql/row.ts'
import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'
import { selectedFields } from '../projection.ts'
import { WORDS } from '../words.ts'
import {
  SERIES_NAMES,
  type SeriesName,
  TOTALS,
  TOTAL_NAMES,
  type TotalName,
  assetsByKindStatement,
  seriesStatement,
  totalsStatement,
} from './metrics.ts'

const BUCKET_COUNT_DEFAULT = 24
const BUCKET_COUNT_MAX = 500

type Overview = { readonly row: Row; readonly from: Reader }

type KindCount = { readonly kind: (typeof ASSET_KINDS)[number]; readonly count: number }

type Bucket = {
  readonly firstBlock: number
  readonly lastBlock: number
  readonly totals: Readonly<Partial<Record<SeriesName, string>>>
}

const KIND_COUNT = builder.objectRef<KindCount>('AssetKindCount').implement({
  description: 'How many assets there are of a kind.',
  fields: (t) => ({
    kind: t.field({ type: WORDS.AssetKind, resolve: ({ kind }) => kind }),
    count: t.field({ type: 'SafeInt', resolve: ({ count }) => count }),
  }),
})

const BUCKET = builder.objectRef<Bucket>('Bucket').implement({
  description: 'What happened in a run of blocks.',
  fields: (t) => ({
    firstBlock: t.field({ type: 'SafeInt', resolve: (bucket) => bucket.firstBlock }),
    lastBlock: t.field({ type: 'SafeInt', resolve: (bucket) => bucket.lastBlock }),
    ...Object.fromEntries(
      SERIES_NAMES.map((name) => [
        name,
        t.field({
          type: 'BigInt',
          description: name.endsWith('Total') ? 'Unit: token base units.' : 'How many.',
          resolve: ({ totals }) => totals[name] ?? '0',
        }),
      ]),
    ),
  }),
})

const OVERVIEW = builder.objectRef<Overview>('Overview').implement({
  description: 'The whole economy in numbers.',
  fields: (t) => ({
    ...Object.fromEntries(
      TOTAL_NAMES.map((name) => [
        name,
        t.field({
          type: TOTALS[name].type,
          description: TOTALS[name].description,
          resolve: ({ row }) => row[name] as never,
        }),
      ]),
    ),
    assetsByKind: t.field({
      type: [KIND_COUNT],
      description: 'Assets by kind; kinds without assets included.',
      extensions: { cost: { statements: 1 } },
      resolve: async ({ from }) => kindCounts(await from.rows(assetsByKindStatement(from.pin))),
    }),
    series: t.field({
      type: [BUCKET],
      description: 'What happened over time, in runs of blocks of equal length.',
      args: {
        buckets: t.arg.int({
          defaultValue: BUCKET_COUNT_DEFAULT,
          description: `How many, up to ${BUCKET_COUNT_MAX}.`,
        }),
        fromBlock: t.arg({ type: 'SafeInt', required: false }),
        toBlock: t.arg({ type: 'SafeInt', required: false }),
      },
      extensions: { cost: { statements: 4, rows: BUCKET_COUNT_DEFAULT } },
      resolve: async ({ from }, args, _context, info) => {
        const names = SERIES_NAMES.filter((name) => selectedFields(info).includes(name))
        return series(from, names, args)
      },
    }),
  }),
})

builder.queryField('overview', (t) =>
  t.field({
    type: OVERVIEW,
    description: 'The whole economy in numbers.',
    args: { at: t.arg({ type: BLOCK_INPUT, required: false }) },
    extensions: { cost: { statements: 4 } },
    resolve: async (_root, args, context, info) => {
      const from = await context.at(args.at)
      const selected = selectedFields(info)
      const names = TOTAL_NAMES.filter((name: TotalName) => selected.includes(name))
      const [row] = names.length === 0 ? [] : await from.rows(totalsStatement(from.pin, names))
      return { row: row ?? {}, from }
    },
  }),
)

function kindCounts(rows: readonly Row[]): readonly KindCount[] {
  const counts = new Map<Cell | undefined, number>(
    rows.map((row) => [String(row['kindNumber']), Number(row['count'])]),
  )
  return ASSET_KINDS.map((kind, index) => ({ kind, count: counts.get(String(index)) ?? 0 }))
}

async function series(
  from: Reader,
  names: readonly SeriesName[],
  args: {
    readonly buckets?: number | null | undefined
    readonly fromBlock?: number | null | undefined
    readonly toBlock?: number | null | undefined
  },
): Promise<readonly Bucket[]> {
  const bucketCount = args.buckets ?? BUCKET_COUNT_DEFAULT
  const firstBlock = args.fromBlock ?? 0
  const lastBlock = Math.min(args.toBlock ?? from.pin.block, from.pin.block)
  if (bucketCount < 1 || bucketCount > BUCKET_COUNT_MAX) throw new BucketCountError(bucketCount)
  if (firstBlock < 0 || firstBlock > lastBlock) return []
  const blockCount = lastBlock - firstBlock + 1
  const size = Number(divFloor(BigInt(blockCount + bucketCount - 1), BigInt(bucketCount)))
  const rows =
    names.length === 0
      ? []
      : await from.rows(
          seriesStatement(from.pin, names, { firstBlock, lastBlock, blocksPerBucket: size }),
        )
  const byBucket = Map.groupBy(rows, (row) => Number(row['bucket']))
  const filled = Number(divFloor(BigInt(blockCount + size - 1), BigInt(size)))
  return Array.from({ length: filled }, (_, index) => ({
    firstBlock: firstBlock + index * size,
    lastBlock: Math.min(firstBlock + (index + 1) * size - 1, lastBlock),
    totals: Object.fromEntries((byBucket.get(index) ?? []).flatMap(totalsOf)),
  }))
}

function totalsOf(row: Row): readonly (readonly [string, string])[] {
  const names = row['names']
  const totals = row['totals']
  if (!Array.isArray(names) || !Array.isArray(totals)) return []
  return names.map((name, index) => [String(name), String(totals[index])] as const)
}

/** A series is asked for with too few or too many buckets. */
export class BucketCountError extends FatalError {
  constructor(found: number) {
    super('BUCKET_COUNT', `buckets: expected 1 to ${BUCKET_COUNT_MAX}, found ${found}`)
  }
}
