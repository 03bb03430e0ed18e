import type { View } from '../view/view.ts'
import { BLOCK_TABLE, LOG_TABLE } from './chain-tables.ts'
import type { Column, Table } from './column.ts'
import { COMMIT_TABLES } from './commit-tables.ts'
import type { Catalogue } from './relation.ts'
import {
  type EventSource,
  type SourceTable,
  shownTable,
  sourceEvents,
  sourceTables,
} from './source-tables.ts'

/** What a chain's own database says about itself, so that readers need no configuration. */
export type ChainCatalogue = Catalogue & {
  readonly events: readonly CatalogueEvent[]
}

/** One event of a source, with the SQL view that shows it. */
export type CatalogueEvent = {
  readonly source: string
  /** Its name in the ABI; the second of a name ends in `_2`. */
  readonly event: string
  readonly view: string
  /** The parameters, as columns of the view. */
  readonly parameters: readonly Column[]
}

/** A row of the table `status` that holds a part of the catalogue. */
export type CatalogueRow = { readonly key: string; readonly value: unknown }

/** The key of the row that lists events and views. */
export const CATALOGUE_KEY = 'catalogue'
/** The beginning of the keys of rows that describe tables of source events, older ones included. */
export const CATALOGUE_TABLE_PREFIX = 'source_table:'

type StoredEvent = Omit<CatalogueEvent, 'parameters'>
type StoredView = Omit<View, 'sql'> & { readonly template: string }
type StoredCatalogue = {
  readonly events: readonly StoredEvent[]
  readonly views: readonly StoredView[]
}

const NOW = '{{now}}'

/** The rows that describe a chain's sources and views; a table's row never changes. */
export function catalogueRows(
  sources: readonly EventSource[],
  views: readonly View[],
): readonly CatalogueRow[] {
  const tables = sources.map((source) => ({ source, tables: sourceTables(source) }))
  const events = tables.flatMap((each) =>
    each.tables.map(({ view }, index) => ({
      source: each.source.name,
      event: eventName(each.source, index),
      view,
    })),
  )
  const stored: StoredCatalogue = {
    events,
    views: views.map(({ sql, ...view }) => ({ ...view, template: sql(TEMPLATE_RELATIONS) })),
  }
  return [
    ...tables
      .flatMap((each) => each.tables)
      .map((table) => ({ key: `${CATALOGUE_TABLE_PREFIX}${table.name}`, value: table })),
    { key: CATALOGUE_KEY, value: stored },
  ]
}

/**
 * Puts the catalogue together: from the rows of the table `status` and the text of each SQL view, which
 * says whether a table that is computed anew is shown already.
 */
export function parseCatalogue(
  rows: readonly { readonly key: string; readonly value: string }[],
  viewTexts: ReadonlyMap<string, string>,
): ChainCatalogue {
  const own = rows.find(({ key }) => key === CATALOGUE_KEY)?.value
  // Only this product writes these rows, as JSON of these types.
  const stored = JSON.parse(own ?? '{"events":[],"views":[]}') as StoredCatalogue
  const known = new Map(
    rows
      .filter(({ key }) => key.startsWith(CATALOGUE_TABLE_PREFIX))
      .map(({ key, value }) => [
        key.slice(CATALOGUE_TABLE_PREFIX.length),
        JSON.parse(value) as SourceTable,
      ]),
  )
  const tables = new Map<string, Table>(
    [...COMMIT_TABLES, BLOCK_TABLE, LOG_TABLE].map((table) => [table.name, table]),
  )
  const events = stored.events.flatMap((event) => {
    const shown = shownTable(event.view, viewTexts.get(event.view) ?? '')
    const table = shown === undefined ? undefined : known.get(shown)
    if (table === undefined) return []
    tables.set(event.view, table)
    return [{ ...event, parameters: table.columns.slice(EVIDENCE_COUNT) }]
  })
  return { tables, events, views: stored.views.map(viewOf) }
}

/** Block, log index, transaction, time and address come before the parameters. */
const EVIDENCE_COUNT = 5

const TEMPLATE_RELATIONS = { nowSeconds: NOW, relation: (name: string) => `{{${name}}}` }

function viewOf({ template, ...view }: StoredView): View {
  return {
    ...view,
    sql: (from) =>
      template.replaceAll(/\{\{(\w+)\}\}/gu, (all, name: string) =>
        all === NOW ? from.nowSeconds : from.relation(name),
      ),
  }
}

function eventName(source: EventSource, index: number): string {
  const events = sourceEvents(source)
  const name = events[index]?.name ?? ''
  const before = events.slice(0, index).filter((event) => event.name === name).length
  return before === 0 ? name : `${name}_${before + 1}`
}
