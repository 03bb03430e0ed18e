import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { type Answer, useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount } from '../format/digits.ts'
import { isAddress, shortenHex } from '../format/hex.ts'
import { type ProviderData, providerOperation } from '../graphql/provider.ts'
import { HeadlineAmount } from '../parts/amount.tsx'
import { Chip } from '../parts/chip.tsx'
import { DataTable, sheetOf } from '../parts/data-table.tsx'
import { Figure, Figures } from '../parts/figure.tsx'
import { Panel } from '../parts/panel.tsx'
import { Problem } from '../parts/problem.tsx'
import { AccountLink } from '../parts/references.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { AnchorsPanel, SignedBatchesPanel } from './provider/batch-panels.tsx'
import { EVIDENCE_COLUMNS, type EvidenceRow, evidenceKey } from './provider/evidence-columns.tsx'
import { FINDINGS } from './provider/finding-words.ts'
import { KeysPanel, QuarantinePanel, RefusedPanel } from './provider/signer-panels.tsx'

const route = getRouteApi('/providers/$address')

type Provider = NonNullable<ProviderData['provider']>

/** A compute provider: whether what it delivered is what it anchored, and what shows it. */
export function ProviderPage(): ReactElement {
  const address = route.useParams({ select: (params) => params.address.toLowerCase() })
  const answer = useOperation(providerOperation, { address }, isAddress(address))
  useTitle(`Provider ${shortenHex(address)}`)
  if (!isAddress(address)) return <NotFoundPage what={`“${address}” is not an address`} />
  const provider = answer.data?.provider
  if (provider === null) {
    const what = `No provider ${shortenHex(address)} at block ${answer.asOf ?? 0}`
    return <NotFoundPage what={what} />
  }
  return (
    <>
      <ProviderHead address={address} provider={provider} />
      {provider === undefined && answer.error !== null ? (
        <Problem error={answer.error} retry={answer.retry} />
      ) : (
        <div className="grid">
          <ProviderFigures provider={provider} />
          <EvidencePanel answer={answer} />
          <AnchorsPanel answer={answer} />
          <SignedBatchesPanel answer={answer} />
          <KeysPanel answer={answer} />
          <QuarantinePanel answer={answer} />
          <RefusedPanel answer={answer} />
        </div>
      )}
    </>
  )
}

function ProviderHead(props: {
  readonly address: string
  readonly provider: Provider | undefined
}): ReactElement {
  const { address, provider } = props
  const name = provider?.name ?? ''
  const codes = [...new Set(provider?.findingEvidence.nodes.map(({ code }) => code ?? ''))]
  return (
    <div className="page-head">
      <div>
        <div className="title">
          <h1>{name === '' ? `Provider ${shortenHex(address)}` : name}</h1>
          {codes.map((code) => (
            <Chip key={code} tone="bad">
              {FINDINGS[code] ?? code}
            </Chip>
          ))}
          {provider !== undefined && codes.length === 0 ? <Chip tone="good">In order</Chip> : null}
        </div>
        <p>
          Account <AccountLink address={address} />
        </p>
      </div>
    </div>
  )
}

function ProviderFigures({ provider }: { readonly provider: Provider | undefined }): ReactElement {
  const keys = provider?.signerDeliveries.nodes ?? []
  const total = (count: (key: (typeof keys)[number]) => number): string =>
    formatCount(keys.reduce((sum, key) => sum + count(key), 0))
  return (
    <Figures isBusy={provider === undefined}>
      <Figure
        name="Receipts that count"
        value={provider && formatCount(provider.receiptCount)}
        note="anchored, with their bodies"
      />
      <Figure
        name="Their fees"
        value={provider && <HeadlineAmount units={provider.feeTotal} />}
        note="all epochs"
      />
      <Figure
        name="Delivered"
        value={provider && total(({ receiptCount }) => receiptCount)}
        note={provider && `${total(({ batchedCount }) => batchedCount)} in signed batches`}
      />
      <Figure
        name="Late"
        value={provider && total(({ lateCount }) => lateCount)}
        note="after their epoch had closed"
      />
      <Figure
        name="Back-dated"
        value={provider && total(({ backDatedCount }) => backDatedCount)}
        note="came a day or more after their end"
      />
      <Figure
        name="Out of order"
        value={provider && total(({ disorderedCount }) => disorderedCount)}
        note="came after a higher nonce"
      />
    </Figures>
  )
}

function EvidencePanel({ answer }: { readonly answer: Answer<ProviderData> }): ReactElement {
  const rows = ({ provider }: ProviderData): readonly EvidenceRow[] =>
    provider?.findingEvidence.nodes ?? []
  return (
    <Panel
      title="What it is named for"
      unit="no reward changes by it"
      answer={answer}
      lines={3}
      isFlush
      sheet={(data) => sheetOf('evidence', EVIDENCE_COLUMNS, rows(data))}
    >
      {(data) => (
        <DataTable
          label="What it is named for"
          columns={EVIDENCE_COLUMNS}
          rows={rows(data)}
          keyOf={evidenceKey}
          empty="Nothing: what it anchored and what it delivered agree, and no nonce or batch is missing."
        />
      )}
    </Panel>
  )
}
