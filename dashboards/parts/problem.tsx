import type { ReactElement } from 'react'

/** An error with its code and what to do about it. */
export function Problem(props: {
  readonly error: {
    readonly code?: string
    readonly message: string
    readonly hint?: string | undefined
  }
  readonly retry?: () => void
}): ReactElement {
  const { error, retry } = props
  return (
    <div className="problem" role="alert">
      <p>
        <code>{error.code ?? 'UNEXPECTED'}</code> {error.message}
      </p>
      {error.hint === undefined ? null : <p className="small">{error.hint}</p>}
      {retry === undefined ? null : (
        <button type="button" className="button" onClick={retry}>
          Ask again
        </button>
      )}
    </div>
  )
}
