import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import { type TopAssetsData, topAssetsOperation } from '../../graphql/activity.ts'
import { Amount } from '../../parts/amount.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AssetLink } from '../../parts/references.tsx'

const ASSET_COUNT = 8

type Revenue = TopAssetsData['assetRevenues']['nodes'][number]

/** The assets that most was paid for. */
export function TopAssetsPanel(): ReactElement {
  const answer = useOperation(topAssetsOperation, { first: ASSET_COUNT })
  return (
    <Panel
      title="Most paid for"
      unit="FOG, since the first block"
      answer={answer}
      lines={ASSET_COUNT + 1}
      isFlush
      sheet={({ assetRevenues }) => sheetOf('most-paid-for', COLUMNS, assetRevenues.nodes)}
    >
      {({ assetRevenues }) => (
        <DataTable
          label="Most paid for"
          columns={COLUMNS}
          rows={assetRevenues.nodes}
          keyOf={({ assetId }) => assetId}
          empty="Nobody has paid for an asset yet."
        />
      )}
    </Panel>
  )
}

const COLUMNS: readonly Column<Revenue>[] = [
  {
    key: 'asset',
    header: 'Asset',
    layout: 'fill',
    cell: ({ asset, assetId }) => <AssetLink asset={asset ?? { assetId, name: '', kind: null }} />,
    text: ({ assetId }) => assetId,
  },
  {
    key: 'payments',
    header: 'Payments',
    layout: 'end',
    cell: ({ paymentCount }) => formatCount(paymentCount),
    text: ({ paymentCount }) => String(paymentCount),
  },
  {
    key: 'paid_in_units',
    header: 'Paid in',
    layout: 'end',
    cell: ({ paidIn }) => <Amount units={paidIn} />,
    text: ({ paidIn }) => paidIn,
  },
]
