import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useEffect, useState } from 'react'

import { useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount } from '../format/digits.ts'
import { label } from '../format/words.ts'
import { type AssetsData, assetFacetsOperation, assetsOperation } from '../graphql/assets.ts'
import { Amount } from '../parts/amount.tsx'
import { Chip } from '../parts/chip.tsx'
import { type Column, DataTable, type Sorting, sheetOf } from '../parts/data-table.tsx'
import { KindShape } from '../parts/kind-mark.tsx'
import { Pager } from '../parts/pager.tsx'
import { Panel } from '../parts/panel.tsx'
import { AccountLink, AssetLink, EvidenceMark } from '../parts/references.tsx'
import {
  type AssetOrder,
  type AssetsSearch,
  ASSET_ORDERS,
  KINDS,
  type Kind,
} from './assets-search.ts'

const route = getRouteApi('/assets')
const PAGE_SIZE = 50
const TYPING_MS = 250

type AssetRow = AssetsData['assets']['nodes'][number]

/** Every asset: searchable, by kind, sortable, page by page. */
export function AssetsPage(): ReactElement {
  useTitle('Assets')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (next: Partial<AssetsSearch>, replace = false): void => {
    void navigate({
      search: (old) => ({ ...old, after: undefined, offset: undefined, ...next }),
      replace,
    })
  }
  const answer = useOperation(assetsOperation, {
    first: PAGE_SIZE,
    after: search.after,
    filter: filterOf(search, search.kinds),
    orderBy: search.sort ?? 'BLOCK',
    direction: search.direction ?? 'DESC',
  })
  const sorting: Sorting = {
    by: search.sort ?? 'BLOCK',
    isDescending: (search.direction ?? 'DESC') === 'DESC',
    choose: (by, isDescending) =>
      change({ sort: orderOf(by), direction: isDescending ? 'DESC' : 'ASC' }),
  }
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Assets</h1>
          <p>Models, datasets, agents, tools and compute, each registered on chain by its maker.</p>
        </div>
      </div>
      <Panel
        title="Registered assets"
        answer={answer}
        sheet={({ assets }) => sheetOf('assets', COLUMNS, assets.nodes)}
        lines={PAGE_SIZE / 2}
        isFlush
        before={<Filters search={search} change={change} />}
      >
        {({ assets }) => (
          <>
            <DataTable
              label="Assets"
              columns={COLUMNS}
              rows={assets.nodes}
              keyOf={({ assetId }) => assetId}
              sorting={sorting}
              empty="No asset meets all of these conditions. Take one away to see more."
            />
            <Pager
              place={{ after: search.after, offset: search.offset ?? 0 }}
              shown={assets.nodes.length}
              total={assets.totalCount}
              noun="assets"
              next={assets.pageInfo.hasNextPage ? assets.pageInfo.endCursor : null}
              go={(place) => change(place)}
            />
          </>
        )}
      </Panel>
    </>
  )
}

const COLUMNS: readonly Column<AssetRow>[] = [
  {
    key: 'name',
    header: 'Name',
    layout: 'grow',
    sort: 'NAME',
    cell: (asset) => (
      <>
        <AssetLink asset={asset} /> {asset.isDisputed ? <Chip tone="warn">Disputed</Chip> : null}
      </>
    ),
    text: ({ name }) => name,
  },
  {
    key: 'kind',
    header: 'Kind',
    cell: ({ kind }) => (kind === null ? '–' : label(kind)),
    text: ({ kind }) => kind ?? '',
  },
  {
    key: 'holder',
    header: 'Holder',
    cell: ({ holder }) => (holder === null ? '–' : <AccountLink address={holder.address} />),
    text: ({ holder }) => holder?.address ?? '',
  },
  {
    key: 'receipts',
    header: 'Receipts',
    layout: 'end',
    cell: ({ receipts }) => formatCount(receipts.totalCount),
    text: ({ receipts }) => String(receipts.totalCount),
  },
  {
    key: 'paid_in_units',
    header: 'Paid in, FOG',
    layout: 'end',
    cell: ({ revenue }) => <Amount units={revenue?.paidIn ?? '0'} />,
    text: ({ revenue }) => revenue?.paidIn ?? '0',
  },
  {
    key: 'royalties_in_units',
    header: 'Royalties in, FOG',
    layout: 'end',
    cell: ({ revenue }) => <Amount units={revenue?.royaltiesIn ?? '0'} />,
    text: ({ revenue }) => revenue?.royaltiesIn ?? '0',
  },
  {
    key: 'versions',
    header: 'Versions',
    layout: 'end',
    sort: 'VERSION_COUNT',
    cell: ({ versionCount }) => formatCount(versionCount),
    text: ({ versionCount }) => String(versionCount),
  },
  {
    key: 'registered_block',
    header: 'Registered in block',
    layout: 'end',
    sort: 'BLOCK',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
  {
    key: 'asset_id',
    header: 'Id',
    cell: ({ assetId }) => <span className="mono muted">{assetId.slice(0, 10)}…</span>,
    text: ({ assetId }) => assetId,
  },
]

function Filters(props: {
  readonly search: AssetsSearch
  readonly change: (next: Partial<AssetsSearch>, replace?: boolean) => void
}): ReactElement {
  const { search, change } = props
  const chosen = new Set<Kind>(search.kinds)
  const facets = useOperation(assetFacetsOperation, {
    model: filterOf(search, ['MODEL']),
    dataset: filterOf(search, ['DATASET']),
    agent: filterOf(search, ['AGENT']),
    tool: filterOf(search, ['TOOL']),
    compute: filterOf(search, ['COMPUTE']),
  })
  const counts = facets.data
  const toggle = (kind: Kind): void => {
    const next = KINDS.filter((other) => chosen.has(other) !== (other === kind))
    change({ kinds: next.length === 0 ? undefined : next })
  }
  return (
    <div className="filters" role="group" aria-label="Which assets">
      <NameField value={search.q ?? ''} change={(q) => change({ q }, true)} />
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          className="facet"
          data-kind={kind}
          aria-pressed={chosen.has(kind)}
          onClick={() => toggle(kind)}
        >
          <KindShape kind={kind} />
          {label(kind)}
          <span>{counts === undefined ? '' : formatCount(counts[FACETS[kind]].totalCount)}</span>
        </button>
      ))}
      <button
        type="button"
        className="facet"
        aria-pressed={search.disputed === 'yes'}
        onClick={() => change({ disputed: search.disputed === 'yes' ? undefined : 'yes' })}
      >
        Disputed
      </button>
    </div>
  )
}

const FACETS = {
  MODEL: 'model',
  DATASET: 'dataset',
  AGENT: 'agent',
  TOOL: 'tool',
  COMPUTE: 'compute',
} as const satisfies Readonly<Record<Kind, string>>

/** Writes what is typed to the URL once the typing rests. */
function NameField(props: {
  readonly value: string
  readonly change: (value: string | undefined) => void
}): ReactElement {
  const { value, change } = props
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed.trim() === value) return
    const timer = setTimeout(() => change(typed.trim() || undefined), TYPING_MS)
    return () => clearTimeout(timer)
  })
  return (
    <input
      className="field"
      type="search"
      aria-label="Name contains"
      placeholder="Name contains…"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  )
}

function filterOf(search: AssetsSearch, kinds: readonly Kind[] | undefined) {
  return {
    kinds,
    nameContains: search.q,
    isDisputed: search.disputed === 'yes' ? true : undefined,
  }
}

function orderOf(by: string): AssetOrder | undefined {
  return ASSET_ORDERS.find((order) => order === by)
}
