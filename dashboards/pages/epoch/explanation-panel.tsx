import { Link } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import { shortenHex } from '../../format/hex.ts'
import { formatBps, formatShare } from '../../format/share.ts'
import { label } from '../../format/words.ts'
import type { EpochData } from '../../graphql/epoch.ts'
import { type ExplanationData, explanationOperation } from '../../graphql/explanation.ts'
import { Amount } from '../../parts/amount.tsx'
import { Chip } from '../../parts/chip.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink, AssetLink } from '../../parts/references.tsx'
import { LedgerSums } from './ledger-sums.tsx'
import { ProofBox } from './proof-box.tsx'
import { SourceReceipts } from './source-receipts.tsx'

type Epoch = NonNullable<EpochData['epoch']>
type Explanation = NonNullable<ExplanationData['rewardExplanation']>
type Pool = Explanation['pools'][number]
type Part = Pool['parts'][number]

/** Why one account got exactly what it got: pools, sources, receipts, sums and the proof of its leaf. */
export function ExplanationPanel(props: {
  readonly epoch: Epoch
  readonly account: string
}): ReactElement {
  const { epoch, account } = props
  const answer = useOperation(explanationOperation, { number: epoch.number, account })
  return (
    <div id="explanation">
      <Panel
        title={`Why did ${shortenHex(account)} get this?`}
        unit="FOG"
        answer={answer}
        lines={14}
        sheet={({ rewardExplanation }) => ({
          name: `epoch-${epoch.number}-${account}`,
          columns: ['pool', 'source', 'score', 'amount_units', 'withheld_reason'],
          rows: (rewardExplanation?.pools ?? []).flatMap(({ pool, parts }) =>
            parts.map((part) => [
              pool,
              part.sourceId,
              part.score,
              part.amount,
              part.withheldReason ?? '',
            ]),
          ),
        })}
      >
        {({ rewardExplanation }) =>
          rewardExplanation === null ? (
            <p className="empty">The account had no part in this epoch.</p>
          ) : (
            <Explained epoch={epoch} account={account} explanation={rewardExplanation} />
          )
        }
      </Panel>
    </div>
  )
}

function Explained(props: {
  readonly epoch: Epoch
  readonly account: string
  readonly explanation: Explanation
}): ReactElement {
  const { epoch, account, explanation } = props
  const pools = explanation.pools.filter(({ parts }) => parts.length > 0)
  return (
    <div className="explanation">
      <div className="stack">
        <p className="small">
          <AccountLink address={account} />{' '}
          <Link to="." search={(old) => ({ ...old, account: undefined })}>
            Close
          </Link>
        </p>
        {pools.length === 0 ? (
          <p className="muted">It earned nothing in this epoch.</p>
        ) : (
          pools.map((pool) => <PoolParts key={pool.pool} epoch={epoch} pool={pool} />)
        )}
      </div>
      <div className="stack">
        <LedgerSums explanation={explanation} />
        {explanation.allocation === null ? null : (
          <ProofBox account={account} root={epoch.root} allocation={explanation.allocation} />
        )}
      </div>
    </div>
  )
}

function PoolParts(props: { readonly epoch: Epoch; readonly pool: Pool }): ReactElement {
  const { epoch, pool } = props
  const sum = pool.parts
    .filter(({ withheldReason }) => withheldReason === null)
    .reduce((total, { amount }) => total + BigInt(amount), 0n)
  return (
    <section className="pool-parts">
      <h3>
        {label(pool.pool)}
        <span className="muted">
          {' '}
          {formatBps(pool.poolBps)} of the budget, <Amount units={pool.poolAmount} />
        </span>
      </h3>
      <ul>
        {pool.parts.map((part) => (
          <PartRow
            key={`${part.sourceId} ${part.withheldReason}`}
            epoch={epoch}
            pool={pool}
            part={part}
          />
        ))}
      </ul>
      <p className="pool-sum">
        <span>
          {sum.toString() === pool.earned
            ? 'Sum, as earned from the pool'
            : 'The parts do not sum up'}
        </span>
        <Amount units={sum.toString()} />
        <span className="muted">{formatShare(sum, BigInt(pool.poolAmount))}</span>
      </p>
    </section>
  )
}

function PartRow(props: {
  readonly epoch: Epoch
  readonly pool: Pool
  readonly part: Part
}): ReactElement {
  const { epoch, pool, part } = props
  const [isOpen, setOpen] = useState(false)
  const name = part.asset === null ? shortenHex(part.sourceId) : part.asset.name
  const hasReceipts = pool.pool !== 'reviewers' && pool.pool !== 'treasury'
  return (
    <li>
      <div className="part" data-withheld={part.withheldReason !== null}>
        <span className="part-name">
          {part.asset === null ? (
            <AccountLink address={part.sourceId} />
          ) : (
            <AssetLink asset={part.asset} />
          )}
          {part.withheldReason === null ? null : (
            <Chip tone="warn">withheld: {part.withheldReason}</Chip>
          )}
        </span>
        <span className="muted" title="Score: the weight in the pool">
          score {formatCount(part.score)}
        </span>
        <Amount units={part.amount} />
        {hasReceipts ? (
          <button
            type="button"
            className="link-button"
            aria-expanded={isOpen}
            aria-label={`Receipts of ${name}`}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Hide' : 'Receipts'}
          </button>
        ) : (
          <span />
        )}
      </div>
      {isOpen ? (
        <SourceReceipts
          sourceId={part.sourceId}
          isProvider={pool.pool === 'computeOperators'}
          firstBlock={epoch.firstBlock}
          lastBlock={epoch.cutoffBlock}
        />
      ) : null}
    </li>
  )
}
