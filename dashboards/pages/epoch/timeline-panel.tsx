import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import { formatUtc } from '../../format/time.ts'
import type { EpochData } from '../../graphql/epoch.ts'
import { HeadlineAmount } from '../../parts/amount.tsx'
import { Chip } from '../../parts/chip.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Hash } from '../../parts/references.tsx'

type Epoch = NonNullable<EpochData['epoch']>

type Step = {
  readonly name: string
  readonly isDone: boolean
  readonly when: string
}

/** What became of the epoch's root on chain. */
export function TimelinePanel({ answer }: { readonly answer: Answer<EpochData> }): ReactElement {
  return (
    <Panel title="On chain" answer={answer} span={6} lines={6}>
      {({ epoch }) =>
        epoch === null ? null : (
          <>
            <ol className="timeline">
              {stepsOf(epoch).map(({ name, isDone, when }) => (
                <li key={name} data-done={isDone}>
                  <span>
                    {name}
                    <span className="visually-hidden">{isDone ? '' : ' (not yet)'}</span>
                  </span>
                  <span className="muted">{when}</span>
                </li>
              ))}
            </ol>
            <dl className="facts">
              <dt>Root</dt>
              <dd>
                <Hash hex={epoch.root} what="root" /> <RootMatch epoch={epoch} />
              </dd>
              <dt>All leaves</dt>
              <dd>
                <HeadlineAmount units={epoch.cumulativeTotal} />
              </dd>
            </dl>
          </>
        )
      }
    </Panel>
  )
}

function RootMatch({ epoch }: { readonly epoch: Epoch }): ReactElement {
  if (epoch.proposedRoot === null) return <Chip>not proposed yet</Chip>
  return epoch.proposedRoot === epoch.root ? (
    <Chip tone="good">the one proposed</Chip>
  ) : (
    <>
      <Chip tone="bad">another was proposed</Chip>{' '}
      <Hash hex={epoch.proposedRoot} what="proposed root" />
    </>
  )
}

function stepsOf(epoch: Epoch): readonly Step[] {
  const { status, proposedBlock, challengeEndsAtSeconds, activatedBlock } = epoch
  const isStopped = status === 'CHALLENGED' || status === 'REJECTED'
  return [
    { name: 'Closed', isDone: true, when: `cutoff block ${formatCount(epoch.cutoffBlock)}` },
    {
      name: 'Proposed',
      isDone: proposedBlock !== null,
      when: proposedBlock === null ? 'not yet' : `block ${formatCount(proposedBlock)}`,
    },
    {
      name: isStopped ? (status === 'REJECTED' ? 'Rejected' : 'Challenged') : 'Open to challenge',
      isDone: isStopped || activatedBlock !== null,
      when:
        challengeEndsAtSeconds === null
          ? 'not yet'
          : `until ${formatUtc(challengeEndsAtSeconds)} UTC`,
    },
    {
      name: 'Active, can be claimed',
      isDone: activatedBlock !== null,
      when: activatedBlock === null ? 'not yet' : `block ${formatCount(activatedBlock)}`,
    },
  ]
}
