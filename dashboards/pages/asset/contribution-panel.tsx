import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatE8 } from '../../format/share.ts'
import { label } from '../../format/words.ts'
import type { AssetData } from '../../graphql/asset.ts'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink, EvidenceMark } from '../../parts/references.tsx'

type Contribution = NonNullable<AssetData['asset']>['contributions']['nodes'][number]

const COLUMNS: readonly Column<Contribution>[] = [
  {
    key: 'contributor',
    header: 'Contributor',
    cell: ({ contributor }) => <AccountLink address={contributor.address} />,
    text: ({ contributor }) => contributor.address,
  },
  {
    key: 'role',
    header: 'Role',
    cell: ({ role }) => label(role ?? 'unknown'),
    text: ({ role }) => role ?? '',
  },
  {
    key: 'share_e8',
    header: 'Share of rewards',
    layout: 'end',
    cell: ({ shareE8 }) => formatE8(shareE8),
    text: ({ shareE8 }) => String(shareE8),
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
]

/** Who worked on the asset and which share of its rewards is theirs. */
export function ContributionPanel({
  answer,
}: {
  readonly answer: Answer<AssetData>
}): ReactElement {
  const rows = (data: AssetData): readonly Contribution[] => data.asset?.contributions.nodes ?? []
  return (
    <Panel
      title="Contributions"
      answer={answer}
      span={6}
      lines={6}
      isFlush
      sheet={(data) => sheetOf('contributions', COLUMNS, rows(data))}
    >
      {(data) => (
        <DataTable
          label="Contributions"
          columns={COLUMNS}
          rows={rows(data)}
          keyOf={({ contributionId }) => contributionId}
          empty="No contribution is recorded: all rewards of the asset go to its holder."
        />
      )}
    </Panel>
  )
}
