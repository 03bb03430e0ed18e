import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { assetReceiptsOperation } from '../../graphql/asset.ts'
import { DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Pager } from '../../parts/pager.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RECEIPT_COLUMNS } from '../receipt-columns.tsx'

const route = getRouteApi('/assets/$id')
const PAGE_SIZE = 10

/** The signed records of the asset's use. */
export function ReceiptsPanel({ id }: { readonly id: string }): ReactElement {
  const { after, offset = 0 } = route.useSearch()
  const navigate = route.useNavigate()
  const answer = useOperation(assetReceiptsOperation, { id, first: PAGE_SIZE, after })
  return (
    <Panel
      title="Receipts"
      unit="signed records of use"
      answer={answer}
      lines={PAGE_SIZE}
      isFlush
      sheet={({ asset }) => sheetOf('receipts', RECEIPT_COLUMNS, asset?.receipts.nodes ?? [])}
    >
      {({ asset }) =>
        asset === null ? null : (
          <>
            <DataTable
              label="Receipts"
              columns={RECEIPT_COLUMNS}
              rows={asset.receipts.nodes}
              keyOf={({ digest }) => digest}
              empty="No signed record says that this asset was used."
            />
            {asset.receipts.totalCount > PAGE_SIZE ? (
              <Pager
                place={{ after, offset }}
                shown={asset.receipts.nodes.length}
                total={asset.receipts.totalCount}
                noun="receipts"
                next={
                  asset.receipts.pageInfo.hasNextPage ? asset.receipts.pageInfo.endCursor : null
                }
                go={(place) =>
                  void navigate({ search: (old) => ({ ...old, ...place }), resetScroll: false })
                }
              />
            ) : null}
          </>
        )
      }
    </Panel>
  )
}
