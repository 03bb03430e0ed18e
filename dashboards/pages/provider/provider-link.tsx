import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { shortenHex } from '../../format/hex.ts'
import { CopyButton } from '../../parts/copy-button.tsx'

/** An account in its role as a provider, leading to what is known of its receipts. */
export function ProviderLink(props: {
  readonly address: string
  readonly name?: string | undefined
}): ReactElement {
  const { address, name } = props
  return (
    <span className="hex">
      <Link to="/providers/$address" params={{ address }} title={address}>
        {name === undefined || name === '' ? shortenHex(address) : name}
      </Link>
      <CopyButton text={address} what={`address ${address}`} />
    </span>
  )
}
