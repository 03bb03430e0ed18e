import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { formatCount } from '../format/digits.ts'
import { shortenHex } from '../format/hex.ts'
import { formatUtc } from '../format/time.ts'
import { CopyButton } from './copy-button.tsx'
import { KindShape } from './kind-mark.tsx'

/** A hash or other hex text: shortened, whole in its title, to be copied. */
export function Hash(props: { readonly hex: string; readonly what: string }): ReactElement {
  return (
    <span className="hex">
      <span title={props.hex}>{shortenHex(props.hex)}</span>
      <CopyButton text={props.hex} what={`${props.what} ${props.hex}`} />
    </span>
  )
}

/** An account, leading to its page. */
export function AccountLink(props: { readonly address: string }): ReactElement {
  const { address } = props
  return (
    <span className="hex">
      <Link to="/accounts/$address" params={{ address }} title={address}>
        {shortenHex(address)}
      </Link>
      <CopyButton text={address} what={`address ${address}`} />
    </span>
  )
}

/** An asset by sign and name, leading to its page. */
export function AssetLink(props: {
  readonly asset: { readonly assetId: string; readonly name: string; readonly kind: string | null }
}): ReactElement {
  const { assetId: id, name, kind } = props.asset
  return (
    <span className="kind" data-kind={kind ?? undefined}>
      <KindShape kind={kind} />
      <Link to="/assets/$id" params={{ id }} title={id}>
        {name === '' ? shortenHex(id) : name}
      </Link>
    </span>
  )
}

/** A receipt, leading to its page. */
export function ReceiptLink(props: { readonly digest: string }): ReactElement {
  const { digest } = props
  return (
    <span className="hex">
      <Link to="/receipts/$digest" params={{ digest }} title={digest}>
        {shortenHex(digest)}
      </Link>
      <CopyButton text={digest} what={`digest ${digest}`} />
    </span>
  )
}

/** An epoch, leading to its page. */
export function EpochLink(props: { readonly number: number }): ReactElement {
  return (
    <Link to="/epochs/$number" params={{ number: String(props.number) }}>
      Epoch {formatCount(props.number)}
    </Link>
  )
}

/** The event that something comes from: block, with transaction, log and time in the title. */
export function EvidenceMark(props: {
  readonly evidence: {
    readonly block: number
    readonly transactionHash: string
    readonly logIndex: number
    readonly timestamp: number
  } | null
}): ReactElement {
  const { evidence } = props
  if (evidence === null) return <span className="muted">not on chain</span>
  const { block, transactionHash, logIndex, timestamp } = evidence
  return (
    <span className="evidence">
      <span title={`${formatUtc(timestamp)} UTC\nTransaction ${transactionHash}\nLog ${logIndex}`}>
        {formatCount(block)}
      </span>
      <CopyButton
        text={transactionHash}
        what={`the transaction of block ${block}, ${transactionHash}`}
      />
    </span>
  )
}
