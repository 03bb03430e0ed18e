import type { ReactElement } from 'react'

import { fractionOf } from '../charts/scale.ts'

/** A bar as long as a number is large; the number itself stands beside it. */
export function MeterBar(props: { readonly value: bigint; readonly top: bigint }): ReactElement {
  return (
    <span className="meter" aria-hidden="true">
      <i style={{ width: `${100 * fractionOf(props.value, props.top)}%` }} />
    </span>
  )
}
