import { parentPort, workerData } from 'node:worker_threads'

import { Session } from 'chdb'

import type { Counts, FromThread, Job, ThreadSetup, ToThread } from './thread-messages.ts'

const setup = workerData as ThreadSetup
let demand: ((wanted: boolean) => void) | undefined

parentPort?.on('message', (message: ToThread) => {
  if (message.type === 'run') void run(message.job)
  else demand?.(message.type === 'more')
})

async function run(job: Job): Promise<void> {
  // A session per statement: settings, parameters and the database end with it.
  let session: Session | undefined
  let outcome: FromThread
  try {
    session = new Session(setup.path, { connectionArgs: setup.sessionArguments })
    if (job.preparation !== '') await session.queryAsync(job.preparation)
    const counts = await (job.streamed ? stream(session, job) : answer(session, job))
    outcome = { type: 'done', counts }
  } catch (error) {
    outcome = { type: 'failed', text: error instanceof Error ? error.message : String(error) }
  }
  session?.close()
  post(outcome)
}

async function answer(session: Session, job: Job): Promise<Counts> {
  const result = await session.queryAsync(job.sql, { format: job.format })
  const bytes = result.bytes()
  if (bytes.length > 0) post({ type: 'block', bytes })
  return { rowsRead: result.rowsRead, bytesRead: result.bytesRead }
}

async function stream(session: Session, job: Job): Promise<Counts> {
  for await (const block of session.queryStream(job.sql, { format: job.format })) {
    const wanted = new Promise<boolean>((resolve) => {
      demand = resolve
    })
    post({ type: 'block', bytes: block.raw() })
    if (!(await wanted)) break
  }
  return { rowsRead: 0, bytesRead: 0 }
}

function post(message: FromThread): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(message)
}
