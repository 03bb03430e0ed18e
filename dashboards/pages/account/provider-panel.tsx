import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import type { AccountData } from '../../graphql/account.ts'
import { Amount } from '../../parts/amount.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Hash } from '../../parts/references.tsx'

/** The account as a compute provider: stake, slashings, keys and work done. */
export function ProviderPanel({ answer }: { readonly answer: Answer<AccountData> }): ReactElement {
  return (
    <Panel title="As a compute provider" unit="FOG" answer={answer} span={6} lines={5}>
      {({ account: { provider } }) =>
        provider === null ? null : (
          <dl className="facts">
            <dt>Name</dt>
            <dd>{provider.name || '–'}</dd>
            <dt>Endpoint</dt>
            <dd className="mono">{provider.endpoint || '–'}</dd>
            <dt>Stake</dt>
            <dd>
              <Amount units={provider.stake} />
            </dd>
            <dt>Slashed</dt>
            <dd>
              <Amount units={provider.slashed} />
            </dd>
            <dt>Receipts signed</dt>
            <dd>{formatCount(provider.receiptCount)}</dd>
            <dt>Their fees</dt>
            <dd>
              <Amount units={provider.feeTotal} />
            </dd>
            <dt>Signing keys</dt>
            <dd>
              {provider.signers.length === 0
                ? 'none active'
                : provider.signers.map((signer) => (
                    <Hash key={signer} hex={signer} what="signing key" />
                  ))}
            </dd>
          </dl>
        )
      }
    </Panel>
  )
}
