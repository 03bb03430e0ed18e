import { Link } from '@tanstack/react-router'
import { type ReactElement, useId, useLayoutEffect, useMemo, useRef, useState } from 'react'

import { shortenHex } from '../format/hex.ts'
import { formatE8 } from '../format/share.ts'
import { label, prose } from '../format/words.ts'
import { KindShape } from '../parts/kind-mark.tsx'
import { type Layout, type Point, layOut, smoothPath } from './layered-layout.ts'

/** An asset in the graph. */
export type GraphAsset = {
  readonly assetId: string
  readonly name: string
  readonly kind: string | null
  readonly isDisputed: boolean
}

/** A provenance edge in the graph. */
export type GraphEdge = {
  readonly childId: string
  readonly parentId: string
  readonly relation: string | null
  /** The parent's share, parts per hundred million. */
  readonly shareE8: number
  /** The block it ended at. */
  readonly toBlock: number | null
}

const SIZES = { nodeWidth: 196, nodeHeight: 46, columnGap: 148, rowGap: 14 }
const MARGIN = 24
const LABELS_MAX = 80

/**
 * Where an asset comes from (to its left) and what was made from it (to its right). Every node is a
 * link to its asset's page, in reading order; the links of the one under the pointer or focus stand out.
 */
export function ProvenanceGraph(props: {
  readonly assets: readonly GraphAsset[]
  readonly edges: readonly GraphEdge[]
  readonly focusId: string
}): ReactElement {
  const { assets, edges, focusId } = props
  const [near, setNear] = useState<string>()
  const layout = useMemo(() => layoutOf(assets, edges, focusId), [assets, edges, focusId])
  const byPlace = assets.toSorted((a, b) => order(layout, a.assetId) - order(layout, b.assetId))
  const scroll = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => centre(scroll.current, layout.nodes.get(focusId)), [layout, focusId])
  const width = layout.width + 2 * MARGIN
  const height = layout.height + 2 * MARGIN
  return (
    <div
      className="graph-scroll"
      ref={scroll}
      role="region"
      aria-label="Provenance graph; the same is in the table"
      tabIndex={0}
    >
      <div className="graph" style={{ width, height }}>
        <Links layout={layout} edges={edges} near={near} width={width} height={height} />
        {byPlace.map((asset) => (
          <Node
            key={asset.assetId}
            asset={asset}
            isFocus={asset.assetId === focusId}
            at={shift(layout.nodes.get(asset.assetId) ?? { x: 0, y: 0 })}
            point={setNear}
          />
        ))}
      </div>
    </div>
  )
}

/** Scrolls what does not fit so that the asset asked for stands in the middle. */
function centre(scroll: HTMLDivElement | null, at: Point | undefined): void {
  if (scroll === null || at === undefined) return
  scroll.scrollLeft = MARGIN + at.x + SIZES.nodeWidth / 2 - scroll.clientWidth / 2
  scroll.scrollTop = MARGIN + at.y + SIZES.nodeHeight / 2 - scroll.clientHeight / 2
}

function Links(props: {
  readonly layout: Layout
  readonly edges: readonly GraphEdge[]
  /** The asset whose links stand out. */
  readonly near: string | undefined
  readonly width: number
  readonly height: number
}): ReactElement {
  const { layout, edges, near, width, height } = props
  const markerId = useId()
  const joints = useMemo(() => joinEdges(edges), [edges])
  const lines = layout.links.map(({ link, points }) => {
    const along = joints.get(`${link.from} ${link.to}`)
    return {
      key: `${link.from} ${link.to}`,
      points: points.map(shift),
      /** Whether the source is at the line's left end, as it is outside cycles. */
      isForward: along !== undefined,
      joint: along ?? joints.get(`${link.to} ${link.from}`),
      isNear: near === link.from || near === link.to,
    }
  })
  return (
    <>
      <svg className="links" width={width} height={height} aria-hidden="true">
        <marker
          id={markerId}
          viewBox="0 0 8 8"
          refX="7.5"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path d="M0 .5 8 4 0 7.5z" fill="context-stroke" />
        </marker>
        {lines.map(({ key, points, isForward, joint, isNear }) => (
          <path
            key={key}
            className="link"
            data-near={isNear}
            data-ended={joint?.hasEnded}
            d={smoothPath(points)}
            {...{ [isForward ? 'markerStart' : 'markerEnd']: `url(#${markerId})` }}
          />
        ))}
      </svg>
      {lines
        .filter(({ isNear }) => isNear || lines.length <= LABELS_MAX)
        .map(({ key, points, joint, isNear }) => {
          const { x, y } = labelPoint(points)
          return (
            <span
              key={key}
              className="link-label"
              data-near={isNear}
              style={{ left: x, top: y }}
              aria-hidden="true"
            >
              {joint?.text}
            </span>
          )
        })}
    </>
  )
}

function Node(props: {
  readonly asset: GraphAsset
  readonly isFocus: boolean
  readonly at: Point
  readonly point: (id: string | undefined) => void
}): ReactElement {
  const { asset, isFocus, at, point } = props
  const name = asset.name === '' ? shortenHex(asset.assetId) : asset.name
  return (
    <Link
      to="/assets/$id"
      params={{ id: asset.assetId }}
      search={(old) => old}
      className="node"
      data-kind={asset.kind ?? undefined}
      data-focus={isFocus}
      data-disputed={asset.isDisputed}
      aria-current={isFocus ? 'true' : undefined}
      title={`${name}\n${asset.assetId}`}
      style={{ left: at.x, top: at.y, width: SIZES.nodeWidth, height: SIZES.nodeHeight }}
      onFocus={() => point(asset.assetId)}
      onBlur={() => point(undefined)}
      onPointerEnter={() => point(asset.assetId)}
      onPointerLeave={() => point(undefined)}
    >
      <KindShape kind={asset.kind} />
      <b>
        {name}
        <small>
          {label(asset.kind ?? 'unknown')}
          {asset.isDisputed ? ', disputed' : ''}
        </small>
      </b>
    </Link>
  )
}

type Joint = { readonly text: string; readonly hasEnded: boolean }

function layoutOf(
  assets: readonly GraphAsset[],
  edges: readonly GraphEdge[],
  focusId: string,
): Layout {
  const ids = assets.map(({ assetId }) => assetId)
  const links = edges.map(({ parentId, childId }) => ({ from: parentId, to: childId }))
  return layOut(ids, links, focusId, SIZES)
}

/** Edges between the same two assets are drawn as one line that names them all. */
function joinEdges(edges: readonly GraphEdge[]): ReadonlyMap<string, Joint> {
  const groups = Map.groupBy(edges, ({ parentId, childId }) => `${parentId} ${childId}`)
  return new Map(
    [...groups].map(([key, group]) => [
      key,
      {
        text: group
          .map(({ relation, shareE8 }) => {
            const name = prose(relation ?? 'unknown')
            return shareE8 === 0 ? name : `${name} ${formatE8(shareE8)}`
          })
          .join(', '),
        hasEnded: group.every(({ toBlock }) => toBlock !== null),
      },
    ]),
  )
}

function labelPoint(points: readonly Point[]): Point {
  const [first, second] = points.slice(-2)
  if (first === undefined || second === undefined) return { x: 0, y: 0 }
  return { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 }
}

function order(layout: Layout, id: string): number {
  const at = layout.nodes.get(id) ?? { x: 0, y: 0 }
  return at.x * 10_000 + at.y
}

function shift({ x, y }: Point): Point {
  return { x: x + MARGIN, y: y + MARGIN }
}
