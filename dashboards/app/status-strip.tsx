import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, type ReactElement, useId } from 'react'

import { formatCount, formatCounted } from '../format/digits.ts'
import { formatUtc } from '../format/time.ts'
import { Icon } from '../parts/icon.tsx'
import { type ChainReport, type ChainStatus, LAG_BLOCKS_MAX } from './chain-status.ts'
import { usePin } from './pin.ts'
import { readCount } from './url-search.ts'

/** Which chain, which block and how far behind; and the switch between the newest and a fixed block. */
export function StatusStrip({ report }: { readonly report: ChainReport }): ReactElement {
  const pin = usePin()
  const { status, error } = report
  const isBehind = (status?.lagBlocks ?? 0) > LAG_BLOCKS_MAX
  const state = error !== null || isBehind ? 'stale' : pin === undefined ? 'latest' : 'pinned'
  return (
    <div className="strip" role="region" aria-label="Chain and block" data-state={state}>
      <div className="strip-row">
        <span title={status === undefined ? undefined : `Chain id ${status.chainId}`}>
          <i className="dot" data-state={state} aria-hidden="true" />
          {status === undefined ? (
            <b>{error === null ? 'Connecting…' : 'No answer from the API'}</b>
          ) : (
            <>
              <b>{status.network}</b> chain {status.chainId}
            </>
          )}
        </span>
        {status === undefined ? null : <Progress status={status} isBehind={isBehind} />}
        {error === null ? null : (
          <span role="status">
            <code>{error.code}</code> asking again every few seconds
          </span>
        )}
        <PinSwitch pin={pin} status={status} />
      </div>
    </div>
  )
}

function Progress(props: {
  readonly status: ChainStatus
  readonly isBehind: boolean
}): ReactElement {
  const { status, isBehind } = props
  const { indexedBlock, finalBlock, lagBlocks } = status
  return (
    <>
      <span title={`Made at ${formatUtc(status.timestamp)} UTC`}>
        Newest block <b>{formatCount(indexedBlock)}</b>
      </span>
      {finalBlock === undefined ? null : (
        <span title={`Block ${finalBlock} is final: it cannot be undone any more`}>
          Final <b>{formatCount(finalBlock)}</b>
        </span>
      )}
      {lagBlocks === undefined ? null : (
        <span>
          {lagBlocks === 0 ? (
            'Up to date'
          ) : (
            <>
              <b>{formatCounted(lagBlocks, 'block')}</b> behind{isBehind ? ', numbers are old' : ''}
            </>
          )}
        </span>
      )}
    </>
  )
}

function PinSwitch(props: {
  readonly pin: number | undefined
  readonly status: ChainStatus | undefined
}): ReactElement {
  const { pin, status } = props
  const navigate = useNavigate()
  const inputId = useId()
  const go = (block: number | undefined): void => {
    void navigate({ to: '.', search: (old) => ({ ...old, block }) })
  }
  if (pin === undefined) {
    const newest = status?.indexedBlock
    return (
      <span className="strip-end">
        Showing the latest
        <button
          type="button"
          className="button"
          disabled={newest === undefined}
          title="Keep every number on this page at one block"
          onClick={() => go(newest)}
        >
          <Icon name="pin" />
          Pin this block
        </button>
      </span>
    )
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget).get('block')
    go(readCount(typed) ?? pin)
  }
  return (
    <form className="strip-end" onSubmit={submit} key={pin}>
      <label htmlFor={inputId}>
        <b>Pinned at block</b>
      </label>
      <input
        id={inputId}
        name="block"
        className="field"
        inputMode="numeric"
        pattern="[0-9]*"
        defaultValue={pin}
        autoComplete="off"
      />
      <button type="submit" className="button">
        Go
      </button>
      <button type="button" className="button" onClick={() => go(undefined)}>
        Latest
      </button>
    </form>
  )
}
