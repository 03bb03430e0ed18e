import { Link, getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { readCount } from '../app/url-search.ts'
import { useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount } from '../format/digits.ts'
import { type EpochData, epochOperation } from '../graphql/epoch.ts'
import { StatusChip } from '../parts/chip.tsx'
import { Problem } from '../parts/problem.tsx'
import { AllocationsPanel } from './epoch/allocations-panel.tsx'
import { ExplanationPanel } from './epoch/explanation-panel.tsx'
import { IdentityPanel } from './epoch/identity-panel.tsx'
import { PoolsPanel } from './epoch/pools-panel.tsx'
import { RankPanel } from './epoch/rank-panel.tsx'
import { RulesetPanel } from './epoch/ruleset-panel.tsx'
import { ScoresPanel } from './epoch/scores-panel.tsx'
import { TimelinePanel } from './epoch/timeline-panel.tsx'
import { VerifyPanel } from './epoch/verify-panel.tsx'
import { WithheldPanel } from './epoch/withheld-panel.tsx'
import { NotFoundPage } from './not-found-page.tsx'

const route = getRouteApi('/epochs/$number')

/** One epoch: is it right, why did an account get exactly that, and can it be recomputed. */
export function EpochPage(): ReactElement {
  const text = route.useParams({ select: (params) => params.number })
  const { account } = route.useSearch()
  const number = readCount(text)
  const answer = useOperation(epochOperation, { number: number ?? 0 }, number !== undefined)
  useTitle(`Epoch ${text}`)
  if (number === undefined) return <NotFoundPage what={`“${text}” is not the number of an epoch`} />
  const epoch = answer.data?.epoch
  if (epoch === null) {
    return <NotFoundPage what={`Epoch ${number} is not closed at block ${answer.asOf ?? 0}`} />
  }
  return (
    <>
      <EpochHead number={number} epoch={epoch} />
      {epoch === undefined && answer.error !== null ? (
        <Problem error={answer.error} retry={answer.retry} />
      ) : (
        <div className="grid">
          {account === undefined || epoch === undefined ? null : (
            <ExplanationPanel epoch={epoch} account={account} key={account} />
          )}
          <IdentityPanel answer={answer} />
          <TimelinePanel answer={answer} />
          <PoolsPanel answer={answer} />
          <AllocationsPanel number={number} />
          <WithheldPanel number={number} />
          <VerifyPanel answer={answer} key={number} />
          <RankPanel number={number} key={`rank ${number}`} />
          <ScoresPanel number={number} />
          <RulesetPanel answer={answer} />
        </div>
      )}
    </>
  )
}

function EpochHead(props: {
  readonly number: number
  readonly epoch: EpochData['epoch'] | undefined
}): ReactElement {
  const { number, epoch } = props
  return (
    <div className="page-head">
      <div>
        <div className="title">
          <h1>Epoch {formatCount(number)}</h1>
          {epoch === undefined || epoch === null ? null : <StatusChip status={epoch.status} />}
        </div>
        <p>
          {epoch === undefined || epoch === null
            ? '\u00A0'
            : `Blocks ${formatCount(epoch.firstBlock)} to ${formatCount(epoch.cutoffBlock)}, by ruleset ${epoch.rulesetVersion}.`}
        </p>
      </div>
      <nav className="buttons" aria-label="Other epochs">
        {number > 1 ? (
          <Link className="button" to="/epochs/$number" params={{ number: String(number - 1) }}>
            Epoch {formatCount(number - 1)}
          </Link>
        ) : null}
        <Link className="button" to="/epochs/$number" params={{ number: String(number + 1) }}>
          Epoch {formatCount(number + 1)}
        </Link>
        <Link className="button" to="/epochs">
          All epochs
        </Link>
      </nav>
    </div>
  )
}
