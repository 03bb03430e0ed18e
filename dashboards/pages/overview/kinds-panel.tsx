import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { CombBar } from '../../charts/comb-bar.tsx'
import { formatCount } from '../../format/digits.ts'
import { formatShare } from '../../format/share.ts'
import { label } from '../../format/words.ts'
import type { OverviewData } from '../../graphql/overview.ts'
import { KindShape } from '../../parts/kind-mark.tsx'
import { Panel } from '../../parts/panel.tsx'

/** What the economy consists of. */
export function KindsPanel({ answer }: { readonly answer: Answer<OverviewData> }): ReactElement {
  return (
    <Panel
      title="Assets by kind"
      answer={answer}
      lines={6}
      sheet={({ overview }) => ({
        name: 'assets-by-kind',
        columns: ['kind', 'count'],
        rows: overview.assetsByKind.map(({ kind, count }) => [kind, String(count)]),
      })}
      hasTable
    >
      {({ overview }) => (
        <CombBar
          label="Assets by kind"
          parts={overview.assetsByKind.map(({ kind, count }) => ({
            key: kind,
            kind,
            label: (
              <Link to="/assets" search={{ kinds: [kind] }}>
                {label(kind)}
              </Link>
            ),
            mark: <KindShape kind={kind} />,
            value: BigInt(count),
            shown: formatCount(count),
            share: formatShare(BigInt(count), BigInt(overview.assetCount), 1),
          }))}
        />
      )}
    </Panel>
  )
}
