import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import type { AccountData } from '../../graphql/account.ts'
import { Amount } from '../../parts/amount.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EpochLink, EvidenceMark } from '../../parts/references.tsx'

type Allocation = AccountData['account']['allocations']['nodes'][number]
type Claim = AccountData['account']['claims']['nodes'][number]

/** What the account got, epoch by epoch, each with the way to its explanation. */
export function AllocationsPanel(props: {
  readonly answer: Answer<AccountData>
  readonly address: string
}): ReactElement {
  const columns = allocationColumns(props.address)
  return (
    <Panel
      title="Rewards by epoch"
      unit="FOG"
      answer={props.answer}
      span={8}
      lines={6}
      isFlush
      sheet={({ account }) => sheetOf('rewards', columns, account.allocations.nodes)}
    >
      {({ account }) => (
        <DataTable
          label="Rewards by epoch"
          columns={columns}
          rows={account.allocations.nodes}
          keyOf={({ epochNumber }) => String(epochNumber)}
          empty="It has earned nothing in any closed epoch."
        />
      )}
    </Panel>
  )
}

/** What the account took from the distributor. */
export function ClaimsPanel({ answer }: { readonly answer: Answer<AccountData> }): ReactElement {
  return (
    <Panel
      title="Claims"
      unit="FOG"
      answer={answer}
      span={4}
      lines={6}
      isFlush
      sheet={({ account }) => sheetOf('claims', CLAIMS, account.claims.nodes)}
    >
      {({ account }) => (
        <DataTable
          label="Claims"
          columns={CLAIMS}
          rows={account.claims.nodes}
          keyOf={({ evidence }) => `${evidence.block} ${evidence.logIndex}`}
          empty="It has claimed nothing."
        />
      )}
    </Panel>
  )
}

function allocationColumns(address: string): readonly Column<Allocation>[] {
  return [
    {
      key: 'epoch',
      header: 'Epoch',
      cell: ({ epochNumber }) => <EpochLink number={epochNumber} />,
      text: ({ epochNumber }) => String(epochNumber),
    },
    {
      key: 'earned_units',
      header: 'Earned',
      layout: 'end',
      cell: ({ earned }) => <Amount units={earned} />,
      text: ({ earned }) => earned,
    },
    {
      key: 'carry_after_units',
      header: 'Carried on',
      layout: 'end',
      cell: ({ carryAfter }) => <Amount units={carryAfter} />,
      text: ({ carryAfter }) => carryAfter,
    },
    {
      key: 'paid_units',
      header: 'Paid',
      layout: 'end',
      cell: ({ paid }) => <Amount units={paid} />,
      text: ({ paid }) => paid,
    },
    {
      key: 'cumulative_units',
      header: 'Paid since the first epoch',
      layout: 'end',
      cell: ({ cumulative }) => <Amount units={cumulative} />,
      text: ({ cumulative }) => cumulative,
    },
    {
      key: 'why',
      header: 'Why',
      layout: 'end',
      cell: ({ epochNumber }) => (
        <Link
          to="/epochs/$number"
          params={{ number: String(epochNumber) }}
          search={{ account: address }}
          aria-label={`Explain epoch ${epochNumber}`}
        >
          Explain
        </Link>
      ),
      text: () => '',
    },
  ]
}

const CLAIMS: readonly Column<Claim>[] = [
  {
    key: 'block',
    header: 'Block',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
  {
    key: 'amount_units',
    header: 'Amount',
    layout: 'end',
    cell: ({ amount }) => <Amount units={amount} />,
    text: ({ amount }) => amount,
  },
  {
    key: 'cumulative_units',
    header: 'In all',
    layout: 'end',
    cell: ({ cumulative }) => <Amount units={cumulative} />,
    text: ({ cumulative }) => cumulative,
  },
]
