import type { ReactElement } from 'react'

import { label } from '../format/words.ts'

const SHAPES: Readonly<Record<string, string>> = {
  MODEL: 'M6 .6 10.8 3.300v5.400L6 11.400 1.200 8.700V3.300z',
  DATASET: 'M1 1.500h10v2.400H1zM1 4.800h10v2.400H1zM1 8.100h10v2.400H1z',
  AGENT: 'M6 .8a5.200 5.200 0 1 1 0 10.400A5.200 5.200 0 0 1 6 .8',
  TOOL: 'M6 .300 11.700 6 6 11.700.300 6z',
  COMPUTE: 'M1.200 1.200h9.600v9.600H1.200z',
}

/** The sign of a kind of asset: its shape differs as well as its colour. */
export function KindShape({ kind }: { readonly kind: string | null }): ReactElement {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
      <path d={SHAPES[kind ?? ''] ?? SHAPES['AGENT']} />
    </svg>
  )
}

/** A kind of asset by sign and name. */
export function KindMark({ kind }: { readonly kind: string | null }): ReactElement {
  return (
    <span className="kind" data-kind={kind ?? undefined}>
      <KindShape kind={kind} />
      {kind === null ? 'Unknown' : label(kind)}
    </span>
  )
}
