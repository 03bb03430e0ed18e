import { SNAPSHOT_TABLES, type SnapshotTable } from '@foggara/gpu-analytics'
import {
  ALLOCATION_PART_TABLE,
  ALLOCATION_TABLE,
  EPOCH_POOL_TABLE,
  FatalError,
  type Hex,
  MEASURES,
  type Manifest,
  POOLS,
  type Pin,
  SCORE_TABLE,
  type Table,
  parseHex,
  pinnedRelations,
  selectText,
} from '@foggara/schema'
import { z } from 'zod'

import { type Rows, hexText, integerText, readRows, smallNumber } from '../score/rows.ts'

/** A closed epoch as it is stored: what was published and what it was computed from. */
export type StoredEpoch = {
  readonly epoch: number
  readonly manifest: Manifest
  readonly manifestText: string
  readonly manifestHash: Hex
  /** The ruleset's JSON as published on chain. */
  readonly rulesetJson: string
  readonly lines: Readonly<Record<SnapshotTable, readonly string[]>>
  /** What was proposed on chain, as indexed; undefined before a proposal. */
  readonly proposed: { readonly root: Hex; readonly manifestHash: Hex } | undefined
}

/** The stored result tables of an epoch, in their canonical orders. */
export type StoredResults = {
  readonly scores: readonly z.output<typeof scoreRow>[]
  readonly pools: readonly z.output<typeof poolRow>[]
  readonly allocations: readonly z.output<typeof allocationRow>[]
  readonly parts: readonly z.output<typeof partRow>[]
}

/**
 * Reads a closed epoch.
 *
 * @throws {EpochNotClosedError | ManifestMalformedError}
 */
export async function readEpoch(rows: Rows, pin: Pin, epoch: number): Promise<StoredEpoch> {
  const from = pinnedRelations(pin)
  const [closed] = await readRows(
    rows,
    closedRow,
    `select source.manifest as "manifest",
      concat('0x', lower(hex(source.manifest_hash))) as "manifestHash",
      source.ruleset_version as "rulesetVersion"
    from ${from.relation('closed_epoch')} as source
    where source.epoch = ${epoch}`,
  )
  if (closed === undefined) throw new EpochNotClosedError(epoch)
  const [ruleset] = await readRows(
    rows,
    z.object({ json: z.string() }),
    `select source.json as "json" from ${from.relation('ruleset')} as source
    where source.version = ${closed.rulesetVersion}`,
  )
  const [proposed] = await readRows(
    rows,
    proposedRow,
    `select concat('0x', lower(hex(source.root))) as "root",
      concat('0x', lower(hex(source.manifest_hash))) as "manifestHash"
    from ${from.relation('epoch_root_proposed')} as source
    where source.epoch = ${epoch}
    order by source.block desc, source.log_index desc
    limit 1`,
  )
  return {
    epoch,
    manifest: parseManifest(epoch, closed.manifest),
    manifestText: closed.manifest,
    manifestHash: closed.manifestHash,
    rulesetJson: ruleset?.json ?? '',
    lines: await readLines(rows, pin, epoch),
    proposed,
  }
}

/** The snapshot of an epoch as SQL reads it: `table_name`, `line`. */
export function linesRelation(pin: Pin, epoch: number): string {
  const lines = pinnedRelations(pin).relation('snapshot_line')
  return `(select table_name, line from ${lines} where epoch = ${epoch})`
}

/** The stored scores of an epoch as SQL reads them: `measure`, `id`, `score`. */
export function scoresRelation(pin: Pin, epoch: number): string {
  const scores = pinnedRelations(pin).relation('score')
  return `(select measure, id, toUInt256(score) as score from ${scores} where epoch = ${epoch})`
}

/** Reads the result tables of an epoch. */
export async function readResults(rows: Rows, pin: Pin, epoch: number): Promise<StoredResults> {
  const read = (table: Table, order: string) => tableSql(pin, table, epoch, order)
  return {
    scores: await readRows(rows, scoreRow, read(SCORE_TABLE, 'source.measure, source.id')),
    pools: await readRows(
      rows,
      poolRow,
      read(
        EPOCH_POOL_TABLE,
        `indexOf([${POOLS.map((pool) => `'${pool}'`).join(', ')}], source.pool)`,
      ),
    ),
    allocations: await readRows(rows, allocationRow, read(ALLOCATION_TABLE, 'source.account')),
    parts: await readRows(
      rows,
      partRow,
      read(
        ALLOCATION_PART_TABLE,
        'source.account, source.pool, source.source_id, source.withheld_reason',
      ),
    ),
  }
}

/** SQL for one table of an epoch as text. */
export function tableSql(
  pin: Pin,
  table: Pick<Table, 'name' | 'columns'>,
  epoch: number,
  order: string,
): string {
  const relation = pinnedRelations(pin).relation(table.name)
  return `${selectText(table.columns, relation)} where source.epoch = ${epoch} order by ${order}`
}

