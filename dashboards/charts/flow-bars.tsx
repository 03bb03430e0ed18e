import type { ReactElement, ReactNode } from 'react'

import { fractionOf, maximumOf } from './scale.ts'

/** An amount that came in or went out. */
export type FlowBar = {
  readonly label: string
  readonly value: bigint
  readonly shown: ReactNode
  readonly isOut: boolean
}

/** Amounts in and out on one scale, each with its number. */
export function FlowBars(props: {
  readonly label: string
  readonly bars: readonly FlowBar[]
}): ReactElement {
  const top = maximumOf(props.bars.map(({ value }) => value))
  return (
    <ul className="flow-bars" aria-label={props.label}>
      {props.bars.map(({ label, value, shown, isOut }) => (
        <li key={label} data-out={isOut}>
          <span>
            <span className="flow-sign">{isOut ? 'out' : 'in'}</span> {label}
          </span>
          <span>{shown}</span>
          <i aria-hidden="true" style={{ width: `${barWidth(value, top)}%` }} />
        </li>
      ))}
    </ul>
  )
}

/** What exists is seen: a bar is never thinner than half a percent. */
function barWidth(value: bigint, top: bigint): number {
  return value > 0n ? Math.max(0.5, 100 * fractionOf(value, top)) : 0
}
