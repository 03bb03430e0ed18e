import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import { formatUtc } from '../../format/time.ts'
import type { ProviderData } from '../../graphql/provider.ts'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EvidenceMark, Hash } from '../../parts/references.tsx'

type Provider = NonNullable<ProviderData['provider']>
type Key = Provider['signingKeys']['nodes'][number]
type Waiting = Provider['quarantined']['nodes'][number]
type Refused = Provider['refused']['nodes'][number]

type Props = { readonly answer: Answer<ProviderData> }

/** Its signing keys and the blocks in which they are valid. */
export function KeysPanel({ answer }: Props): ReactElement {
  return (
    <Panel
      title="Signing keys"
      answer={answer}
      lines={2}
      isFlush
      sheet={({ provider }) => sheetOf('keys', KEYS, provider?.signingKeys.nodes ?? [])}
    >
      {({ provider }) => (
        <DataTable
          label="Signing keys"
          columns={KEYS}
          rows={provider?.signingKeys.nodes ?? []}
          keyOf={({ signer, evidence }) => `${signer.address} ${evidence.block}`}
          empty="It has set none."
        />
      )}
    </Panel>
  )
}

/** What waits for a fact in its name, or waited. */
export function QuarantinePanel({ answer }: Props): ReactElement {
  return (
    <Panel
      title="Quarantine"
      unit="in its name, newest first"
      answer={answer}
      lines={2}
      isFlush
      sheet={({ provider }) => sheetOf('quarantine', WAITS, provider?.quarantined.nodes ?? [])}
    >
      {({ provider }) => (
        <DataTable
          label="Quarantine"
          columns={WAITS}
          rows={provider?.quarantined.nodes ?? []}
          keyOf={({ hash }) => hash}
          empty="Nothing has waited in its name."
        />
      )}
    </Panel>
  )
}

/** What was refused in its name, which anybody may have sent. */
export function RefusedPanel({ answer }: Props): ReactElement {
  return (
    <Panel
      title="Refused"
      unit="in its name, newest first; anybody can send them"
      answer={answer}
      lines={2}
      isFlush
      sheet={({ provider }) => sheetOf('refused', REFUSED, provider?.refused.nodes ?? [])}
    >
      {({ provider }) => (
        <DataTable
          label="Refused"
          columns={REFUSED}
          rows={provider?.refused.nodes ?? []}
          keyOf={({ hash, code, receivedAtSeconds }) => `${hash} ${code} ${receivedAtSeconds}`}
          empty="Nothing was refused in its name."
        />
      )}
    </Panel>
  )
}

const KEYS: readonly Column<Key>[] = [
  {
    key: 'key',
    header: 'Key',
    layout: 'grow',
    cell: ({ signer }) => <Hash hex={signer.address} what="signing key" />,
    text: ({ signer }) => signer.address,
  },
  {
    key: 'state',
    header: 'State',
    cell: ({ isValid }) =>
      isValid ? <Chip tone="good">Valid</Chip> : <Chip tone="warn">Ended</Chip>,
    text: ({ isValid }) => (isValid ? 'valid' : 'ended'),
  },
  {
    key: 'from',
    header: 'From block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
  {
    key: 'until',
    header: 'Until block',
    layout: 'end',
    cell: ({ untilBlock }) => (untilBlock === null ? '–' : formatCount(untilBlock)),
    text: ({ untilBlock }) => (untilBlock === null ? '' : String(untilBlock)),
  },
]

const WAITS: readonly Column<Waiting>[] = [
  {
    key: 'code',
    header: 'Waits for',
    cell: ({ code }) => <span className="mono">{code}</span>,
    text: ({ code }) => code,
  },
  {
    key: 'kind',
    header: 'Kind',
    cell: ({ kind }) => kind,
    text: ({ kind }) => kind,
  },
  {
    key: 'reason',
    header: 'Why',
    layout: 'grow',
    cell: ({ reason }) => reason,
    text: ({ reason }) => reason,
  },
  {
    key: 'ended',
    header: 'How it ended',
    cell: ({ isWaiting, outcomeCode }) =>
      isWaiting ? <Chip tone="warn">Waits</Chip> : <span className="mono">{outcomeCode}</span>,
    text: ({ outcomeCode }) => outcomeCode ?? '',
  },
  {
    key: 'received',
    header: 'Came, UTC',
    cell: ({ receivedAtSeconds }) => formatUtc(receivedAtSeconds),
    text: ({ receivedAtSeconds }) => String(receivedAtSeconds),
  },
]

const REFUSED: readonly Column<Refused>[] = [
  {
    key: 'code',
    header: 'Code',
    cell: ({ code }) => <span className="mono">{code}</span>,
    text: ({ code }) => code,
  },
  {
    key: 'kind',
    header: 'Kind',
    cell: ({ kind }) => kind,
    text: ({ kind }) => kind,
  },
  {
    key: 'reason',
    header: 'Why',
    layout: 'grow',
    cell: ({ reason }) => reason,
    text: ({ reason }) => reason,
  },
  {
    key: 'times',
    header: 'Times',
    layout: 'end',
    cell: ({ times }) => formatCount(times),
    text: ({ times }) => String(times),
  },
  {
    key: 'received',
    header: 'Came, UTC',
    cell: ({ receivedAtSeconds }) => formatUtc(receivedAtSeconds),
    text: ({ receivedAtSeconds }) => String(receivedAtSeconds),
  },
]
