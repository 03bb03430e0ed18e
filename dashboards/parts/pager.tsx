import type { ReactElement } from 'react'

import { formatCount } from '../format/digits.ts'

/** Where a page of a list stands: the cursor it starts after and how many rows come before it. */
export type PagePlace = { readonly after?: string | undefined; readonly offset: number }

/** Pages of a list, forwards and back to the start. */
export function Pager(props: {
  readonly place: PagePlace
  readonly shown: number
  readonly total: number
  readonly noun: string
  readonly next: string | null
  readonly go: (place: PagePlace) => void
}): ReactElement {
  const { place, shown, total, noun, next, go } = props
  const first = shown === 0 ? 0 : place.offset + 1
  return (
    <nav className="pager" aria-label={`Pages of ${noun}`}>
      <span>
        {formatCount(first)}–{formatCount(place.offset + shown)} of {formatCount(total)} {noun}
      </span>
      <div>
        <button
          type="button"
          className="button"
          disabled={place.after === undefined}
          onClick={() => go({ offset: 0 })}
        >
          First page
        </button>
        <button
          type="button"
          className="button"
          disabled={next === null}
          onClick={() => {
            if (next !== null) go({ after: next, offset: place.offset + shown })
          }}
        >
          Next page
        </button>
      </div>
    </nav>
  )
}
