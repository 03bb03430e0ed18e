import type { ReactElement, ReactNode } from 'react'

import { barWidths } from './scale.ts'

/** One finger of the comb. */
export type CombPart = {
  readonly key: string
  readonly label: ReactNode
  readonly value: bigint
  /** The value as it is read, and its share. */
  readonly shown: ReactNode
  /** Drawn before the label instead of a square of the colour. */
  readonly mark?: ReactNode
  readonly share: string
  /** A colour of the series, 1 to 6, or the kind of asset whose colour it is. */
  readonly tone?: number
  readonly kind?: string
}

/** Parts of a whole as one bar, divided like the flow at a foggara's comb, and as a list. */
export function CombBar(props: {
  readonly label: string
  readonly parts: readonly CombPart[]
  /** False where a table next to it says the same. */
  readonly hasLegend?: boolean
}): ReactElement {
  const widths = barWidths(props.parts.map(({ value }) => value))
  return (
    <figure>
      <div className="comb" aria-hidden="true">
        {props.parts.map((part, index) =>
          part.value > 0n ? (
            <i
              key={part.key}
              data-tone={part.tone}
              data-kind={part.kind}
              style={{ width: `${widths[index] ?? 0}%` }}
            />
          ) : null,
        )}
      </div>
      {props.hasLegend === false ? null : (
        <ul className="comb-legend" aria-label={props.label}>
          {props.parts.map((part) => (
            <li key={part.key} data-tone={part.tone} data-kind={part.kind}>
              {part.mark ?? <i aria-hidden="true" />}
              <span>{part.label}</span>
              <span>{part.shown}</span>
              <span className="muted">{part.share}</span>
            </li>
          ))}
        </ul>
      )}
    </figure>
  )
}
