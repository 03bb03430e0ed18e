import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { formatCount, formatCounted } from '../../format/digits.ts'
import { type EpochRankGraphData, epochRankGraphOperation } from '../../graphql/epoch.ts'
import { Panel } from '../../parts/panel.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Hash } from '../../parts/references.tsx'
import type { RankEngineChoice, VerifyReply } from '../../verify/messages.ts'
import { useVerifier } from '../../verify/use-verifier.ts'

type RankGraph = NonNullable<EpochRankGraphData['epoch']>['rankGraph']

const ENGINES: readonly { readonly choice: RankEngineChoice; readonly label: string }[] = [
  { choice: 'wasm', label: 'WebAssembly' },
  { choice: 'webgpu', label: 'WebGPU' },
]

/** The scores again, on the visitor's own processor and graphics card: every engine, one digest. */
export function RankPanel({ number }: { readonly number: number }): ReactElement {
  const answer = useOperation(epochRankGraphOperation, { number })
  return (
    <Panel
      title="Do the scores come out here too?"
      answer={answer}
      lines={6}
      note="The whole graph of the ranks as one small download. Whoever iterates over it in the same integers gets the same digest, on any processor and any graphics card."
    >
      {({ epoch }) =>
        epoch === null ? null : <Recomputation number={number} graph={epoch.rankGraph} />
      }
    </Panel>
  )
}

function Recomputation(props: {
  readonly number: number
  readonly graph: RankGraph
}): ReactElement {
  const { number, graph } = props
  return (
    <div className="stack">
      <dl className="facts">
        <dt>Graph</dt>
        <dd>
          {formatCounted(graph.nodeCount, 'node')}, {formatCounted(graph.edgeCount, 'edge')},{' '}
          {formatCounted(graph.iterationCount, 'iteration')}
        </dd>
        <dt>Download</dt>
        <dd>
          <a href={graph.url} download>
            epoch-{number}-rank-graph.bin
          </a>{' '}
          <span className="muted">{formatCounted(graph.byteLength, 'byte')}</span>
        </dd>
        <dt>Digest of the ranks</dt>
        <dd>
          <Hash hex={graph.digest} what="digest of the ranks" />
        </dd>
      </dl>
      <div className="rank-engines">
        {ENGINES.map(({ choice, label }) => (
          <Engine key={choice} choice={choice} label={label} graph={graph} />
        ))}
      </div>
    </div>
  )
}

function Engine(props: {
  readonly choice: RankEngineChoice
  readonly label: string
  readonly graph: RankGraph
}): ReactElement {
  const { choice, label, graph } = props
  const verifier = useVerifier()
  const { url, digest } = graph
  return (
    <div className="stack" data-engine={choice}>
      <div>
        <button
          type="button"
          className="button"
          disabled={verifier.isRunning}
          onClick={() => verifier.start({ type: 'rank', url, digest, engine: choice })}
        >
          Compute on {label}
        </button>
      </div>
      <div className="outcome" aria-live="polite">
        {verifier.reply === undefined ? null : <Outcome reply={verifier.reply} />}
      </div>
    </div>
  )
}

function Outcome({ reply }: { readonly reply: VerifyReply }): ReactElement | null {
  if (reply.type === 'progress') return <p className="muted">{reply.step}…</p>
  if (reply.type === 'failed') return <Problem error={reply} />
  if (reply.type !== 'rank') return null
  return (
    <div className="verdict" data-tone={reply.isEqual ? 'good' : 'bad'}>
      <p>
        <b>{reply.isEqual ? 'The same digest' : 'Another digest'}</b> on {reply.engine} after{' '}
        {formatCount(Math.max(1, Math.round(reply.elapsedMs)))} ms:{' '}
        <Hash hex={reply.digest} what="recomputed digest" />
      </p>
      {reply.notes.map((note) => (
        <p key={note} className="small">
          {note}
        </p>
      ))}
    </div>
  )
}
