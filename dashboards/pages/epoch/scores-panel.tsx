import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { maximumOf } from '../../charts/scale.ts'
import { formatCount } from '../../format/digits.ts'
import { formatShare } from '../../format/share.ts'
import { label } from '../../format/words.ts'
import { type EpochScoresData, epochScoresOperation } from '../../graphql/epoch.ts'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { MeterBar } from '../../parts/meter-bar.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink, AssetLink } from '../../parts/references.tsx'
import { MEASURES, type Measure } from '../epoch-search.ts'

const route = getRouteApi('/epochs/$number')

type Score = NonNullable<EpochScoresData['epoch']>['scores']['nodes'][number]

const WHAT: Readonly<Record<Measure, string>> = {
  rank: 'Fixed-point rank over the usage graph: how much of all use leads to an asset. The whole is 2^62.',
  flow: 'Fees flowing from the used assets to their sources, share by share. Unit: base units.',
  work: 'Work of compute providers, by the fees of their receipts. Unit: base units.',
  review: 'Votes cast and disputes resolved. Unit: acts.',
}

/** The highest scores by one measure. */
export function ScoresPanel({ number }: { readonly number: number }): ReactElement {
  const { measure = 'rank' } = route.useSearch()
  const navigate = route.useNavigate()
  const answer = useOperation(epochScoresOperation, { number, measure })
  return (
    <Panel
      title="Scores"
      unit="highest first"
      answer={answer}
      span={7}
      lines={12}
      isFlush
      before={
        <div className="filters">
          <div className="segments" role="group" aria-label="Measure">
            {MEASURES.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={measure === name}
                onClick={() =>
                  void navigate({
                    search: (old) => ({ ...old, measure: name }),
                    replace: true,
                    resetScroll: false,
                  })
                }
              >
                {label(name)}
              </button>
            ))}
          </div>
          <p className="small muted">{WHAT[measure]}</p>
        </div>
      }
      sheet={({ epoch }) =>
        sheetOf(`epoch-${number}-${measure}`, columns(0n, measure), epoch?.scores.nodes ?? [])
      }
    >
      {({ epoch }) => {
        const rows = epoch?.scores.nodes ?? []
        return (
          <DataTable
            label={`Scores by ${measure}`}
            columns={columns(maximumOf(rows.map(({ score }) => BigInt(score))), measure)}
            rows={rows}
            keyOf={({ subject }) => subject}
            empty={`Nothing has a score by ${measure} in this epoch.`}
          />
        )
      }}
    </Panel>
  )
}

/** What all rank scores sum to, with what is left over. */
const RANK_MASS = 2n ** 62n

function shareColumn(whole: bigint): Column<Score> {
  return {
    key: 'share',
    header: 'Of all rank',
    layout: 'end',
    cell: ({ score }) => formatShare(BigInt(score), whole, 3),
    text: ({ score }) => formatShare(BigInt(score), whole, 12),
  }
}

function columns(top: bigint, measure: Measure): readonly Column<Score>[] {
  const whole = measure === 'rank' ? RANK_MASS : undefined
  return [
    {
      key: 'subject',
      header: 'Of',
      layout: 'grow',
      cell: ({ subject, asset }) =>
        asset === null ? <AccountLink address={subject} /> : <AssetLink asset={asset} />,
      text: ({ subject }) => subject,
    },
    {
      key: 'bar',
      header: '',
      cell: ({ score }) => <MeterBar value={BigInt(score)} top={top} />,
      text: () => '',
    },
    ...(whole === undefined ? [] : [shareColumn(whole)]),
    {
      key: 'score',
      header: 'Score',
      layout: 'end',
      cell: ({ score }) => formatCount(score),
      text: ({ score }) => score,
    },
  ]
}
