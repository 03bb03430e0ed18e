import type { ReactElement, ReactNode } from 'react'

/** A row of figures; `isBusy` while they are not known. */
export function Figures(props: {
  readonly isBusy: boolean
  readonly children: ReactNode
}): ReactElement {
  return (
    <dl className="figures" aria-busy={props.isBusy}>
      {props.children}
    </dl>
  )
}

/** A number worth a headline: its name, itself, and a remark; keeps its room while it is absent. */
export function Figure(props: {
  readonly name: string
  readonly value: ReactNode
  readonly note?: ReactNode
}): ReactElement {
  return (
    <div className="figure">
      <dt>{props.name}</dt>
      <dd>{props.value ?? <span className="muted">–</span>}</dd>
      <dd>{props.note ?? '\u00A0'}</dd>
    </div>
  )
}
