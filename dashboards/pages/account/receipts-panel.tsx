import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCounted } from '../../format/digits.ts'
import type { AccountData } from '../../graphql/account.ts'
import { DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RECEIPT_COLUMNS } from '../receipt-columns.tsx'

/** What ran for the account. */
export function ReceiptsPanel({ answer }: { readonly answer: Answer<AccountData> }): ReactElement {
  const total = answer.data?.account.receipts.totalCount
  return (
    <Panel
      title="Receipts as a consumer"
      unit={total === undefined ? '' : `${formatCounted(total, 'receipt')}, newest first`}
      answer={answer}
      lines={5}
      isFlush
      sheet={({ account }) => sheetOf('receipts', RECEIPT_COLUMNS, account.receipts.nodes)}
    >
      {({ account }) => (
        <DataTable
          label="Receipts as a consumer"
          columns={RECEIPT_COLUMNS}
          rows={account.receipts.nodes}
          keyOf={({ digest }) => digest}
          empty="Nothing has run for this account."
        />
      )}
    </Panel>
  )
}
