import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useId, useMemo } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { formatCounted } from '../../format/digits.ts'
import { formatE8 } from '../../format/share.ts'
import { prose } from '../../format/words.ts'
import { lineageEdges, lineageGraph } from '../../graph/lineage-graph.ts'
import { ProvenanceGraph } from '../../graph/provenance-graph.tsx'
import type { LineageFields } from '../../graphql/fragments.ts'
import { type LineageData, lineageOperation } from '../../graphql/lineage.ts'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AssetLink, EvidenceMark } from '../../parts/references.tsx'
import { DEPTH_DEFAULT, DEPTH_MAX } from '../asset-search.ts'

const route = getRouteApi('/assets/$id')
const DRAWN_MAX = 60

type Edge = LineageFields['edges'][number]
type NamedEdge = Edge & { readonly child: Named; readonly parent: Named }
type Named = { readonly assetId: string; readonly name: string; readonly kind: string | null }

/** Where the asset comes from and what was made from it, as a graph or as a table. */
export function ProvenancePanel({ id }: { readonly id: string }): ReactElement {
  const { depth = DEPTH_DEFAULT, view = 'graph' } = route.useSearch()
  const answer = useOperation(lineageOperation, { id, depth })
  return (
    <Panel
      title="Provenance"
      unit="made from, to the left; made into, to the right"
      answer={answer}
      lines={12}
      isFlush
      before={<Controls depth={depth} view={view} />}
      sheet={(data) => sheetOf('provenance', COLUMNS, namedEdges(data))}
    >
      {(data) =>
        view === 'graph' ? (
          <Drawing data={data} id={id} />
        ) : (
          <DataTable
            label="Provenance edges"
            columns={COLUMNS}
            rows={namedEdges(data)}
            keyOf={({ childId, parentId, relation, fromBlock }) =>
              `${childId} ${parentId} ${relation} ${fromBlock}`
            }
            empty="It was made from nothing registered, and nothing registered was made from it."
          />
        )
      }
    </Panel>
  )
}

function Drawing(props: { readonly data: LineageData; readonly id: string }): ReactElement {
  const { data, id } = props
  const graph = useMemo(
    () => lineageGraph(data.upstream, data.downstream, DRAWN_MAX),
    [data.upstream, data.downstream],
  )
  const cycles = data.upstream.cycles.length + data.downstream.cycles.length
  const isCut = data.upstream.isTruncated || data.downstream.isTruncated
  return (
    <>
      <ProvenanceGraph assets={graph.assets} edges={graph.edges} focusId={id} />
      <p className="panel-note graph-note">
        {formatCounted(graph.assets.length, 'asset')}
        {', '}
        {formatCounted(graph.edges.length, 'link')}.{' '}
        {graph.edges.length === 0
          ? 'It was made from nothing registered, and nothing registered was made from it.'
          : 'Arrows point from an asset to its source; a dashed one has ended.'}
        {graph.hiddenCount > 0
          ? ` ${formatCounted(graph.hiddenCount, 'asset')} farther away are in the table.`
          : ''}
        {isCut ? ' There is more beyond this depth.' : ''}
        {cycles > 0 ? ' Some assets lead back to themselves; royalties skip such links.' : ''}
      </p>
    </>
  )
}

function Controls(props: {
  readonly depth: number
  readonly view: 'graph' | 'table'
}): ReactElement {
  const { depth, view } = props
  const navigate = route.useNavigate()
  const depthId = useId()
  const change = (next: { readonly depth?: number; readonly view?: 'graph' | 'table' }): void => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true, resetScroll: false })
  }
  return (
    <div className="filters">
      <label className="small muted" htmlFor={depthId}>
        Depth
      </label>
      <select
        id={depthId}
        className="field narrow"
        value={depth}
        onChange={(event) => change({ depth: Number(event.target.value) })}
      >
        {Array.from({ length: DEPTH_MAX }, (_, index) => (
          <option key={index + 1} value={index + 1}>
            {index + 1}
          </option>
        ))}
      </select>
      <div className="segments" role="group" aria-label="Show as">
        {(['graph', 'table'] as const).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={view === name}
            onClick={() => change({ view: name })}
          >
            {name === 'graph' ? 'Graph' : 'Table'}
          </button>
        ))}
      </div>
    </div>
  )
}

const COLUMNS: readonly Column<NamedEdge>[] = [
  {
    key: 'child',
    header: 'Asset',
    layout: 'grow',
    cell: ({ child }) => <AssetLink asset={child} />,
    text: ({ childId }) => childId,
  },
  {
    key: 'relation',
    header: 'Relation',
    cell: ({ relation }) => prose(relation ?? 'unknown'),
    text: ({ relation }) => relation ?? '',
  },
  {
    key: 'parent',
    header: 'Source',
    layout: 'grow',
    cell: ({ parent }) => <AssetLink asset={parent} />,
    text: ({ parentId }) => parentId,
  },
  {
    key: 'share_e8',
    header: 'Share of the source',
    layout: 'end',
    cell: ({ shareE8 }) => formatE8(shareE8),
    text: ({ shareE8 }) => String(shareE8),
  },
  {
    key: 'to_block',
    header: 'State',
    cell: ({ toBlock }) =>
      toBlock === null ? <Chip tone="good">In force</Chip> : <Chip>Ended</Chip>,
    text: ({ toBlock }) => (toBlock === null ? '' : String(toBlock)),
  },
  {
    key: 'from_block',
    header: 'Linked in block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ fromBlock }) => String(fromBlock),
  },
]

function namedEdges({ upstream, downstream }: LineageData): readonly NamedEdge[] {
  const names = new Map<string, Named>(
    [...upstream.nodes, ...downstream.nodes].map(({ assetId, asset }) => [
      assetId,
      { assetId, name: asset?.name ?? '', kind: asset?.kind ?? null },
    ]),
  )
  const named = (assetId: string): Named => names.get(assetId) ?? { assetId, name: '', kind: null }
  return lineageEdges(upstream, downstream).map((edge) => ({
    ...edge,
    child: named(edge.childId),
    parent: named(edge.parentId),
  }))
}
