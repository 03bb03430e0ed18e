import type { ReactElement } from 'react'

import { useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount } from '../format/digits.ts'
import { type EpochsData, epochsOperation } from '../graphql/epochs.ts'
import { Amount } from '../parts/amount.tsx'
import { StatusChip } from '../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../parts/data-table.tsx'
import { Panel } from '../parts/panel.tsx'
import { EpochLink, Hash } from '../parts/references.tsx'

type EpochRow = EpochsData['epochs']['nodes'][number]

/** Every closed epoch with its totals and what became of its root. */
export function EpochsPage(): ReactElement {
  useTitle('Epochs')
  const answer = useOperation(epochsOperation, {})
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Reward epochs</h1>
          <p>
            An epoch divides its budget among those whose assets and work were used in it. Its root
            is proposed on chain, may be challenged, and is then paid from.
          </p>
        </div>
      </div>
      <Panel
        title="Closed epochs"
        unit="amounts in FOG"
        answer={answer}
        lines={6}
        isFlush
        sheet={({ epochs }) => sheetOf('epochs', COLUMNS, epochs.nodes)}
      >
        {({ epochs }) => (
          <DataTable
            label="Closed epochs"
            columns={COLUMNS}
            rows={epochs.nodes}
            keyOf={({ number }) => String(number)}
            empty="No epoch has closed yet. One closes when all its blocks are final."
          />
        )}
      </Panel>
    </>
  )
}

const COLUMNS: readonly Column<EpochRow>[] = [
  {
    key: 'epoch',
    header: 'Epoch',
    cell: ({ number }) => <EpochLink number={number} />,
    text: ({ number }) => String(number),
  },
  {
    key: 'status',
    header: 'Root on chain',
    cell: ({ status }) => <StatusChip status={status} />,
    text: ({ status }) => status ?? '',
  },
  {
    key: 'blocks',
    header: 'Blocks',
    layout: 'end',
    cell: ({ firstBlock, cutoffBlock }) => `${formatCount(firstBlock)}–${formatCount(cutoffBlock)}`,
    text: ({ firstBlock, cutoffBlock }) => `${firstBlock}-${cutoffBlock}`,
  },
  {
    key: 'budget_units',
    header: 'Budget',
    layout: 'end',
    cell: ({ budget }) => <Amount units={budget} />,
    text: ({ budget }) => budget,
  },
  {
    key: 'paid_units',
    header: 'Paid',
    layout: 'end',
    cell: ({ paid }) => <Amount units={paid} />,
    text: ({ paid }) => paid,
  },
  {
    key: 'carry_change_units',
    header: 'Carried over',
    layout: 'end',
    cell: ({ carryChange }) => <Amount units={carryChange} />,
    text: ({ carryChange }) => carryChange,
  },
  {
    key: 'withheld_units',
    header: 'Withheld',
    layout: 'end',
    cell: ({ withheld }) => <Amount units={withheld} />,
    text: ({ withheld }) => withheld,
  },
  {
    key: 'unallocated_units',
    header: 'Unallocated',
    layout: 'end',
    cell: ({ unallocated }) => <Amount units={unallocated} />,
    text: ({ unallocated }) => unallocated,
  },
  {
    key: 'difference_units',
    header: 'Difference',
    layout: 'end',
    cell: ({ identity }) => <Amount units={identity.difference} />,
    text: ({ identity }) => identity.difference,
  },
  {
    key: 'root',
    header: 'Root',
    cell: ({ root }) => <Hash hex={root} what="root" />,
    text: ({ root }) => root,
  },
]
