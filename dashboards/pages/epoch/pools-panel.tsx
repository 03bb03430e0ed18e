import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { CombBar } from '../../charts/comb-bar.tsx'
import { inPoolOrder } from '../../format/pools.ts'
import { formatBps, formatShare } from '../../format/share.ts'
import { label } from '../../format/words.ts'
import type { EpochData } from '../../graphql/epoch.ts'
import { Amount } from '../../parts/amount.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'

type Pool = NonNullable<EpochData['epoch']>['pools']['nodes'][number]

/** How the budget is divided into pools, and what became of each. */
export function PoolsPanel({ answer }: { readonly answer: Answer<EpochData> }): ReactElement {
  return (
    <Panel
      title="Pools"
      unit="FOG"
      answer={answer}
      lines={6}
      isFlush
      sheet={(data) => sheetOf(`epoch-${data.epoch?.number}-pools`, COLUMNS, rows(data))}
    >
      {(data) => (
        <>
          <div className="inset">
            <CombBar
              label="Pools by size"
              hasLegend={false}
              parts={rows(data).map(({ pool, amount }, index) => ({
                key: pool ?? String(index),
                label: label(pool ?? 'unknown'),
                value: BigInt(amount),
                shown: '',
                share: '',
                tone: index + 1,
              }))}
            />
          </div>
          <DataTable
            label="Pools"
            columns={COLUMNS}
            rows={rows(data)}
            keyOf={({ pool }) => pool ?? ''}
            empty="The ruleset has no pools."
          />
        </>
      )}
    </Panel>
  )
}

function rows({ epoch }: EpochData): readonly Pool[] {
  return inPoolOrder(epoch?.pools.nodes ?? [])
}

const COLUMNS: readonly Column<Pool>[] = [
  {
    key: 'pool',
    header: 'Pool',
    cell: ({ pool }) => label(pool ?? 'unknown'),
    text: ({ pool }) => pool ?? '',
  },
  {
    key: 'bps',
    header: 'Of the budget',
    layout: 'end',
    cell: ({ bps }) => formatBps(bps),
    text: ({ bps }) => String(bps),
  },
  {
    key: 'amount_units',
    header: 'Amount',
    layout: 'end',
    cell: ({ amount }) => <Amount units={amount} />,
    text: ({ amount }) => amount,
  },
  {
    key: 'earned_units',
    header: 'Earned',
    layout: 'end',
    cell: ({ earned }) => <Amount units={earned} />,
    text: ({ earned }) => earned,
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
    key: 'earned_share',
    header: 'Earned of the pool',
    layout: 'end',
    cell: ({ earned, amount }) => formatShare(BigInt(earned), BigInt(amount)),
    text: ({ earned, amount }) => formatShare(BigInt(earned), BigInt(amount), 6),
  },
]
