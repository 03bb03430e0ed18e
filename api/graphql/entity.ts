import type { SchemaTypes } from '@pothos/core'

import type { Reader } from '../sql/reader.ts'
import type { Row, Source } from '../sql/row.ts'
import type { builder } from './builder.ts'
import type { WordList } from './words.ts'

/** An object of the API: a row (or the key of one) and the reader that it came from. */
export type Entity = {
  readonly row: Row
  readonly from: Reader
  /** The type's name, where the field alone does not say it. */
  readonly type?: string
}

/** The type parameters of this API's schema builder. */
export type ApiTypes = typeof builder extends { $inferSchemaTypes: infer Types extends SchemaTypes }
  ? Types
  : never

/** The builder of an entity's fields. */
export type EntityFieldBuilder = PothosSchemaTypes.ObjectFieldBuilder<ApiTypes, Entity>

/** A field that leads to one row of another type. */
export type Link = {
  readonly to: string
  /** The column of this type that names the row. */
  readonly by: string
  /** The column of the other type; its key when absent. */
  readonly on?: string
  readonly description: string
}

/** A field that leads to the rows of another type that name this one. */
export type NestedList = {
  readonly of: string
  /** The column of the other type that names this row; items of an array column count. */
  readonly on: string
  /** The column of this type that is named. */
  readonly by: string
  readonly description: string
}

/** A field of a type's filter input. */
export type Filter = {
  readonly column: string
  readonly operator: 'in' | 'equals' | 'contains' | 'atLeast' | 'atMost' | 'hasAny'
}

/** How a row of a relation appears in the API. */
export type EntityDefinition = {
  readonly name: string
  readonly description: string
  readonly source: Source
  /** Columns that have no field of their own. */
  readonly omit?: readonly string[]
  /** Field names that differ from the column's. */
  readonly rename?: Readonly<Record<string, string>>
  readonly enums?: Readonly<Record<string, WordList>>
  /** Columns whose zero or empty value means that there is none. */
  readonly optional?: readonly string[]
  readonly links?: Readonly<Record<string, Link>>
  readonly lists?: Readonly<Record<string, NestedList>>
  /** Orderings by name, each with its sort columns; the first is the default. */
  readonly orders: Readonly<Record<string, readonly string[]>>
  readonly defaultDirection: 'ASC' | 'DESC'
  readonly filters: Readonly<Record<string, Filter>>
  /** The root field that lists the type. */
  readonly plural?: string
  /** The root field that looks one row up. */
  readonly single?: {
    readonly field: string
    readonly argument: string
    readonly column: string
  }
}
