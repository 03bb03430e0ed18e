import { type KeyboardEvent, type ReactElement, useState } from 'react'

import { fractionOf, maximumOf, niceCeiling } from './scale.ts'

/** One row of columns under its own scale. */
export type Track = {
  readonly label: string
  /** One value per bucket. */
  readonly values: readonly bigint[]
  /** How a value is read out and the top of the scale written: every digit. */
  readonly format: (value: bigint) => string
  readonly tone: number
}

const HEIGHT = 84

/**
 * Columns over the same buckets, one track below the other. The arrow keys move a cursor through the
 * buckets, which is read out; the numbers above the columns follow it.
 */
export function SeriesChart(props: {
  readonly label: string
  readonly tracks: readonly Track[]
  /** The name of each bucket. */
  readonly buckets: readonly string[]
  /** What stands below the left and the right end. */
  readonly ends: readonly [string, string]
}): ReactElement {
  const { label, tracks, buckets, ends } = props
  const [cursor, setCursor] = useState<number>()
  const move = (event: KeyboardEvent): void => {
    const last = buckets.length - 1
    const to = KEYS[event.key]?.(cursor ?? last + 1, last)
    if (event.key === 'Escape') setCursor(undefined)
    if (to === undefined) return
    event.preventDefault()
    setCursor(Math.max(0, Math.min(last, to)))
  }
  const named = cursor === undefined ? undefined : buckets[cursor]
  return (
    <div
      className="chart"
      role="group"
      aria-roledescription="chart"
      aria-label={`${label}. The arrow keys read it bucket by bucket.`}
      tabIndex={0}
      onKeyDown={move}
      onBlur={() => setCursor(undefined)}
      onPointerLeave={() => setCursor(undefined)}
    >
      {tracks.map((track) => (
        <TrackColumns key={track.label} track={track} cursor={cursor} point={setCursor} />
      ))}
      <div className="axis">
        <span>{ends[0]}</span>
        <b aria-hidden="true">{named ?? ''}</b>
        <span>{ends[1]}</span>
      </div>
      <span className="visually-hidden" aria-live="polite">
        {cursor === undefined ? '' : `${named ?? ''}: ${readOut(tracks, cursor)}`}
      </span>
    </div>
  )
}

const KEYS: Readonly<Record<string, (cursor: number, last: number) => number>> = {
  ArrowLeft: (cursor) => cursor - 1,
  ArrowRight: (cursor) => cursor + 1,
  Home: () => 0,
  End: (_cursor, last) => last,
}

function TrackColumns(props: {
  readonly track: Track
  readonly cursor: number | undefined
  readonly point: (index: number) => void
}): ReactElement {
  const { track, cursor, point } = props
  const top = niceCeiling(maximumOf(track.values))
  const step = 100 / Math.max(1, track.values.length)
  const shown = cursor === undefined ? undefined : track.values[cursor]
  return (
    <div className="track" data-tone={track.tone}>
      <div className="track-head">
        <span>
          {track.label} {shown === undefined ? null : <b>{track.format(shown)}</b>}
        </span>
        <span title="Top of the scale">{track.format(top)}</span>
      </div>
      <svg height={HEIGHT} aria-hidden="true">
        <line className="rule" x1="0" x2="100%" y1="0.5" y2="0.5" />
        <line className="rule" x1="0" x2="100%" y1={HEIGHT / 2} y2={HEIGHT / 2} />
        {track.values.map((value, index) => {
          const height = value > 0n ? Math.max(1.5, fractionOf(value, top) * HEIGHT) : 0
          return (
            <rect
              key={index}
              className="column"
              data-dim={cursor !== undefined && cursor !== index}
              x={`${index * step + step * 0.1}%`}
              width={`${step * 0.8}%`}
              y={HEIGHT - height}
              height={height}
            />
          )
        })}
        <line className="base" x1="0" x2="100%" y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {track.values.map((_, index) => (
          <rect
            key={index}
            className="hit"
            x={`${index * step}%`}
            width={`${step}%`}
            y={0}
            height={HEIGHT}
            onPointerEnter={() => point(index)}
          />
        ))}
      </svg>
    </div>
  )
}

function readOut(tracks: readonly Track[], index: number): string {
  return tracks
    .map((track) => `${track.label} ${track.format(track.values[index] ?? 0n)}`)
    .join(', ')
}
