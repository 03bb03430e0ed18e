import type { ReactElement } from 'react'

import { useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount, formatCounted } from '../format/digits.ts'
import { overviewOperation } from '../graphql/overview.ts'
import { HeadlineAmount } from '../parts/amount.tsx'
import { Figure, Figures } from '../parts/figure.tsx'
import { ActivityPanel } from './overview/activity-panel.tsx'
import { EpochPanel } from './overview/epoch-panel.tsx'
import { IndexPanel } from './overview/index-panel.tsx'
import { KindsPanel } from './overview/kinds-panel.tsx'
import { SeriesPanel } from './overview/series-panel.tsx'
import { TopAssetsPanel } from './overview/top-assets-panel.tsx'

/** Whether the economy and the index are alive: counts, use over time, the newest events, the epoch. */
export function OverviewPage(): ReactElement {
  useTitle('Overview')
  const answer = useOperation(overviewOperation, {})
  const totals = answer.data?.overview
  return (
    <>
      <div className="page-head">
        <div>
          <h1>The economy at a glance</h1>
          <p>
            Who made what from what, who used it, and what that earned. Each number leads to the
            events and signed receipts that it is counted from.
          </p>
        </div>
      </div>
      <div className="grid">
        <Figures isBusy={totals === undefined && answer.error === null}>
          <Figure
            name="Assets"
            value={totals && formatCount(totals.assetCount)}
            note={totals && formatCounted(totals.edgeCount, 'provenance link')}
          />
          <Figure
            name="Accounts"
            value={totals && formatCount(totals.accountCount)}
            note={totals && formatCounted(totals.providerCount, 'compute provider')}
          />
          <Figure
            name="Signed receipts"
            value={totals && formatCount(totals.receiptCount)}
            note={totals && `${formatCount(totals.pendingReceiptCount)} not anchored yet`}
          />
          <Figure
            name="Fees of receipts"
            value={totals && <HeadlineAmount units={totals.feeTotal} />}
            note="for compute and use"
          />
          <Figure
            name="Paid to assets"
            value={totals && <HeadlineAmount units={totals.paymentTotal} />}
            note={totals && formatCounted(totals.paymentCount, 'payment')}
          />
          <Figure
            name="Royalties passed on"
            value={totals && <HeadlineAmount units={totals.royaltyTotal} />}
            note={totals && formatCounted(totals.licenceCount, 'licence')}
          />
          <Figure
            name="Rewards claimed"
            value={totals && <HeadlineAmount units={totals.claimTotal} />}
            note={totals && formatCounted(totals.openDisputeCount, 'open dispute')}
          />
        </Figures>
        <div className="columns">
          <div>
            <SeriesPanel />
            <ActivityPanel />
          </div>
          <div>
            <EpochPanel />
            <TopAssetsPanel />
            <KindsPanel answer={answer} />
            <IndexPanel answer={answer} />
          </div>
        </div>
      </div>
    </>
  )
}
