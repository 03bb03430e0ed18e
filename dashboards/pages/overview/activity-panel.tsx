import { type ReactElement, useMemo } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { formatDuration } from '../../format/time.ts'
import {
  type ActivityData,
  activityOperation,
  assetNamesOperation,
} from '../../graphql/activity.ts'
import { Amount } from '../../parts/amount.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EvidenceMark } from '../../parts/references.tsx'
import { ArgumentLink, type AssetNames } from './argument-link.tsx'
import { type EventArgument, TELLINGS, TOLD_EVENTS, assetIdsOf } from './event-words.ts'

const EVENT_COUNT = 20

type Event = ActivityData['activity']['nodes'][number]

/** What the contracts said last. */
export function ActivityPanel(): ReactElement {
  const answer = useOperation(activityOperation, { first: EVENT_COUNT, events: TOLD_EVENTS })
  const events = answer.data?.activity.nodes
  const ids = useMemo(() => assetIdsOf(events ?? []), [events])
  const named = useOperation(assetNamesOperation, { ids, first: 100 }, ids.length > 0)
  const names: AssetNames = useMemo(
    () => new Map(named.data?.assets.nodes.map((asset) => [asset.assetId, asset])),
    [named.data],
  )
  return (
    <Panel
      title="Latest events"
      unit="newest first"
      answer={answer}
      lines={EVENT_COUNT}
      isFlush
      sheet={({ activity, _meta }) =>
        sheetOf('events', columns(_meta.block.timestamp, names), activity.nodes)
      }
    >
      {({ activity, _meta }) => (
        <DataTable
          label="Latest events"
          columns={columns(_meta.block.timestamp, names)}
          rows={activity.nodes}
          keyOf={({ id }) => id}
          empty="No event yet. The first block that holds one will show here."
          rowCount={EVENT_COUNT}
        />
      )}
    </Panel>
  )
}

function columns(now: number, names: AssetNames): readonly Column<Event>[] {
  return [
    {
      key: 'event',
      header: 'Event',
      cell: ({ event, contract }) => (
        <span title={`${contract}.${event}`}>{TELLINGS[event]?.words ?? event}</span>
      ),
      text: ({ event }) => event,
    },
    {
      key: 'arguments',
      header: 'Of',
      layout: 'fill',
      cell: (event) => (
        <span className="listed">
          {subjectsOf(event).map((argument) => (
            <ArgumentLink key={argument.name} argument={argument} names={names} />
          ))}
        </span>
      ),
      text: (event) => event.arguments.map(({ name, value }) => `${name}=${value}`).join(' '),
    },
    {
      key: 'amount_units',
      header: 'Amount, FOG',
      layout: 'end',
      cell: (event) => {
        const amount = amountOf(event)
        return amount === undefined ? <span className="muted">–</span> : <Amount units={amount} />
      },
      text: (event) => amountOf(event) ?? '',
    },
    {
      key: 'timestamp',
      header: 'Age',
      layout: 'end',
      cell: ({ evidence }) => formatDuration(now - evidence.timestamp),
      text: ({ evidence }) => String(evidence.timestamp),
    },
    {
      key: 'block',
      header: 'Block',
      layout: 'end',
      cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
      text: ({ evidence }) => String(evidence.block),
    },
  ]
}

function subjectsOf(event: Event): readonly EventArgument[] {
  const wanted = TELLINGS[event.event]?.subjects ?? []
  return wanted.flatMap((name) => event.arguments.find((argument) => argument.name === name) ?? [])
}

function amountOf(event: Event): string | undefined {
  const wanted = TELLINGS[event.event]?.amount
  return event.arguments.find(({ name }) => name === wanted)?.value
}
