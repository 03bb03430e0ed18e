import { type ReactElement, type ReactNode, useId, useState } from 'react'

import type { Answer } from '../app/use-operation.ts'
import { formatCount } from '../format/digits.ts'
import { EveryDigitContext } from './amount.tsx'
import { PanelMenu } from './panel-menu.tsx'
import { Problem } from './problem.tsx'
import { SheetTable } from './sheet-table.tsx'
import type { Sheet } from './sheet.ts'

type PanelProps<Data> = {
  readonly title: string
  /** What the numbers are counted in. */
  readonly unit?: string
  readonly answer: Answer<Data>
  /** The panel's rows as text: its CSV file, and its table where it is no table itself. */
  readonly sheet?: (data: Data) => Sheet
  /** True when the panel shows no table of its own, so that one is offered. */
  readonly hasTable?: boolean
  /** How many lines of text to keep free while the first answer is under way. */
  readonly lines?: number
  /** True when the content reaches the panel's edges. */
  readonly isFlush?: boolean
  readonly span?: 4 | 5 | 6 | 7 | 8
  readonly note?: ReactNode
  /** What stands above the content and stays while it changes: filters. */
  readonly before?: ReactNode
  readonly children: (data: Data) => ReactNode
}

/** A titled part of a page: content, the block it was read at, and a menu to take it along. */
export function Panel<Data>(props: PanelProps<Data>): ReactElement {
  const { title, unit, answer, sheet, lines = 6, isFlush = false, span, note } = props
  const titleId = useId()
  const [everyDigit, setEveryDigit] = useState(false)
  const [asTable, setAsTable] = useState(false)
  const { data } = answer
  const rows = data === undefined || sheet === undefined ? undefined : () => sheet(data)
  return (
    <EveryDigitContext value={everyDigit}>
      <section
        className={span === undefined ? 'panel' : `panel span-${span}`}
        aria-labelledby={titleId}
        aria-busy={data === undefined && answer.error === null}
      >
        <div className="panel-head">
          <h2 id={titleId}>
            {title}
            {unit === undefined ? null : <small>{unit}</small>}
          </h2>
          <AsOf answer={answer} />
          <PanelMenu
            title={title}
            question={answer.question}
            sheet={rows}
            digits={{ isOn: everyDigit, toggle: () => setEveryDigit(!everyDigit) }}
            table={
              props.hasTable === true && rows !== undefined
                ? { isOn: asTable, toggle: () => setAsTable(!asTable) }
                : undefined
            }
          />
        </div>
        {note === undefined ? null : <p className="panel-note">{note}</p>}
        {props.before}
        <div className={isFlush ? 'panel-body flush' : 'panel-body'}>
          {data !== undefined && asTable && rows !== undefined ? (
            <SheetTable sheet={rows()} label={title} />
          ) : data === undefined ? (
            <Absent answer={answer} lines={lines} isFlush={isFlush} />
          ) : (
            props.children(data)
          )}
        </div>
      </section>
    </EveryDigitContext>
  )
}

function AsOf({ answer }: { readonly answer: Answer<unknown> }): ReactElement | null {
  if (answer.asOf === undefined) return null
  const failed = answer.error !== null
  return (
    <span className="as-of" data-stale={failed} title={failed ? answer.error.message : undefined}>
      {failed ? 'last known, ' : ''}block {formatCount(answer.asOf)}
    </span>
  )
}

function Absent(props: {
  readonly answer: Answer<unknown>
  readonly lines: number
  readonly isFlush: boolean
}): ReactElement {
  if (props.answer.error !== null) {
    return <Problem error={props.answer.error} retry={props.answer.retry} />
  }
  return (
    <div
      className="waiting"
      style={{
        minHeight: `${props.lines * 2.375}rem`,
        paddingInline: props.isFlush ? '1rem' : undefined,
      }}
    >
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: Math.min(props.lines, 6) }, (_, index) => (
        <i key={index} style={{ width: `${[92, 64, 78, 55, 70, 40][index] ?? 60}%` }} />
      ))}
    </div>
  )
}
