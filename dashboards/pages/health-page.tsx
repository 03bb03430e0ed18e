import type { ReactElement } from 'react'

import { type Answer, useOperation } from '../app/use-operation.ts'
import { useTitle } from '../app/use-title.ts'
import { formatCount } from '../format/digits.ts'
import { formatUtc } from '../format/time.ts'
import { type HealthData, healthOperation } from '../graphql/health.ts'
import { Chip } from '../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../parts/data-table.tsx'
import { Figure, Figures } from '../parts/figure.tsx'
import { Panel } from '../parts/panel.tsx'
import { AccountLink, EvidenceMark, Hash } from '../parts/references.tsx'
import { CompletenessPanel } from './health/completeness-panel.tsx'
import { RulesPanel } from './health/rules-panel.tsx'
import { StandingPanel } from './health/standing-panel.tsx'
import { UnprovenPanel } from './health/unproven-panel.tsx'

type Batch = HealthData['batches']['nodes'][number]

/** Whether the numbers can be relied on: how far, how fast, how complete, and what is wrong. */
export function HealthPage(): ReactElement {
  useTitle('Health')
  const answer = useOperation(healthOperation, {})
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Can I rely on it?</h1>
          <p>
            How far the index is behind its chain, how it knows that nothing is missing, and what is
            wrong now.
          </p>
        </div>
      </div>
      <div className="grid">
        <HealthFigures data={answer.data} />
        <Panel title="Errors" answer={answer} span={6} lines={3}>
          {({ _meta }) => <Errors errors={_meta.errors} hasErrors={_meta.hasErrors} />}
        </Panel>
        <Panel title="Commits" unit="the index's own log" answer={answer} span={6} lines={3}>
          {({ _meta }) => (
            <dl className="facts">
              <dt>Chain</dt>
              <dd>{formatCount(_meta.commit.chain)}</dd>
              <dt>Receipts</dt>
              <dd>{formatCount(_meta.commit.receipt)}</dd>
              <dt>Epochs</dt>
              <dd>{formatCount(_meta.commit.epoch)}</dd>
              <dt>Block hash</dt>
              <dd>
                <Hash hex={_meta.block.hash} what="block hash" />
              </dd>
            </dl>
          )}
        </Panel>
        <CompletenessPanel answer={answer} />
        <UnprovenPanel answer={answer} />
        <RulesPanel answer={answer} />
        <StandingPanel />
        <BatchesPanel answer={answer} />
      </div>
    </>
  )
}

function HealthFigures(props: { readonly data: HealthData | undefined }): ReactElement {
  const { data } = props
  const meta = data?._meta
  return (
    <Figures isBusy={data === undefined}>
      <Figure
        name="Newest block of the chain"
        value={meta && (meta.headBlock === null ? 'unknown' : formatCount(meta.headBlock))}
        note={meta && `chain id ${meta.chainId}`}
      />
      <Figure
        name="Indexed"
        value={meta && formatCount(meta.block.number)}
        note={meta && `made ${formatUtc(meta.block.timestamp)} UTC`}
      />
      <Figure
        name="Behind"
        value={meta && (meta.lag === null ? 'unknown' : formatCount(meta.lag))}
        note="blocks"
      />
      <Figure
        name="Stored as final"
        value={meta && (meta.settledBlock === null ? 'none' : formatCount(meta.settledBlock))}
        note={meta && `this answer: ${meta.finality}`}
      />
      <Figure
        name="Blocks per second"
        value={meta && (meta.blocksPerSecond === null ? '–' : meta.blocksPerSecond.toFixed(1))}
        note="over the last minute"
      />
      <Figure
        name="Receipts without a batch"
        value={data && formatCount(data.overview.pendingReceiptCount)}
        note={data && `of ${formatCount(data.overview.receiptCount)} that count`}
      />
    </Figures>
  )
}

function BatchesPanel({ answer }: { readonly answer: Answer<HealthData> }): ReactElement {
  return (
    <Panel
      title="Batches of receipts"
      unit="newest first"
      answer={answer}
      lines={10}
      isFlush
      sheet={({ batches }) => sheetOf('batches', BATCHES, batches.nodes)}
    >
      {({ batches }) => (
        <DataTable
          label="Batches of receipts"
          columns={BATCHES}
          rows={batches.nodes}
          keyOf={({ batchId }) => batchId}
          empty="No batch is anchored yet."
        />
      )}
    </Panel>
  )
}

function Errors(props: {
  readonly errors: readonly string[]
  readonly hasErrors: boolean
}): ReactElement {
  if (props.errors.length === 0) {
    return (
      <p>
        <Chip tone={props.hasErrors ? 'bad' : 'good'}>
          {props.hasErrors ? 'Something is wrong; the log of the service says what' : 'None'}
        </Chip>
      </p>
    )
  }
  return (
    <ul className="stack">
      {props.errors.map((error) => (
        <li key={error} className="verdict" data-tone="bad">
          {error}
        </li>
      ))}
    </ul>
  )
}

const BATCHES: readonly Column<Batch>[] = [
  {
    key: 'batch',
    header: 'Batch',
    cell: ({ batchId }) => formatCount(batchId),
    text: ({ batchId }) => batchId,
  },
  {
    key: 'provider',
    header: 'Provider',
    cell: ({ provider }) => <AccountLink address={provider.address} />,
    text: ({ provider }) => provider.address,
  },
  {
    key: 'receipts',
    header: 'Receipts',
    layout: 'end',
    cell: ({ receiptCount }) => formatCount(receiptCount),
    text: ({ receiptCount }) => String(receiptCount),
  },
  {
    key: 'valid',
    header: 'Count',
    layout: 'end',
    cell: ({ validCount }) => formatCount(validCount),
    text: ({ validCount }) => String(validCount),
  },
  {
    key: 'bodyless',
    header: 'Wait for their body',
    layout: 'end',
    cell: ({ bodylessCount }) => formatCount(bodylessCount),
    text: ({ bodylessCount }) => String(bodylessCount),
  },
  {
    key: 'refused',
    header: 'Refused',
    layout: 'end',
    cell: ({ refusedCount }) => formatCount(refusedCount),
    text: ({ refusedCount }) => String(refusedCount),
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
]
