import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { CombBar } from '../../charts/comb-bar.tsx'
import { formatCount, formatCounted } from '../../format/digits.ts'
import { inPoolOrder } from '../../format/pools.ts'
import { formatShare } from '../../format/share.ts'
import { label } from '../../format/words.ts'
import {
  type LatestEpochData,
  latestEpochOperation,
  openEpochOperation,
} from '../../graphql/overview.ts'
import { Amount, HeadlineAmount } from '../../parts/amount.tsx'
import { StatusChip } from '../../parts/chip.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EpochLink } from '../../parts/references.tsx'
import { type PublishedRuleset, readRuleset } from '../epoch/ruleset.ts'

/** The epoch under way and the last one that closed. */
export function EpochPanel(): ReactElement {
  const answer = useOperation(latestEpochOperation, {})
  return (
    <Panel title="Reward epoch" answer={answer} lines={10}>
      {(data) => (
        <>
          <OpenEpoch data={data} />
          <ClosedEpoch data={data} />
        </>
      )}
    </Panel>
  )
}

function OpenEpoch({ data }: { readonly data: LatestEpochData }): ReactElement | null {
  const [published] = data.rulesets.nodes
  const ruleset = published === undefined ? undefined : readRuleset(published.json)
  const closed = data.epochs.nodes[0]?.number ?? 0
  const { number, firstBlock } = openEpoch(data._meta.block.number, closed, ruleset)
  const waiting = number - 1 - closed
  const answer = useOperation(
    openEpochOperation,
    { number, fromBlock: firstBlock },
    ruleset !== undefined,
  )
  if (ruleset === undefined) {
    return <p className="muted">No ruleset is published yet, so no epoch is under way.</p>
  }
  const count = ruleset.epochBlockCount
  const done = Math.max(0, Math.min(count, data._meta.block.number - firstBlock + 1))
  const budget = answer.data?.fundings.nodes.reduce((sum, { amount }) => sum + BigInt(amount), 0n)
  return (
    <div className="stack">
      <p>
        <b>Epoch {formatCount(number)}</b> is under way
      </p>
      <div
        className="progress"
        role="progressbar"
        aria-label={`Blocks of epoch ${number}`}
        aria-valuemin={0}
        aria-valuemax={count}
        aria-valuenow={done}
      >
        <i style={{ width: `${(100 * done) / count}%` }} />
      </div>
      <p className="small muted">
        {`Block ${formatCount(done)} of ${formatCount(count)}`}
        {waiting > 0
          ? `; ${formatCounted(waiting, 'epoch')} before it ${waiting === 1 ? 'waits' : 'wait'} to be final and close`
          : ''}
      </p>
      <dl className="facts">
        <dt>Budget so far</dt>
        <dd>{budget === undefined ? '–' : <HeadlineAmount units={budget.toString()} />}</dd>
        <dt>Receipts so far</dt>
        <dd>{answer.data === undefined ? '–' : formatCount(answer.data.receipts.totalCount)}</dd>
      </dl>
    </div>
  )
}

/** The epoch that the newest block belongs to, or the one after the last closed. */
function openEpoch(
  block: number,
  closed: number,
  ruleset: PublishedRuleset | undefined,
): { readonly number: number; readonly firstBlock: number } {
  if (ruleset === undefined) return { number: closed + 1, firstBlock: 0 }
  const { firstBlock, epochBlockCount } = ruleset
  const before = Math.max(closed, Math.floor((block - firstBlock) / epochBlockCount))
  return { number: before + 1, firstBlock: firstBlock + before * epochBlockCount }
}

function ClosedEpoch({ data }: { readonly data: LatestEpochData }): ReactElement | null {
  const [epoch] = data.epochs.nodes
  if (epoch === undefined) return null
  const budget = BigInt(epoch.budget)
  return (
    <div className="stack closed">
      <p>
        <b>
          <EpochLink number={epoch.number} />
        </b>{' '}
        <StatusChip status={epoch.status} />
      </p>
      <CombBar
        label={`Pools of epoch ${epoch.number}`}
        parts={inPoolOrder(epoch.pools.nodes).map(({ pool, amount }, index) => ({
          key: pool ?? String(index),
          label: label(pool ?? 'unknown'),
          value: BigInt(amount),
          shown: <Amount units={amount} />,
          share: formatShare(BigInt(amount), budget, 1),
          tone: index + 1,
        }))}
      />
      <p className="small muted">
        {epoch.identity.difference === '0'
          ? 'Paid, carried, withheld and unallocated sum to the budget exactly.'
          : `The sums miss the budget by ${formatCounted(epoch.identity.difference, 'base unit')}.`}
      </p>
    </div>
  )
}
