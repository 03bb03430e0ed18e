import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { type Answer, useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount } from '../format/digits.ts'
import { isBytes32, shortenHex } from '../format/hex.ts'
import { formatDuration, formatUtc } from '../format/time.ts'
import { label } from '../format/words.ts'
import { type ReceiptData, receiptOperation } from '../graphql/receipt.ts'
import { HeadlineAmount } from '../parts/amount.tsx'
import { StatusChip } from '../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../parts/data-table.tsx'
import { Panel } from '../parts/panel.tsx'
import { Problem } from '../parts/problem.tsx'
import { AccountLink, AssetLink, EvidenceMark, Hash } from '../parts/references.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { ProviderLink } from './provider/provider-link.tsx'

const route = getRouteApi('/receipts/$digest')

type Receipt = NonNullable<ReceiptData['receipt']>

/** One signed record of compute: who ran what for whom, with which assets, and where it is anchored. */
export function ReceiptPage(): ReactElement {
  const digest = route.useParams({ select: (params) => params.digest.toLowerCase() })
  const answer = useOperation(receiptOperation, { digest }, isBytes32(digest))
  useTitle(`Receipt ${shortenHex(digest)}`)
  if (!isBytes32(digest)) return <NotFoundPage what={`“${digest}” is not a receipt's digest`} />
  const receipt = answer.data?.receipt
  if (receipt === null) {
    return <NotFoundPage what={`No receipt ${shortenHex(digest)} at block ${answer.asOf ?? 0}`} />
  }
  return (
    <>
      <div className="page-head">
        <div>
          <div className="title">
            <h1>Receipt {shortenHex(digest)}</h1>
            {receipt === undefined ? null : <StatusChip status={receipt.status} />}
          </div>
          <p>
            Signed by the provider of the compute. It counts for rewards once a batch on chain
            anchors it.
          </p>
        </div>
      </div>
      {receipt === undefined && answer.error !== null ? (
        <Problem error={answer.error} retry={answer.retry} />
      ) : (
        <div className="grid">
          <Panel title="What ran" answer={answer} span={6} lines={9}>
            {(data) => (data.receipt === null ? null : <Work receipt={data.receipt} />)}
          </Panel>
          <Panel title="Evidence" answer={answer} span={6} lines={9}>
            {(data) => (data.receipt === null ? null : <Evidence receipt={data.receipt} />)}
          </Panel>
          <AssetsUsed answer={answer} />
        </div>
      )}
    </>
  )
}

function Work({ receipt }: { readonly receipt: Receipt }): ReactElement {
  const started = Number(receipt.startedAtSeconds)
  const finished = Number(receipt.finishedAtSeconds)
  return (
    <dl className="facts">
      <dt>Work</dt>
      <dd>{label(receipt.workload ?? 'unknown')}</dd>
      <dt>Provider</dt>
      <dd>
        <ProviderLink address={receipt.provider.address} name={receipt.providerRecord?.name} />
      </dd>
      <dt>Consumer</dt>
      <dd>
        <AccountLink address={receipt.consumer.address} />
      </dd>
      <dt>Fee</dt>
      <dd>
        <HeadlineAmount units={receipt.fee} />
      </dd>
      <dt>Units</dt>
      <dd>{formatCount(receipt.units)}</dd>
      <dt>Started</dt>
      <dd>{formatUtc(started)} UTC</dd>
      <dt>Ran for</dt>
      <dd>{formatDuration(finished - started)}</dd>
      <dt>Input</dt>
      <dd>
        <Hash hex={receipt.inputHash} what="input hash" />
      </dd>
      <dt>Output</dt>
      <dd>
        <Hash hex={receipt.outputHash} what="output hash" />
      </dd>
    </dl>
  )
}

function Evidence({ receipt }: { readonly receipt: Receipt }): ReactElement {
  const { batch } = receipt
  return (
    <dl className="facts">
      <dt>Digest</dt>
      <dd>
        <Hash hex={receipt.digest} what="digest" />
      </dd>
      <dt>Signed by</dt>
      <dd>
        <AccountLink address={receipt.signer.address} />
      </dd>
      <dt>Signature</dt>
      <dd>
        <Hash hex={receipt.signature} what="signature" />
      </dd>
      <dt>Nonce</dt>
      <dd>{formatCount(receipt.nonce)}</dd>
      <dt>Proven by</dt>
      <dd>
        {receipt.provenBy === 'OWN_SIGNATURE' ? 'its own signature' : 'the signature of its batch'}
      </dd>
      {receipt.delivery === null ? null : (
        <>
          <dt>Came</dt>
          <dd>
            {formatUtc(receipt.delivery.receivedAtSeconds)} UTC
            {receipt.delivery.isLate ? ', after its epoch had closed' : ''}
          </dd>
          <dt>Signed batch</dt>
          <dd>
            {receipt.delivery.signedBatch === null ? (
              'it came alone'
            ) : (
              <>
                <Hash hex={receipt.delivery.signedBatch.digest} what="signed batch" /> number{' '}
                {formatCount(receipt.delivery.signedBatch.sequence)} of its signer
              </>
            )}
          </dd>
        </>
      )}
      <dt>Anchored in block</dt>
      <dd>
        <EvidenceMark evidence={receipt.evidence} />
      </dd>
      {batch === null ? null : (
        <>
          <dt>Batch</dt>
          <dd>
            {formatCount(batch.batchId)}, {formatCount(batch.validCount)} of{' '}
            {formatCount(batch.receiptCount)} receipts count
          </dd>
          <dt>Batch root</dt>
          <dd>
            <Hash hex={batch.root} what="batch root" />
          </dd>
        </>
      )}
    </dl>
  )
}

type Used = Receipt['assets'][number]

function AssetsUsed({ answer }: { readonly answer: Answer<ReceiptData> }): ReactElement {
  return (
    <Panel
      title="Assets used"
      answer={answer}
      lines={3}
      isFlush
      sheet={({ receipt }) => sheetOf('assets-used', ASSETS, receipt?.assets ?? [])}
    >
      {({ receipt }) => (
        <DataTable
          label="Assets used"
          columns={ASSETS}
          rows={(receipt?.assets ?? []).filter((asset) => asset !== null)}
          keyOf={(asset) => asset?.assetId ?? ''}
          empty="None of the assets it names is registered."
        />
      )}
    </Panel>
  )
}

const ASSETS: readonly Column<Used>[] = [
  {
    key: 'asset',
    header: 'Asset',
    layout: 'grow',
    cell: (asset) => (asset === null ? '–' : <AssetLink asset={asset} />),
    text: (asset) => asset?.assetId ?? '',
  },
  {
    key: 'kind',
    header: 'Kind',
    cell: (asset) => label(asset?.kind ?? 'unknown'),
    text: (asset) => asset?.kind ?? '',
  },
  {
    key: 'holder',
    header: 'Held by',
    cell: (asset) =>
      asset === null || asset.holder === null ? (
        '–'
      ) : (
        <AccountLink address={asset.holder.address} />
      ),
    text: (asset) => asset?.holder?.address ?? '',
  },
]
