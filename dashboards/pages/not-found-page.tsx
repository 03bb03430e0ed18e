import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { useTitle } from '../app/use-title.ts'

/** Says that nothing is here, and where there is something. */
export function NotFoundPage(props: { readonly what?: string }): ReactElement {
  useTitle('Not found')
  return (
    <div className="page-head">
      <div>
        <h1>{props.what ?? 'There is no such page'}</h1>
        <p>
          Press <kbd>/</kbd> to search by name, id, address or digest, or begin at the{' '}
          <Link to="/">overview</Link>.
        </p>
      </div>
    </div>
  )
}
