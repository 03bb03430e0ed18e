import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatE8 } from '../../format/share.ts'
import { formatUtc } from '../../format/time.ts'
import { label } from '../../format/words.ts'
import type { AccountData } from '../../graphql/account.ts'
import { Amount } from '../../parts/amount.tsx'
import { StatusChip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AssetLink, EvidenceMark } from '../../parts/references.tsx'

type Account = AccountData['account']
type Asset = Account['assets']['nodes'][number]
type Contribution = Account['contributions']['nodes'][number]
type Licence = Account['licences']['nodes'][number]

type Props = { readonly answer: Answer<AccountData> }

/** The assets that the account holds. */
export function AssetsPanel({ answer }: Props): ReactElement {
  return (
    <Panel
      title="Assets held"
      answer={answer}
      span={6}
      lines={5}
      isFlush
      note={more(answer.data?.account.assets)}
      sheet={({ account }) => sheetOf('assets-held', ASSETS, account.assets.nodes)}
    >
      {({ account }) => (
        <DataTable
          label="Assets held"
          columns={ASSETS}
          rows={account.assets.nodes}
          keyOf={({ assetId }) => assetId}
          empty="It holds no asset."
        />
      )}
    </Panel>
  )
}

/** The assets it contributed to, with its share of their rewards. */
export function ContributionsPanel({ answer }: Props): ReactElement {
  return (
    <Panel
      title="Contributions"
      answer={answer}
      span={6}
      lines={5}
      isFlush
      note={more(answer.data?.account.contributions)}
      sheet={({ account }) => sheetOf('contributions', CONTRIBUTIONS, account.contributions.nodes)}
    >
      {({ account }) => (
        <DataTable
          label="Contributions"
          columns={CONTRIBUTIONS}
          rows={account.contributions.nodes}
          keyOf={({ contributionId }) => contributionId}
          empty="It has contributed to no asset."
        />
      )}
    </Panel>
  )
}

/** The licences that it holds. */
export function LicencesPanel({ answer }: Props): ReactElement {
  const isProvider = (answer.data?.account.provider ?? null) !== null
  return (
    <Panel
      title="Licences held"
      answer={answer}
      {...(isProvider ? { span: 6 } : {})}
      lines={5}
      isFlush
      note={more(answer.data?.account.licences)}
      sheet={({ account }) => sheetOf('licences', LICENCES, account.licences.nodes)}
    >
      {({ account }) => (
        <DataTable
          label="Licences held"
          columns={LICENCES}
          rows={account.licences.nodes}
          keyOf={({ licenceId }) => licenceId}
          empty="It holds no licence."
        />
      )}
    </Panel>
  )
}

function more(
  list: { readonly totalCount: number; readonly nodes: readonly unknown[] } | undefined,
): string | undefined {
  return list === undefined || list.totalCount === list.nodes.length
    ? undefined
    : `The first ${list.nodes.length} of ${list.totalCount}.`
}

const ASSETS: readonly Column<Asset>[] = [
  {
    key: 'asset',
    header: 'Asset',
    layout: 'grow',
    cell: (asset) => <AssetLink asset={asset} />,
    text: ({ assetId }) => assetId,
  },
  {
    key: 'paid_in_units',
    header: 'Paid in, FOG',
    layout: 'end',
    cell: ({ revenue }) => <Amount units={revenue?.paidIn ?? '0'} />,
    text: ({ revenue }) => revenue?.paidIn ?? '0',
  },
  {
    key: 'block',
    header: 'Registered',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
]

const CONTRIBUTIONS: readonly Column<Contribution>[] = [
  {
    key: 'asset',
    header: 'Asset',
    layout: 'grow',
    cell: ({ asset }) => (asset === null ? '–' : <AssetLink asset={asset} />),
    text: ({ asset }) => asset?.assetId ?? '',
  },
  {
    key: 'role',
    header: 'Role',
    cell: ({ role }) => label(role ?? 'unknown'),
    text: ({ role }) => role ?? '',
  },
  {
    key: 'share_e8',
    header: 'Share',
    layout: 'end',
    cell: ({ shareE8 }) => formatE8(shareE8),
    text: ({ shareE8 }) => String(shareE8),
  },
]

const LICENCES: readonly Column<Licence>[] = [
  {
    key: 'asset',
    header: 'Asset',
    layout: 'grow',
    cell: ({ asset }) => (asset === null ? '–' : <AssetLink asset={asset} />),
    text: ({ asset }) => asset?.assetId ?? '',
  },
  {
    key: 'status',
    header: 'State',
    cell: ({ status }) => <StatusChip status={status} />,
    text: ({ status }) => status ?? '',
  },
  {
    key: 'expires_at_seconds',
    header: 'Until, UTC',
    layout: 'end',
    cell: ({ expiresAtSeconds }) => until(expiresAtSeconds),
    text: ({ expiresAtSeconds }) => expiresAtSeconds,
  },
  {
    key: 'price_units',
    header: 'Price, FOG',
    layout: 'end',
    cell: ({ price }) => <Amount units={price} />,
    text: ({ price }) => price,
  },
]

function until(seconds: string): string {
  if (seconds === '0') return 'for ever'
  return seconds.length > 11 ? 'beyond year 9999' : formatUtc(Number(seconds))
}
