import type { ReactElement } from 'react'

import { formatCounted } from '../../format/digits.ts'
import { Chip } from '../../parts/chip.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Hash } from '../../parts/references.tsx'
import type { VerifyReply } from '../../verify/messages.ts'
import { useVerifier } from '../../verify/use-verifier.ts'

/** The Merkle proof that lets the account claim, to be copied and checked here. */
export function ProofBox(props: {
  readonly account: string
  readonly root: string
  readonly allocation: {
    readonly token: string
    readonly cumulative: string
    readonly proof: readonly string[]
  }
}): ReactElement {
  const { account, root, allocation } = props
  const { token, cumulative, proof } = allocation
  const verifier = useVerifier()
  const claim = JSON.stringify({ account, token, cumulative, proof, root }, null, 2)
  if (cumulative === '0') {
    return <p className="small muted">Nothing is payable yet, so there is no leaf to prove.</p>
  }
  return (
    <section className="stack">
      <h3>Proof of the leaf</h3>
      <dl className="facts">
        <dt>Leaf</dt>
        <dd>account, token and the amount paid since the first epoch</dd>
        <dt>Proof</dt>
        <dd>
          {formatCounted(proof.length, 'sibling')}{' '}
          <CopyButton text={claim} what="the claim: account, token, cumulative, proof and root" />
        </dd>
        <dt>Root</dt>
        <dd>
          <Hash hex={root} what="root" />
        </dd>
      </dl>
      <div className="buttons">
        <button
          type="button"
          className="button"
          disabled={verifier.isRunning}
          onClick={() => verifier.start({ type: 'proof', account, token, cumulative, proof, root })}
        >
          Fold the proof in this browser
        </button>
        <span aria-live="polite">
          {verifier.reply === undefined ? null : <ProofOutcome reply={verifier.reply} />}
        </span>
      </div>
    </section>
  )
}

function ProofOutcome({ reply }: { readonly reply: VerifyReply }): ReactElement {
  if (reply.type === 'failed') return <Problem error={reply} />
  if (reply.type !== 'proof') return <span className="muted small">Folding…</span>
  return reply.isEqual ? (
    <Chip tone="good">It folds to the root</Chip>
  ) : (
    <>
      <Chip tone="bad">It folds to another root</Chip>{' '}
      <Hash hex={reply.folded} what="folded root" />
    </>
  )
}
