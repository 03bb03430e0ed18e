import { type ReactElement, useContext } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { SeriesChart } from '../../charts/series-chart.tsx'
import { formatExact } from '../../format/amount.ts'
import { formatCount } from '../../format/digits.ts'
import { overviewSeriesOperation } from '../../graphql/overview.ts'
import { TokenContext } from '../../parts/amount.tsx'
import { Panel } from '../../parts/panel.tsx'

const BUCKET_COUNT = 48

/** Receipts, their fees and royalties over the blocks of the chain. */
export function SeriesPanel(): ReactElement {
  const answer = useOperation(overviewSeriesOperation, { buckets: BUCKET_COUNT })
  const { decimals, symbol } = useContext(TokenContext)
  const amount = (value: bigint): string => `${formatExact(value.toString(), decimals)} ${symbol}`
  return (
    <Panel
      title="Use over time"
      unit="per run of blocks"
      answer={answer}
      lines={10}
      hasTable
      sheet={({ overview }) => ({
        name: 'use-over-time',
        columns: ['first_block', 'last_block', 'receipts', 'fee_units', 'royalty_units'],
        rows: overview.series.map((bucket) => [
          String(bucket.firstBlock),
          String(bucket.lastBlock),
          bucket.receiptCount,
          bucket.feeTotal,
          bucket.royaltyTotal,
        ]),
      })}
    >
      {({ overview: { series } }) => (
        <SeriesChart
          label="Receipts, fees and royalties over blocks"
          buckets={series.map(
            ({ firstBlock, lastBlock }) =>
              `Blocks ${formatCount(firstBlock)} to ${formatCount(lastBlock)}`,
          )}
          ends={[
            `Block ${formatCount(series[0]?.firstBlock ?? 0)}`,
            formatCount(series.at(-1)?.lastBlock ?? 0),
          ]}
          tracks={[
            {
              label: 'Receipts',
              values: series.map(({ receiptCount }) => BigInt(receiptCount)),
              format: formatCount,
              tone: 1,
            },
            {
              label: 'Fees',
              values: series.map(({ feeTotal }) => BigInt(feeTotal)),
              format: amount,
              tone: 2,
            },
            {
              label: 'Royalties',
              values: series.map(({ royaltyTotal }) => BigInt(royaltyTotal)),
              format: amount,
              tone: 3,
            },
          ]}
        />
      )}
    </Panel>
  )
}