async function readLines(
  rows: Rows,
  pin: Pin,
  epoch: number,
): Promise<Record<SnapshotTable, readonly string[]>> {
  const found = await readRows(
    rows,
    lineRow,
    `select source.table_name as "tableName", source.line as "line"
    from ${pinnedRelations(pin).relation('snapshot_line')} as source
    where source.epoch = ${epoch}
    order by source.table_name, source.position`,
  )
  const byTable = Map.groupBy(found, ({ tableName }) => tableName)
  const unknown = [...byTable.keys()].find((name) => !SNAPSHOT_TABLES.some((own) => own === name))
  if (unknown !== undefined) throw new SnapshotTableStrayError(epoch, unknown)
  const linesOf = (name: SnapshotTable) => (byTable.get(name) ?? []).map(({ line }) => line)
  return {
    assets: linesOf('assets'),
    edges: linesOf('edges'),
    contributions: linesOf('contributions'),
    receipts: linesOf('receipts'),
    holdings: linesOf('holdings'),
    reviews: linesOf('reviews'),
    disputedAssets: linesOf('disputedAssets'),
    slashedProviders: linesOf('slashedProviders'),
    exclusions: linesOf('exclusions'),
    balances: linesOf('balances'),
  }
}

const closedRow = z.object({
  manifest: z.string(),
  manifestHash: hexText,
  rulesetVersion: smallNumber,
})
const proposedRow = z.object({ root: hexText, manifestHash: hexText })
const lineRow = z.object({ tableName: z.string(), line: z.string() })
const scoreRow = z.object({ measure: z.enum(MEASURES), id: hexText, score: integerText })
const poolRow = z.object({
  pool: z.enum(POOLS),
  bps: smallNumber,
  amount: integerText,
  earned: integerText,
  withheld: integerText,
  unallocated: integerText,
})
const allocationRow = z.object({
  account: hexText,
  token: hexText,
  earned: integerText,
  carryBefore: integerText,
  carryAfter: integerText,
  paid: integerText,
  cumulative: integerText,
  proof: z.array(hexText),
})
const partRow = z.object({
  account: hexText,
  pool: z.enum(POOLS),
  sourceId: hexText,
  score: integerText,
  amount: integerText,
  withheldReason: z.string(),
})

const tableDigest = z.strictObject({ rows: z.int().min(0), sha256: z.string() })
const manifestJson = z.strictObject({
  format: z.literal('foggara-epoch-1'),
  chainId: z.int(),
  distributor: z.string(),
  epoch: z.int(),
  firstBlock: z.int(),
  cutoffBlock: z.int(),
  cutoffHash: z.string(),
  rulesetVersion: z.int(),
  rulesetHash: z.string(),
  budget: z.string(),
  tables: z.record(z.string(), tableDigest),
  scoresSha256: z.string(),
  root: z.string(),
  cumulativeTotal: z.string(),
})

function parseManifest(epoch: number, text: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ManifestMalformedError(epoch, 'expected JSON', cause)
  }
  const parsed = manifestJson.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ManifestMalformedError(epoch, `${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { data } = parsed
  const tables = Object.entries(data.tables).map(
    ([name, { rows, sha256 }]) => [name, { rows, sha256: parseHex(sha256, 32, name) }] as const,
  )
  return {
    ...data,
    distributor: parseHex(data.distributor, 20, 'distributor'),
    cutoffHash: parseHex(data.cutoffHash, 32, 'cutoffHash'),
    rulesetHash: parseHex(data.rulesetHash, 32, 'rulesetHash'),
    tables: Object.fromEntries(tables),
    scoresSha256: parseHex(data.scoresSha256, 32, 'scoresSha256'),
    root: parseHex(data.root, 32, 'root'),
  }
}

/** The epoch is not closed. */
export class EpochNotClosedError extends FatalError {
  constructor(epoch: number) {
    super('EPOCH_NOT_CLOSED', `expected epoch ${epoch} to be closed, found it open or unknown`, {
      hint: 'An epoch closes when its last block is final; see the dashboards for closed ones.',
    })
  }
}

/** A stored manifest is none. */
export class ManifestMalformedError extends FatalError {
  constructor(epoch: number, detail: string, cause?: unknown) {
    super('MANIFEST_MALFORMED', `manifest of epoch ${epoch}: ${detail}`, { cause })
  }
}

/** The stored snapshot has lines of a table that no snapshot has. */
export class SnapshotTableStrayError extends FatalError {
  constructor(epoch: number, found: string) {
    super('SNAPSHOT_TABLE_UNKNOWN', `epoch ${epoch}: expected known tables, found ${found}`)
  }
}
