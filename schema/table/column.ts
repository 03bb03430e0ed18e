/** The ClickHouse types that tables use; each has one encoder and one way to be read as text. */
export type ColumnType =
  | 'Bool'
  | 'UInt8'
  | 'UInt32'
  | 'UInt64'
  | 'UInt128'
  | 'UInt256'
  | 'Int256'
  | 'String'
  /** Bytes that are no text: read as `0x…`. */
  | 'Bytes'
  | 'LowCardinality(String)'
  | 'FixedString(20)'
  | 'FixedString(32)'
  | 'Nullable(UInt64)'
  | 'Array(UInt64)'
  | 'Array(UInt256)'
  | 'Array(String)'
  | 'Array(FixedString(20))'
  | 'Array(FixedString(32))'
  | 'Map(String, UInt64)'

export type Column = { readonly name: string; readonly type: ColumnType }

/**
 * Which commit stream makes a table's rows visible: `chain` rows may be retracted by a reorg and are
 * stored hot and settled; `receipt` and `epoch` rows are only ever added; `none` is bookkeeping.
 */
export type Stream = 'chain' | 'receipt' | 'epoch' | 'none'

/** One logical table, from which DDL, encoders and relations are made. */
export type Table = {
  readonly name: string
  readonly stream: Stream
  readonly columns: readonly Column[]
  readonly orderBy: readonly string[]
  /** Present when rows are computed from the raw archive: nothing is written but what settling computes. */
  readonly derived?: Derivation
}

/** How the rows of a chain table are computed, in SQL. Hot rows carry `commit_seq`. */
export type Derivation = {
  readonly hotRows: string
  /** Block and `commit_seq` of every hot log that may be a row: cheaper to count. */
  readonly candidates: string
  /** What the final part of the archive gives. */
  readonly finalRows: string
}

/**
 * The physical table that a stream's attempts write to. Its rows carry `commit_seq`; the view of the
 * table's own name shows those that are visible.
 */
export function hotTable(table: Table): string {
  switch (table.stream) {
    case 'none':
      return table.name
    case 'chain':
      return `${table.name}_hot`
    case 'receipt':
    case 'epoch':
      return `${table.name}_rows`
  }
}

/** Where queries find the hot rows of a chain table: its physical table, or SQL in parentheses. */
export function hotRelation(table: Table): string {
  return table.derived === undefined ? hotTable(table) : `(${table.derived.hotRows})`
}

/** The columns of a table as SQL lists them: those of somebody else's events may be keywords. */
export function columnNames({ columns, derived }: Table): readonly string[] {
  return columns.map(({ name }) => (derived === undefined ? name : `\`${name}\``))
}

/** The physical table that holds the final rows of a chain table. */
export function settledTable(table: Table): string {
  return `${table.name}_settled`
}

/** The columns of every chain table that is written from one log. */
export const EVIDENCE_COLUMNS: readonly Column[] = [
  { name: 'block', type: 'UInt64' },
  { name: 'log_index', type: 'UInt32' },
  { name: 'transaction_hash', type: 'FixedString(32)' },
  { name: 'at_seconds', type: 'UInt64' },
]

/** ClickHouse's name of a column type. */
export function clickhouseType(type: ColumnType): string {
  return type === 'Bytes' ? 'String' : type
}

/** `assetId` → `asset_id`, `AssetRegistered` → `asset_registered`, `shareE8` → `share_e8`. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
}

/** `asset_id` → `assetId`, `share_e8` → `shareE8`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
