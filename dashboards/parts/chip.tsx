import type { ReactElement, ReactNode } from 'react'

import { label } from '../format/words.ts'

const TONES: Readonly<Record<string, 'good' | 'bad' | 'warn' | 'accent'>> = {
  ACTIVE: 'good',
  ANCHORED: 'good',
  UPHELD: 'bad',
  REJECTED: 'bad',
  REVOKED: 'bad',
  CHALLENGED: 'warn',
  OPEN: 'warn',
  PENDING: 'warn',
  PROPOSED: 'accent',
  CLOSED: 'accent',
}

/** A state in one word; the tone repeats what the word says. */
export function StatusChip({ status }: { readonly status: string | null }): ReactElement {
  const word = status ?? 'unknown'
  return (
    <span className="chip" data-tone={TONES[word]}>
      {label(word)}
    </span>
  )
}

/** A short remark. */
export function Chip(props: {
  readonly tone?: 'good' | 'bad' | 'warn' | 'accent'
  readonly children: ReactNode
}): ReactElement {
  return (
    <span className="chip" data-tone={props.tone}>
      {props.children}
    </span>
  )
}
