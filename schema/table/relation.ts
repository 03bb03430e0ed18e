import { FatalError } from '../errors.ts'
import type { Hex } from '../hex.ts'
import type { View } from '../view/view.ts'
import { VIEWS } from '../view/views.ts'
import { type Table, columnNames, hotRelation, hotTable, settledTable } from './column.ts'
import { TABLES } from './tables.ts'

/** One consistent cut of everything: resolved once per request, then every query reads at it. */
export type Pin = {
  /** Chain rows up to this block are seen. */
  readonly block: number
  readonly blockHash: Hex
  readonly blockSeconds: number
  /** Rows up to this block are read from the settled tables, later ones from the hot tables; -1: none. */
  readonly settledBlock: number
  readonly chain: StreamPin
  readonly receipt: StreamPin
  readonly epoch: StreamPin
}

/** The newest visible commit of a stream and the attempts that are retracted at it. */
export type StreamPin = { readonly commitSeq: number; readonly killed: readonly number[] }

/** Where a query finds tables and views, as SQL in parentheses or a name. */
export type Relations = {
  /** A logical table or a domain view. */
  relation(name: string): string
  /** The time of the cut, as an SQL expression. Unit: seconds. */
  readonly nowSeconds: string
}

/** What queries may name in a database. */
export type Catalogue = {
  readonly tables: ReadonlyMap<string, Table>
  readonly views: readonly View[]
}

const OWN_CATALOGUE: Catalogue = {
  tables: new Map(TABLES.map((table) => [table.name, table])),
  views: VIEWS,
}

/**
 * Relations that read at one pin; the numbers stand in the SQL as literals. Without a catalogue they
 * are those of the product's own database.
 */
export function pinnedRelations(pin: Pin, catalogue: Catalogue = OWN_CATALOGUE): Relations {
  const relations: Relations = {
    nowSeconds: `toUInt64(${pin.blockSeconds})`,
    relation(name) {
      const view = catalogue.views.find((candidate) => candidate.name === name)
      if (view !== undefined) return `(${view.sql(relations)})`
      const table = tableNamed(name, catalogue)
      if (table.stream === 'none') return table.name
      if (table.stream === 'chain') return `(${pinnedChain(table, pin)})`
      const { commitSeq, killed } = pin[table.stream]
      return `(select ${columnList(table)} from ${hotTable(table)} where ${visible(commitSeq, killed)})`
    },
  }
  return relations
}

/** Relations that read the newest commit, for the views that people and tools query directly. */
export const LATEST_RELATIONS: Relations = {
  nowSeconds: 'assumeNotNull((select max(at_seconds) from block))',
  relation(name) {
    if (!VIEWS.some((view) => view.name === name)) tableNamed(name, OWN_CATALOGUE)
    return name
  },
}

/** The body of the view, named as the table, that shows a table's rows as of its newest commit. */
export function latestRows(table: Table): string {
  const columns = columnList(table)
  const seen = latestVisible(table.stream)
  if (table.stream !== 'chain') return `select ${columns} from ${hotTable(table)} where ${seen}`
  const boundary = '(select if(count() = 0, -1, toInt64(max(boundary_block))) from settlement)'
  return [
    `select ${columns} from ${settledTable(table)} where toInt64(block) <= ${boundary}`,
    'union all',
    `select ${columns} from ${hotRelation(table)} where toInt64(block) > ${boundary} and ${seen}`,
  ].join('\n')
}

function pinnedChain(table: Table, pin: Pin): string {
  const columns = columnList(table)
  const { commitSeq, killed } = pin.chain
  const final = Math.min(pin.settledBlock, pin.block)
  const settled = `select ${columns} from ${settledTable(table)} where block <= ${final}`
  // As of a final block the text names no commit, so that its answers can be kept.
  if (pin.block <= pin.settledBlock) return settled
  const above = pin.settledBlock < 0 ? '' : `block > ${pin.settledBlock} and `
  const hot = [
    `select ${columns} from ${hotRelation(table)}`,
    `where ${above}block <= ${pin.block} and ${visible(commitSeq, killed)}`,
  ].join('\n')
  return pin.settledBlock < 0 ? hot : `${settled}\nunion all\n${hot}`
}

function visible(commitSeq: number, killed: readonly number[]): string {
  const alive = `commit_seq <= ${commitSeq}`
  return killed.length === 0 ? alive : `${alive} and commit_seq not in (${killed.join(', ')})`
}

function latestVisible(stream: string): string {
  return [
    `commit_seq <= (select max(commit_seq) from commits where stream = '${stream}')`,
    `commit_seq not in (select arrayJoin(kills) from commits where stream = '${stream}')`,
  ].join(' and ')
}

function columnList(table: Table): string {
  return columnNames(table).join(', ')
}

function tableNamed(name: string, { tables }: Catalogue): Table {
  const table = tables.get(name)
  if (table === undefined) throw new RelationUnknownError(name)
  return table
}

/** A query names a table or view that the schema does not have. */
export class RelationUnknownError extends FatalError {
  constructor(name: string) {
    super(
      'RELATION_UNKNOWN',
      `expected a table or view of the schema, found ${JSON.stringify(name)}`,
    )
  }
}
