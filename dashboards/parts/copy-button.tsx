import { type ReactElement, useEffect, useState } from 'react'

import { Icon } from './icon.tsx'

const SHOWN_MS = 1500

/** A button that copies text and says so. */
export function CopyButton(props: { readonly text: string; readonly what: string }): ReactElement {
  const { isCopied, copy } = useCopy(props.text)
  return (
    <button type="button" className="copy" aria-label={`Copy ${props.what}`} onClick={copy}>
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span className="visually-hidden" role="status">
        {isCopied ? 'Copied' : ''}
      </span>
    </button>
  )
}

/** Copies text to the clipboard; `isCopied` holds for a moment after. */
export function useCopy(text: string): { readonly isCopied: boolean; readonly copy: () => void } {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return {
    isCopied,
    copy: () => {
      navigator.clipboard.writeText(text).then(
        () => setCopied(true),
        () => setCopied(false),
      )
    },
  }
}
