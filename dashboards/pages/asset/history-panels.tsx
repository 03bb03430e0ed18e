import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import type { AssetData } from '../../graphql/asset.ts'
import { StatusChip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink, EvidenceMark, Hash } from '../../parts/references.tsx'

type Asset = NonNullable<AssetData['asset']>
type Version = Asset['versions']['nodes'][number]
type Holding = Asset['holdings']['nodes'][number]
type Dispute = Asset['disputes']['nodes'][number]

type Props = { readonly answer: Answer<AssetData> }

/** The versions that were published. */
export function VersionPanel({ answer }: Props): ReactElement {
  const rows = (data: AssetData): readonly Version[] => data.asset?.versions.nodes ?? []
  return (
    <Panel
      title="Versions"
      answer={answer}
      span={4}
      lines={4}
      isFlush
      sheet={(data) => sheetOf('versions', VERSIONS, rows(data))}
    >
      {(data) => (
        <DataTable
          label="Versions"
          columns={VERSIONS}
          rows={rows(data)}
          keyOf={({ version }) => String(version)}
          empty="No version is published."
        />
      )}
    </Panel>
  )
}

/** Who held the asset from when to when: rewards go to the holder at the time of use. */
export function HoldingPanel({ answer }: Props): ReactElement {
  const rows = (data: AssetData): readonly Holding[] => data.asset?.holdings.nodes ?? []
  return (
    <Panel
      title="Holders"
      answer={answer}
      span={4}
      lines={4}
      isFlush
      sheet={(data) => sheetOf('holders', HOLDINGS, rows(data))}
    >
      {(data) => (
        <DataTable
          label="Holders"
          columns={HOLDINGS}
          rows={rows(data)}
          keyOf={({ evidence }) => `${evidence.block} ${evidence.logIndex}`}
          empty="Nobody has held the asset."
        />
      )}
    </Panel>
  )
}

/** Disputes: while one is open or upheld the asset's rewards are withheld. */
export function DisputePanel({ answer }: Props): ReactElement {
  const rows = (data: AssetData): readonly Dispute[] => data.asset?.disputes.nodes ?? []
  return (
    <Panel
      title="Disputes"
      answer={answer}
      span={4}
      lines={4}
      isFlush
      sheet={(data) => sheetOf('disputes', DISPUTES, rows(data))}
    >
      {(data) => (
        <DataTable
          label="Disputes"
          columns={DISPUTES}
          rows={rows(data)}
          keyOf={({ disputeId }) => disputeId}
          empty="Nobody has disputed the asset."
        />
      )}
    </Panel>
  )
}

const VERSIONS: readonly Column<Version>[] = [
  {
    key: 'version',
    header: 'Version',
    cell: ({ version }) => formatCount(version),
    text: ({ version }) => String(version),
  },
  {
    key: 'content_hash',
    header: 'Content',
    cell: ({ contentHash }) => <Hash hex={contentHash} what="content hash" />,
    text: ({ contentHash }) => contentHash,
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
]

const HOLDINGS: readonly Column<Holding>[] = [
  {
    key: 'holder',
    header: 'Holder',
    cell: ({ holder }) => <AccountLink address={holder.address} />,
    text: ({ holder }) => holder.address,
  },
  {
    key: 'from_block',
    header: 'From block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ fromBlock }) => String(fromBlock),
  },
  {
    key: 'to_block',
    header: 'To block',
    layout: 'end',
    cell: ({ toBlock }) => (toBlock === null ? 'now' : formatCount(toBlock)),
    text: ({ toBlock }) => String(toBlock ?? ''),
  },
]

const DISPUTES: readonly Column<Dispute>[] = [
  {
    key: 'reason',
    header: 'Reason',
    layout: 'grow',
    cell: ({ reason }) => <span title={reason}>{reason || 'none given'}</span>,
    text: ({ reason }) => reason,
  },
  {
    key: 'status',
    header: 'State',
    cell: ({ status }) => <StatusChip status={status} />,
    text: ({ status }) => status ?? '',
  },
  {
    key: 'raised_by',
    header: 'Raised by',
    cell: ({ raisedBy }) => <AccountLink address={raisedBy.address} />,
    text: ({ raisedBy }) => raisedBy.address,
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
]
