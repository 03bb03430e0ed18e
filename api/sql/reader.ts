import { type Pin, camelCase } from '@foggara/schema'
import DataLoader from 'dataloader'

import type { Cell, Row, Source } from './row.ts'
import {
  type PageSelection,
  type Statement,
  countStatement,
  lookupStatement,
  pageStatement,
} from './statement.ts'

/** Runs one statement and gives its rows; raises only coded errors. */
export type RunStatement = (statement: Statement) => Promise<readonly Row[]>

/** Which rows a list holds, without its parent. */
export type ListSelection = Omit<PageSelection, 'parents'>

/** The parent of a nested list. */
export type Parent = { readonly column: string; readonly value: string }

/**
 * Reads at one pin. Calls of the same shape that come in the same turn become one statement, so a
 * query runs one statement per level, however many rows a level has.
 */
export type Reader = {
  readonly pin: Pin
  /** The first row whose `keyColumn` is `key`, with at least `columns`; null when there is none. */
  lookup(
    source: Source,
    columns: readonly string[],
    keyColumn: string,
    key: string,
  ): Promise<Row | null>
  /** The rows of one page; of one parent when it is given. */
  page(selection: ListSelection, parent: Parent | undefined): Promise<readonly Row[]>
  /** How many rows a list has in all. */
  count(
    selection: Pick<ListSelection, 'source' | 'conditions'>,
    parent: Parent | undefined,
  ): Promise<number>
  /** Runs a statement of the caller's own. */
  rows: RunStatement
}

const KEYS_MAX = 1000

/** A reader at `pin`; make one per request, since it remembers what it read. */
export function createReader(pin: Pin, run: RunStatement): Reader {
  const loaders = new Map<string, DataLoader<string, readonly Row[]>>()
  const load = (
    shape: string,
    key: string,
    keyName: string,
    statement: (keys: readonly string[]) => Statement,
  ): Promise<readonly Row[]> => {
    const loader =
      loaders.get(shape) ??
      new DataLoader(async (keys) => grouped(keys, keyName, await run(statement(keys))), {
        maxBatchSize: KEYS_MAX,
      })
    loaders.set(shape, loader)
    return loader.load(key)
  }
  return {
    pin,
    rows: run,
    async lookup(source, columns, keyColumn, key) {
      const wanted = [...new Set(columns)].toSorted()
      const shape = JSON.stringify(['lookup', source.name, keyColumn, wanted])
      const rows = await load(shape, key, camelCase(keyColumn), (keys) =>
        lookupStatement(pin, source, wanted, keyColumn, keys),
      )
      return rows[0] ?? null
    },
    page(selection, parent) {
      if (parent === undefined) return run(pageStatement(pin, { ...selection, parents: undefined }))
      const shape = JSON.stringify([
        'page',
        parent.column,
        { ...selection, source: selection.source.name },
      ])
      return load(shape, parent.value, 'parentKey', (values) =>
        pageStatement(pin, { ...selection, parents: { column: parent.column, values } }),
      )
    },
    async count(selection, parent) {
      if (parent === undefined) {
        const rows = await run(countStatement(pin, { ...selection, parents: undefined }))
        return countOf(rows)
      }
      const shape = JSON.stringify([
        'count',
        parent.column,
        selection.source.name,
        selection.conditions,
      ])
      const rows = await load(shape, parent.value, 'parentKey', (values) =>
        countStatement(pin, { ...selection, parents: { column: parent.column, values } }),
      )
      return countOf(rows)
    },
  }
}

function grouped(
  keys: readonly string[],
  keyName: string,
  rows: readonly Row[],
): readonly (readonly Row[])[] {
  const byKey = Map.groupBy(rows, (row) => textOf(row[keyName]))
  return keys.map((key) => byKey.get(key) ?? [])
}

function countOf(rows: readonly Row[]): number {
  return Number(rows[0]?.['rowCount'] ?? 0)
}

function textOf(cell: Cell | undefined): string {
  return String(cell)
}
