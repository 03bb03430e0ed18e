import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount, formatCounted } from '../format/digits.ts'
import { isAddress, shortenHex } from '../format/hex.ts'
import { type AccountData, accountOperation } from '../graphql/account.ts'
import { HeadlineAmount } from '../parts/amount.tsx'
import { Chip } from '../parts/chip.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Figure, Figures } from '../parts/figure.tsx'
import { Problem } from '../parts/problem.tsx'
import { AssetsPanel, ContributionsPanel, LicencesPanel } from './account/holding-panels.tsx'
import { ProviderPanel } from './account/provider-panel.tsx'
import { ReceiptsPanel } from './account/receipts-panel.tsx'
import { AllocationsPanel, ClaimsPanel } from './account/reward-panels.tsx'
import { NotFoundPage } from './not-found-page.tsx'

const route = getRouteApi('/accounts/$address')

/** One account: what it is, owns and earned, epoch by epoch. */
export function AccountPage(): ReactElement {
  const address = route.useParams({ select: (params) => params.address.toLowerCase() })
  const answer = useOperation(accountOperation, { address }, isAddress(address))
  useTitle(`Account ${shortenHex(address)}`)
  if (!isAddress(address)) return <NotFoundPage what={`“${address}” is not an address`} />
  const account = answer.data?.account
  return (
    <>
      <AccountHead address={address} account={account} />
      {account === undefined && answer.error !== null ? (
        <Problem error={answer.error} retry={answer.retry} />
      ) : (
        <div className="grid">
          <AccountFigures account={account} />
          {account?.exclusions.nodes.map(({ proposalId, fromEpoch, toEpoch, reason }) => (
            <p key={`${proposalId} ${fromEpoch}`} className="verdict" data-tone="bad">
              Excluded from rewards in epochs {formatCount(fromEpoch)} to {formatCount(toEpoch)} by
              proposal {shortenHex(proposalId)}: {reason || 'no reason given'}
            </p>
          ))}
          <AllocationsPanel answer={answer} address={address} />
          <ClaimsPanel answer={answer} />
          <AssetsPanel answer={answer} />
          <ContributionsPanel answer={answer} />
          {account?.provider === null ? null : <ProviderPanel answer={answer} />}
          <LicencesPanel answer={answer} />
          <ReceiptsPanel answer={answer} />
        </div>
      )}
    </>
  )
}

function AccountHead(props: {
  readonly address: string
  readonly account: AccountData['account'] | undefined
}): ReactElement {
  const { address, account } = props
  const firstBlock = account?.firstBlock ?? undefined
  const isUnknown = account !== undefined && account.roles.length === 0
  return (
    <div className="page-head">
      <div>
        <div className="title">
          <h1 className="mono address">{address}</h1>
          <CopyButton text={address} what={`address ${address}`} />
        </div>
        <p className="chips">
          {account?.roles.map((role) => (
            <Chip key={role} tone="accent">
              {role}
            </Chip>
          ))}
          <span className="muted small">
            {isUnknown
              ? 'This account has done nothing in the economy so far.'
              : firstBlock === undefined
                ? '\u00A0'
                : `first seen in block ${formatCount(firstBlock)}`}
          </span>
        </p>
      </div>
    </div>
  )
}

function AccountFigures(props: {
  readonly account: AccountData['account'] | undefined
}): ReactElement {
  const { account } = props
  const newest = account?.allocations.nodes[0]
  const active = BigInt(account?.claimableAllocation?.cumulative ?? 0)
  const taken = BigInt(account?.claims.nodes[0]?.cumulative ?? 0)
  const claimable = active > taken ? active - taken : 0n
  return (
    <Figures isBusy={account === undefined}>
      <Figure
        name="Balance"
        value={account && <HeadlineAmount units={account.balance?.amount ?? '0'} />}
        note="tokens held"
      />
      <Figure
        name="Staked"
        value={account && <HeadlineAmount units={account.balance?.staked ?? '0'} />}
        note="tokens that vote"
      />
      <Figure
        name="Rewards, all epochs"
        value={account && <HeadlineAmount units={newest?.cumulative ?? '0'} />}
        note={account && formatCounted(account.allocations.totalCount, 'epoch')}
      />
      <Figure
        name="Claimed"
        value={account && <HeadlineAmount units={taken.toString()} />}
        note={account && formatCounted(account.claims.totalCount, 'claim')}
      />
      <Figure
        name="Can be claimed now"
        value={account && <HeadlineAmount units={claimable.toString()} />}
        note="by the newest active epoch"
      />
      <Figure
        name="Carried"
        value={account && <HeadlineAmount units={newest?.carryAfter ?? '0'} />}
        note="earned, below the payout minimum"
      />
    </Figures>
  )
}
