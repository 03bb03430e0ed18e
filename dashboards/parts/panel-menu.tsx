import { type ReactElement, useEffect, useRef, useState } from 'react'

import type { Question } from '../app/use-operation.ts'
import { CopyButton } from './copy-button.tsx'
import { Icon } from './icon.tsx'
import { type Sheet, download, sheetToCsv } from './sheet.ts'

type Switch = { readonly isOn: boolean; readonly toggle: () => void }

/** What can be done with a panel: see every digit, its table, its CSV, its GraphQL. */
export function PanelMenu(props: {
  readonly title: string
  readonly question: Question
  readonly sheet: (() => Sheet) | undefined
  readonly digits: Switch
  readonly table: Switch | undefined
}): ReactElement {
  const { title, question, sheet, digits, table } = props
  const [isOpen, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  useCloseOutside(isOpen, box, () => setOpen(false))
  const pick = (act: () => void) => () => {
    setOpen(false)
    button.current?.focus()
    act()
  }
  return (
    <div
      className="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return
        setOpen(false)
        button.current?.focus()
      }}
    >
      <button
        type="button"
        className="icon-button"
        ref={button}
        aria-expanded={isOpen}
        aria-label={`More about ${title}`}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="more" />
      </button>
      {isOpen ? (
        <div className="menu-list">
          {table === undefined ? null : (
            <button type="button" onClick={pick(table.toggle)}>
              {table.isOn ? 'Show the drawing' : 'Show as a table'}
            </button>
          )}
          <button type="button" aria-pressed={digits.isOn} onClick={pick(digits.toggle)}>
            {digits.isOn ? 'Fewer digits' : 'Every digit'}
          </button>
          {sheet === undefined ? null : (
            <button type="button" onClick={pick(() => saveCsv(sheet()))}>
              Download CSV
            </button>
          )}
          <button type="button" onClick={pick(() => dialog.current?.showModal())}>
            GraphQL query
          </button>
        </div>
      ) : null}
      <QuestionDialog title={title} question={question} dialog={dialog} />
    </div>
  )
}

function QuestionDialog(props: {
  readonly title: string
  readonly question: Question
  readonly dialog: React.RefObject<HTMLDialogElement | null>
}): ReactElement {
  const { title, question, dialog } = props
  const variables = JSON.stringify(question.variables, null, 2)
  return (
    <dialog className="sheet" ref={dialog} aria-label={`GraphQL query of ${title}`}>
      <div className="sheet-head">
        <h2>{title}: POST /graphql</h2>
        <CopyButton
          text={JSON.stringify({ query: question.text, variables: question.variables })}
          what="the request's body"
        />
        <button
          type="button"
          className="icon-button"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </div>
      <pre className="code" tabIndex={0}>
        {question.text}
        {'\n\n# variables\n'}
        {variables}
      </pre>
    </dialog>
  )
}

function saveCsv(sheet: Sheet): void {
  download(`${sheet.name}.csv`, 'text/csv', sheetToCsv(sheet))
}

function useCloseOutside(
  isOpen: boolean,
  box: React.RefObject<HTMLElement | null>,
  close: () => void,
): void {
  useEffect(() => {
    if (!isOpen) return
    const onOutside = (event: Event): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) close()
    }
    document.addEventListener('pointerdown', onOutside)
    document.addEventListener('focusin', onOutside)
    return () => {
      document.removeEventListener('pointerdown', onOutside)
      document.removeEventListener('focusin', onOutside)
    }
  })
}
