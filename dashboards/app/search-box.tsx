import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react'

import { searchOperation } from '../graphql/search.ts'
import { type SearchHit, searchHits, searchVariables } from './search-hits.ts'
import { useOperation } from './use-operation.ts'

const WAIT_MS = 150

/** Finds assets, accounts, receipts, epochs and blocks; the key `/` leads here from anywhere. */
export function SearchBox(): ReactElement {
  const [text, setText] = useState('')
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const listId = useId()
  const { hits, isAsking } = useHits(text.trim())
  const open = useOpenHit()
  useSlashKey(input)
  const pick = (hit: SearchHit | undefined): void => {
    if (hit === undefined) return
    setText('')
    setOpen(false)
    input.current?.blur()
    open(hit)
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') setOpen(false)
    if (event.key === 'Enter') pick(hits[chosen])
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    const step = event.key === 'ArrowDown' ? 1 : -1
    setChosen((chosen + step + hits.length) % Math.max(1, hits.length))
  }
  const isShown = isOpen && text.trim() !== ''
  return (
    <div className="search" role="search">
      <input
        ref={input}
        className="field"
        type="text"
        role="combobox"
        aria-label="Search assets, accounts, receipts, epochs and blocks"
        aria-expanded={isShown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={isShown && hits.length > 0 ? `${listId}-${chosen}` : undefined}
        placeholder="Name, id, address, epoch"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setChosen(0)
          setOpen(true)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKey}
      />
      {text === '' ? <kbd aria-hidden="true">/</kbd> : null}
      <HitList
        id={listId}
        hits={isShown ? hits : []}
        chosen={chosen}
        choose={setChosen}
        pick={pick}
      />
      {isShown && hits.length === 0 ? (
        <div className="search-results" role="status">
          <p>
            {isAsking ? 'Looking…' : 'Nothing found. Ids, addresses and digests must be whole.'}
          </p>
        </div>
      ) : null}
    </div>
  )
}

function HitList(props: {
  readonly id: string
  readonly hits: readonly SearchHit[]
  readonly chosen: number
  readonly choose: (index: number) => void
  readonly pick: (hit: SearchHit) => void
}): ReactElement {
  const { id, hits, chosen, choose, pick } = props
  return (
    <div className="search-results" id={id} role="listbox" aria-label="Found">
      {hits.map((hit, index) => (
        <div
          key={`${hit.path} ${hit.title}`}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          onPointerDown={(event) => {
            event.preventDefault()
            pick(hit)
          }}
          onPointerMove={() => choose(index)}
        >
          <span>{hit.title}</span>
          <span className="muted">{hit.what}</span>
        </div>
      ))}
    </div>
  )
}

function useHits(text: string): {
  readonly hits: readonly SearchHit[]
  readonly isAsking: boolean
} {
  const wanted = useSettled(text, WAIT_MS)
  const answer = useOperation(searchOperation, searchVariables(wanted), wanted !== '')
  const isAnswered = wanted !== '' && wanted === text && !answer.isStale
  return {
    hits: isAnswered && answer.data !== undefined ? searchHits(wanted, answer.data) : [],
    isAsking: answer.error === null && (answer.data === undefined || !isAnswered),
  }
}

function useOpenHit(): (hit: SearchHit) => void {
  const navigate = useNavigate()
  return ({ path, block }) => {
    if (block === undefined) void navigate({ to: path })
    else void navigate({ to: '.', search: (old) => ({ ...old, block }) })
  }
}

/** The value once it has not changed for a while. */
function useSettled(value: string, waitMs: number): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), waitMs)
    return () => clearTimeout(timer)
  }, [value, waitMs])
  return settled
}

function useSlashKey(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const { target } = event
      const isTyping =
        target instanceof HTMLElement && target.closest('input, textarea, select') !== null
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [input])
}
