import { useEffect, useRef, useState } from 'react'

import type { VerifyReply, VerifyRequest } from './messages.ts'

/** A check in the visitor's own browser: what it last said, and how to begin it. */
export type Verifier = {
  readonly reply: VerifyReply | undefined
  readonly isRunning: boolean
  readonly start: (request: VerifyRequest) => void
}

/** A verifying worker of this page's own: loaded when first asked, ended with the page. */
export function useVerifier(): Verifier {
  const [reply, setReply] = useState<VerifyReply>()
  const worker = useRef<Worker>(undefined)
  useEffect(() => () => worker.current?.terminate(), [])
  return {
    reply,
    isRunning: reply?.type === 'progress',
    start: (request) => {
      worker.current?.terminate()
      const next = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' })
      worker.current = next
      setReply({ type: 'progress', step: 'Loading the engine' })
      next.addEventListener('message', (event: MessageEvent<VerifyReply>) => setReply(event.data))
      next.addEventListener('error', (event) => {
        const message = event.message || 'the worker could not be loaded'
        setReply({ type: 'failed', code: 'WORKER_FAILED', message })
      })
      next.postMessage(request, [])
    },
  }
}
