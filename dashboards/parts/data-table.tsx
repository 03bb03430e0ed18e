import type { ReactElement, ReactNode } from 'react'

import { Icon } from './icon.tsx'
import type { Sheet } from './sheet.ts'

/** A column: what a reader sees and what stands in the CSV file. */
export type Column<Row> = {
  /** The column's name in the CSV file; unique. */
  readonly key: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** Exact and unshortened. */
  readonly text: (row: Row) => string
  /** `end`: numbers, aligned right. `grow`: much of the room. `fill`: all of it that is left. */
  readonly layout?: 'end' | 'grow' | 'fill'
  /** The order that the column's head asks for. */
  readonly sort?: string
}

/** How a table is sorted, and how to sort it otherwise. */
export type Sorting = {
  readonly by: string
  readonly isDescending: boolean
  readonly choose: (by: string, isDescending: boolean) => void
}

type DataTableProps<Row> = {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly sorting?: Sorting
  /** Marks the row that the page is about. */
  readonly currentKey?: string | undefined
  /** Said instead of rows when there is none. */
  readonly empty: string
  /** Rows below the line. */
  readonly foot?: ReactNode
  /** How many rows to keep room for. */
  readonly rowCount?: number
}

/** A table that scrolls sideways when it must; its first column heads each row. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { label, columns, rows, keyOf, sorting, currentKey, empty } = props
  if (rows.length === 0) return <p className="empty">{empty}</p>
  return (
    <div
      className="table-scroll"
      role="region"
      aria-label={label}
      tabIndex={0}
      style={{ minHeight: `${2.125 + 2.375 * (props.rowCount ?? 0)}rem` }}
    >
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sorting={sorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row)
            return (
              <tr key={key} aria-current={key === currentKey ? 'true' : undefined}>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th key={column.key} scope="row" className={column.layout}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.key} className={column.layout}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            )
          })}
        </tbody>
        {props.foot === undefined ? null : <tfoot>{props.foot}</tfoot>}
      </table>
    </div>
  )
}

/** A table's rows as text, for its CSV file. */
export function sheetOf<Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Sheet {
  return {
    name,
    columns: columns.map(({ key }) => key),
    rows: rows.map((row) => columns.map(({ text }) => text(row))),
  }
}

function HeadCell<Row>(props: {
  readonly column: Column<Row>
  readonly sorting: Sorting | undefined
}): ReactElement {
  const { column, sorting } = props
  const { sort } = column
  if (sort === undefined || sorting === undefined) {
    return (
      <th scope="col" className={column.layout}>
        {column.header}
      </th>
    )
  }
  const isChosen = sorting.by === sort
  const order = sorting.isDescending ? 'descending' : 'ascending'
  const startsDescending = column.layout === 'end'
  return (
    <th scope="col" className={column.layout} aria-sort={isChosen ? order : undefined}>
      <button
        type="button"
        className="sort"
        onClick={() => sorting.choose(sort, isChosen ? !sorting.isDescending : startsDescending)}
      >
        {column.header}
        <Icon name="sort" />
      </button>
    </th>
  )
}
