import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import { formatE8 } from '../../format/share.ts'
import { formatDuration } from '../../format/time.ts'
import type { AssetData } from '../../graphql/asset.ts'
import { Amount } from '../../parts/amount.tsx'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EvidenceMark } from '../../parts/references.tsx'

type Terms = NonNullable<AssetData['asset']>['licenceTerms']['nodes'][number]

const COLUMNS: readonly Column<Terms>[] = [
  {
    key: 'terms_id',
    header: 'Terms',
    cell: ({ termsId }) => formatCount(termsId),
    text: ({ termsId }) => termsId,
  },
  {
    key: 'allows',
    header: 'Allows',
    cell: (terms) => allowed(terms),
    text: (terms) => allowed(terms),
  },
  {
    key: 'price_units',
    header: 'Price, FOG',
    layout: 'end',
    cell: ({ price }) => <Amount units={price} />,
    text: ({ price }) => price,
  },
  {
    key: 'royalty_share_e8',
    header: 'Royalty',
    layout: 'end',
    cell: ({ royaltyShareE8 }) => formatE8(royaltyShareE8),
    text: ({ royaltyShareE8 }) => String(royaltyShareE8),
  },
  {
    key: 'duration_seconds',
    header: 'Runs for',
    layout: 'end',
    cell: ({ durationSeconds }) =>
      durationSeconds === '0' ? 'ever' : formatDuration(Number(durationSeconds)),
    text: ({ durationSeconds }) => durationSeconds,
  },
  {
    key: 'licence_count',
    header: 'Licences',
    layout: 'end',
    cell: ({ licenceCount }) => formatCount(licenceCount),
    text: ({ licenceCount }) => String(licenceCount),
  },
  {
    key: 'state',
    header: 'State',
    cell: ({ isWithdrawn }) =>
      isWithdrawn ? <Chip>Withdrawn</Chip> : <Chip tone="good">On offer</Chip>,
    text: ({ isWithdrawn }) => (isWithdrawn ? 'withdrawn' : 'on offer'),
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
]

/** Under which terms the asset may be used, and how often they were taken. */
export function LicencePanel({ answer }: { readonly answer: Answer<AssetData> }): ReactElement {
  const rows = (data: AssetData): readonly Terms[] => data.asset?.licenceTerms.nodes ?? []
  return (
    <Panel
      title="Licence terms"
      answer={answer}
      lines={4}
      isFlush
      sheet={(data) => sheetOf('licence-terms', COLUMNS, rows(data))}
    >
      {(data) => (
        <DataTable
          label="Licence terms"
          columns={COLUMNS}
          rows={rows(data)}
          keyOf={({ termsId }) => termsId}
          empty="No terms are on offer: nobody can license the asset."
        />
      )}
    </Panel>
  )
}

function allowed({ commercialUse, derivativesAllowed }: Terms): string {
  const acts = [
    ...(commercialUse ? ['commercial use'] : []),
    ...(derivativesAllowed ? ['derivatives'] : []),
  ]
  return acts.length === 0 ? 'private use' : acts.join(', ')
}
