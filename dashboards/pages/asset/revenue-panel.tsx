import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { FlowBars } from '../../charts/flow-bars.tsx'
import { formatCounted } from '../../format/digits.ts'
import type { AssetData } from '../../graphql/asset.ts'
import { Amount } from '../../parts/amount.tsx'
import { Panel } from '../../parts/panel.tsx'

/** What the asset's vault took in and what left it. */
export function RevenuePanel({ answer }: { readonly answer: Answer<AssetData> }): ReactElement {
  return (
    <Panel
      title="Revenue"
      unit="FOG, since registration"
      answer={answer}
      span={6}
      lines={6}
      hasTable
      sheet={({ asset }) => ({
        name: 'revenue',
        columns: ['flow', 'amount_units'],
        rows: flowsOf(asset).map(({ label, units }) => [label, units]),
      })}
    >
      {({ asset }) =>
        asset?.revenue === null || asset === null ? (
          <p className="empty">Nobody has paid for this asset yet.</p>
        ) : (
          <>
            <FlowBars
              label="Revenue in and out"
              bars={flowsOf(asset).map(({ label, units, isOut }) => ({
                label,
                value: BigInt(units),
                shown: <Amount units={units} />,
                isOut,
              }))}
            />
            <p className="small muted">
              {formatCounted(asset.revenue.paymentCount, 'payment')}, fees included; the price of a
              sale goes to the seller, not to the vault.
            </p>
          </>
        )
      }
    </Panel>
  )
}

function flowsOf(asset: AssetData['asset']): readonly {
  readonly label: string
  readonly units: string
  readonly isOut: boolean
}[] {
  const revenue = asset?.revenue
  if (revenue === null || revenue === undefined) return []
  return [
    { label: 'Paid for it', units: revenue.paidIn, isOut: false },
    { label: 'Royalties from its children', units: revenue.royaltiesIn, isOut: false },
    { label: 'Protocol fees', units: revenue.fees, isOut: true },
    { label: 'Royalties to its parents', units: revenue.royaltiesOut, isOut: true },
    { label: 'Claimed by holders', units: revenue.claimed, isOut: true },
  ]
}
