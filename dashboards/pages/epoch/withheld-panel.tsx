import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { label } from '../../format/words.ts'
import { type EpochWithheldData, epochWithheldOperation } from '../../graphql/epoch.ts'
import { Amount } from '../../parts/amount.tsx'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink, AssetLink } from '../../parts/references.tsx'

type Part = NonNullable<EpochWithheldData['epoch']>['parts']['nodes'][number]

/** What was computed and not paid, from whom, and why. */
export function WithheldPanel({ number }: { readonly number: number }): ReactElement {
  const answer = useOperation(epochWithheldOperation, { number })
  return (
    <Panel
      title="Withheld"
      unit={unitOf(answer.data)}
      answer={answer}
      lines={4}
      isFlush
      sheet={({ epoch }) => sheetOf(`epoch-${number}-withheld`, COLUMNS, epoch?.parts.nodes ?? [])}
    >
      {({ epoch }) => (
        <DataTable
          label="Withheld"
          columns={COLUMNS}
          rows={epoch?.parts.nodes ?? []}
          keyOf={({ account, pool, sourceId, withheldReason }) =>
            `${account.address} ${pool} ${sourceId} ${withheldReason}`
          }
          empty="Nothing is withheld: no disputed asset, slashed provider or excluded account earned."
        />
      )}
    </Panel>
  )
}

function unitOf(data: EpochWithheldData | undefined): string {
  const parts = data?.epoch?.parts
  return parts === undefined || parts.totalCount === parts.nodes.length
    ? 'FOG'
    : `FOG, the largest ${parts.nodes.length} of ${parts.totalCount}`
}

const COLUMNS: readonly Column<Part>[] = [
  {
    key: 'account',
    header: 'Account',
    cell: ({ account }) => <AccountLink address={account.address} />,
    text: ({ account }) => account.address,
  },
  {
    key: 'pool',
    header: 'Pool',
    cell: ({ pool }) => label(pool ?? 'unknown'),
    text: ({ pool }) => pool ?? '',
  },
  {
    key: 'source',
    header: 'Source',
    layout: 'grow',
    cell: ({ asset, sourceId }) =>
      asset === null ? <AccountLink address={sourceId} /> : <AssetLink asset={asset} />,
    text: ({ sourceId }) => sourceId,
  },
  {
    key: 'withheld_reason',
    header: 'Why',
    cell: ({ withheldReason }) => <Chip tone="warn">{withheldReason}</Chip>,
    text: ({ withheldReason }) => withheldReason ?? '',
  },
  {
    key: 'amount_units',
    header: 'Amount',
    layout: 'end',
    cell: ({ amount }) => <Amount units={amount} />,
    text: ({ amount }) => amount,
  },
]
