import type { ReactElement } from 'react'

import { shortenHex } from '../../format/hex.ts'
import { AccountLink, AssetLink, EpochLink } from '../../parts/references.tsx'
import { type EventArgument, subjectKind } from './event-words.ts'

/** Names of assets by id, as far as they are known. */
export type AssetNames = ReadonlyMap<
  string,
  { readonly assetId: string; readonly name: string; readonly kind: string | null }
>

/** An argument of an event, leading to the page of what it names. */
export function ArgumentLink(props: {
  readonly argument: EventArgument
  readonly names: AssetNames
}): ReactElement {
  const { argument, names } = props
  const { name, value } = argument
  const kind = subjectKind(argument)
  switch (kind) {
    case 'asset':
      return <AssetLink asset={names.get(value) ?? { assetId: value, name: '', kind: null }} />
    case 'account':
      return <AccountLink address={value} />
    case 'epoch':
      return <EpochLink number={Number(value)} />
    case 'text':
      return <span title={`${name}: ${value}`}>{shortenHex(value)}</span>
  }
}
