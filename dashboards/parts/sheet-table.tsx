import type { ReactElement } from 'react'

import type { Sheet } from './sheet.ts'

/** A sheet as a plain table: the same rows as its CSV file. */
export function SheetTable(props: { readonly sheet: Sheet; readonly label: string }): ReactElement {
  const { sheet, label } = props
  return (
    <div className="table-scroll" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {sheet.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sheet.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, place) => (
                <td key={place}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
