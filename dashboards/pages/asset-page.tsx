import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCounted } from '../format/digits.ts'
import { isBytes32, shortenHex } from '../format/hex.ts'
import { type AssetData, assetOperation } from '../graphql/asset.ts'
import { Chip } from '../parts/chip.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { KindMark } from '../parts/kind-mark.tsx'
import { Problem } from '../parts/problem.tsx'
import { AccountLink, EvidenceMark, Hash } from '../parts/references.tsx'
import { ContributionPanel } from './asset/contribution-panel.tsx'
import { DisputePanel, HoldingPanel, VersionPanel } from './asset/history-panels.tsx'
import { LicencePanel } from './asset/licence-panel.tsx'
import { ProvenancePanel } from './asset/provenance-panel.tsx'
import { ReceiptsPanel } from './asset/receipts-panel.tsx'
import { RevenuePanel } from './asset/revenue-panel.tsx'
import { UsagePanel } from './asset/usage-panel.tsx'
import { NotFoundPage } from './not-found-page.tsx'

const route = getRouteApi('/assets/$id')

/** One asset: what it is, where it comes from, what was made from it, what it earned and from whom. */
export function AssetPage(): ReactElement {
  const id = route.useParams({ select: (params) => params.id.toLowerCase() })
  const answer = useOperation(assetOperation, { id }, isBytes32(id))
  const asset = answer.data?.asset
  useTitle(asset?.name ?? `Asset ${shortenHex(id)}`)
  if (!isBytes32(id)) return <NotFoundPage what={`“${id}” is not the id of an asset`} />
  if (asset === null) {
    return <NotFoundPage what={`No asset ${shortenHex(id)} at block ${answer.asOf ?? 0}`} />
  }
  if (asset === undefined && answer.error !== null) {
    return (
      <>
        <h1>Asset {shortenHex(id)}</h1>
        <Problem error={answer.error} retry={answer.retry} />
      </>
    )
  }
  return (
    <>
      <AssetHead id={id} asset={asset} />
      <div className="grid">
        <ProvenancePanel id={id} />
        <RevenuePanel answer={answer} />
        <ContributionPanel answer={answer} />
        <UsagePanel id={id} />
        <ReceiptsPanel id={id} />
        <LicencePanel answer={answer} />
        <VersionPanel answer={answer} />
        <HoldingPanel answer={answer} />
        <DisputePanel answer={answer} />
      </div>
    </>
  )
}

function AssetHead(props: {
  readonly id: string
  readonly asset: NonNullable<AssetData['asset']> | undefined
}): ReactElement {
  const { id, asset } = props
  return (
    <div className="asset-head">
      <h1>{asset === undefined ? shortenHex(id) : asset.name || shortenHex(id)}</h1>
      <p className="chips">
        {asset === undefined ? null : (
          <>
            <KindMark kind={asset.kind} />
            {asset.isDisputed ? <Chip tone="warn">Disputed</Chip> : null}
            {asset.versionCount > 0 ? (
              <Chip>{formatCounted(asset.versionCount, 'version')}</Chip>
            ) : null}
          </>
        )}
      </p>
      <dl className="facts wide">
        <dt>Id</dt>
        <dd>
          <Hash hex={id} what="asset id" />
        </dd>
        <dt>Made by</dt>
        <dd>{asset === undefined ? '–' : <AccountLink address={asset.creator.address} />}</dd>
        <dt>Held by</dt>
        <dd>
          {asset === undefined || asset.holder === null ? (
            '–'
          ) : (
            <AccountLink address={asset.holder.address} />
          )}
        </dd>
        <dt>Registered in block</dt>
        <dd>{asset === undefined ? '–' : <EvidenceMark evidence={asset.evidence} />}</dd>
        <dt>Content</dt>
        <dd>
          {asset === undefined || asset.contentHash === null ? (
            <span className="muted">no version published</span>
          ) : (
            <Hash hex={asset.contentHash} what="content hash" />
          )}
        </dd>
        <dt>Metadata</dt>
        <dd>
          {asset === undefined || asset.metadataUri === '' ? (
            '–'
          ) : (
            <span className="hex">
              <span className="cut" title={asset.metadataUri}>
                {asset.metadataUri}
              </span>
              <CopyButton text={asset.metadataUri} what="the metadata's address" />
            </span>
          )}
        </dd>
      </dl>
    </div>
  )
}
