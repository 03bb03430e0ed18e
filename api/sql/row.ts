import type { ColumnType, Pin, Relations } from '@foggara/schema'

/** One value of a row as it comes out of ClickHouse: bytes are `0x…` text, wide integers are text. */
export type Cell = string | number | boolean | null | readonly string[]

/** One row, by camelCase column name. */
export type Row = Readonly<Record<string, Cell>>

/** A column of a source. */
export type SourceColumn = { readonly name: string; readonly type: ColumnType }

/** A relation that rows can be read from: a domain view or a table of the schema. */
export type Source = {
  readonly name: string
  readonly columns: readonly SourceColumn[]
  /** A total order of its rows. */
  readonly key: readonly string[]
  /** Where its rows are, when it is no relation of the product's own database. */
  readonly relation?: (pin: Pin) => string
  /** SQL condition on `source` for the rows that exist at a pin, when the relation ignores blocks. */
  readonly scope?: (pin: Pin, relation: (name: string) => string) => string
  /** Its rows are made of many others, so that a page takes what a sum over them does. */
  readonly limits?: 'summary' | 'export'
  /** SQL of its rows for some values of the first column of its key, where that reads much less. */
  readonly narrowed?: (from: Relations, values: string) => string
}

/** A condition that every row of an answer meets; the value is bound as a parameter. */
export type Condition = {
  readonly column: string
  readonly operator: 'in' | 'equals' | 'contains' | 'atLeast' | 'atMost' | 'hasAny'
  readonly value: string | number | boolean | readonly string[]
}

/** How a list is sorted: its sort columns, then the source's key, all in one direction. */
export type Order = { readonly columns: readonly string[]; readonly direction: 'ASC' | 'DESC' }
