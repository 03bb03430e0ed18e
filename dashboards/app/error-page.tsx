import type { ErrorComponentProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { Problem } from '../parts/problem.tsx'

/** Stands in for a page that could not be shown. */
export function ErrorPage({ error, reset }: ErrorComponentProps): ReactElement {
  return (
    <>
      <h1>This page could not be shown</h1>
      <Problem
        error={{
          code: 'PAGE_FAILED',
          message: error instanceof Error ? error.message : String(error),
          hint: 'Reload the page; if it fails again, the message above says where.',
        }}
        retry={reset}
      />
    </>
  )
}
