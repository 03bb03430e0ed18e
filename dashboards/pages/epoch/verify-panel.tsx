import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount, formatCounted } from '../../format/digits.ts'
import type { EpochData } from '../../graphql/epoch.ts'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Hash } from '../../parts/references.tsx'
import type { VerifyReply } from '../../verify/messages.ts'
import { useVerifier } from '../../verify/use-verifier.ts'

type Epoch = NonNullable<EpochData['epoch']>
type Table = Epoch['snapshotTables'][number]

/** What the epoch was computed from, by hash; and the whole calculation again, in this browser. */
export function VerifyPanel({ answer }: { readonly answer: Answer<EpochData> }): ReactElement {
  return (
    <Panel
      title="Can I check it?"
      answer={answer}
      lines={12}
      note="The manifest pins every input by its hash. Your browser can download the inputs, compute scores, splits and the Merkle root again, and compare: it trusts nothing but the hash."
    >
      {({ epoch }) => (epoch === null ? null : <Verification epoch={epoch} />)}
    </Panel>
  )
}

function Verification({ epoch }: { readonly epoch: Epoch }): ReactElement {
  const verifier = useVerifier()
  const { number, manifestHash, root } = epoch
  return (
    <div className="verify">
      <div className="stack">
        <dl className="facts">
          <dt>Manifest</dt>
          <dd>
            <Hash hex={manifestHash} what="manifest hash" />
          </dd>
          <dt>Root</dt>
          <dd>
            <Hash hex={root} what="root" />
          </dd>
          <dt>Cutoff block</dt>
          <dd>
            {formatCount(epoch.cutoffBlock)}{' '}
            <Hash hex={epoch.cutoffHash} what="cutoff block hash" />
          </dd>
          <dt>Everything</dt>
          <dd>
            <a href={`/epochs/${number}/bundle.ndjson`} download>
              epoch-{number}.ndjson
            </a>
          </dd>
          <dt>By command</dt>
          <dd className="mono">foggara verify {number}</dd>
        </dl>
        <div>
          <button
            type="button"
            className="button primary"
            disabled={verifier.isRunning}
            onClick={() => verifier.start({ type: 'epoch', epoch: number, manifestHash, root })}
          >
            Recompute in this browser
          </button>
        </div>
        <div className="outcome" aria-live="polite">
          {verifier.reply === undefined ? null : <Outcome reply={verifier.reply} />}
        </div>
      </div>
      <DataTable
        label="Tables of the snapshot"
        columns={TABLES}
        rows={epoch.snapshotTables}
        keyOf={({ name }) => name}
        empty="The manifest names no table."
      />
    </div>
  )
}

const TABLES: readonly Column<Table>[] = [
  {
    key: 'name',
    header: 'Input table',
    cell: ({ name, url }) => (
      <a href={url} download>
        {name}
      </a>
    ),
    text: ({ name }) => name,
  },
  {
    key: 'rows',
    header: 'Rows',
    layout: 'end',
    cell: ({ rows }) => formatCount(rows),
    text: ({ rows }) => String(rows),
  },
  {
    key: 'sha256',
    header: 'sha256',
    cell: ({ sha256 }) => <Hash hex={sha256} what="sha256" />,
    text: ({ sha256 }) => sha256,
  },
]

function Outcome({ reply }: { readonly reply: VerifyReply }): ReactElement | null {
  switch (reply.type) {
    case 'progress':
      return <p className="muted">{reply.step}…</p>
    case 'equal':
      return (
        <div className="verdict" data-tone="good">
          <p>
            <b>Equal.</b> Recomputed here from {formatCounted(reply.rowCount, 'row')} for{' '}
            {formatCounted(reply.accountCount, 'account')} on {reply.engine} in{' '}
            {formatCount(Math.max(1, Math.round(reply.elapsedMs)))} ms.
          </p>
          <p className="small">
            Scores, root <Hash hex={reply.root} what="recomputed root" /> and manifest{' '}
            <Hash hex={reply.manifestHash} what="recomputed manifest hash" /> came out the same.
          </p>
        </div>
      )
    case 'different':
      return (
        <div className="verdict" data-tone="bad">
          <p>
            <b>Different.</b> The first difference is in <code>{reply.field}</code>.
          </p>
          <dl className="facts">
            <dt>Published</dt>
            <dd className="mono">{reply.published}</dd>
            <dt>Recomputed</dt>
            <dd className="mono">{reply.recomputed}</dd>
          </dl>
        </div>
      )
    case 'failed':
      return <Problem error={reply} />
    case 'proof':
    case 'rank':
      return null
  }
}
