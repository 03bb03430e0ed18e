import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { formatCounted } from '../../format/digits.ts'
import { label } from '../../format/words.ts'
import { type SourceReceiptsData, sourceReceiptsOperation } from '../../graphql/explanation.ts'
import { Amount } from '../../parts/amount.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Problem } from '../../parts/problem.tsx'
import { AccountLink, EvidenceMark, ReceiptLink } from '../../parts/references.tsx'

type Row = SourceReceiptsData['receipts']['nodes'][number]

/** The receipts anchored in the epoch's blocks that name a source: where its score begins. */
export function SourceReceipts(props: {
  readonly sourceId: string
  readonly isProvider: boolean
  readonly firstBlock: number
  readonly lastBlock: number
}): ReactElement {
  const { sourceId, isProvider, firstBlock, lastBlock } = props
  const answer = useOperation(sourceReceiptsOperation, {
    filter: {
      ...(isProvider ? { providers: [sourceId] } : { assets: [sourceId] }),
      fromBlock: firstBlock,
      toBlock: lastBlock,
      statuses: ['ANCHORED'],
    },
  })
  if (answer.data === undefined) {
    return answer.error === null ? (
      <p className="small muted">Looking for its receipts…</p>
    ) : (
      <Problem error={answer.error} retry={answer.retry} />
    )
  }
  const { nodes, totalCount } = answer.data.receipts
  return (
    <div className="source-receipts">
      <p className="small muted">
        {totalCount === 0
          ? 'No receipt of this epoch names it: its score came along provenance, from assets made from it.'
          : `${formatCounted(totalCount, 'receipt')} of this epoch ${totalCount === 1 ? 'names' : 'name'} it${totalCount > nodes.length ? `, the ${nodes.length} largest fees first` : ''}.`}
      </p>
      {totalCount === 0 ? null : (
        <DataTable
          label="Receipts of the source"
          columns={COLUMNS}
          rows={nodes}
          keyOf={({ digest }) => digest}
          empty=""
        />
      )}
    </div>
  )
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'digest',
    header: 'Receipt',
    cell: ({ digest }) => <ReceiptLink digest={digest} />,
    text: ({ digest }) => digest,
  },
  {
    key: 'workload',
    header: 'Work',
    cell: ({ workload }) => label(workload ?? 'unknown'),
    text: ({ workload }) => workload ?? '',
  },
  {
    key: 'consumer',
    header: 'Consumer',
    cell: ({ consumer }) => <AccountLink address={consumer.address} />,
    text: ({ consumer }) => consumer.address,
  },
  {
    key: 'fee_units',
    header: 'Fee, FOG',
    layout: 'end',
    cell: ({ fee }) => <Amount units={fee} />,
    text: ({ fee }) => fee,
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence?.block ?? ''),
  },
]
