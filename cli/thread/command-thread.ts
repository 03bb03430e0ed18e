import { parentPort, workerData } from 'node:worker_threads'

import type { Context } from '../command.ts'
import { asCodedError } from '../run.ts'
import type { ThreadReply, ThreadStart } from './run-in-thread.ts'
import { describeError } from './thread-message.ts'

// The other side of `run-in-thread.ts`.
const start = workerData as ThreadStart
const stopping = new AbortController()
parentPort?.on('message', () => stopping.abort())

const context: Context = {
  environment: start.environment,
  directory: start.directory,
  print: (line) => reply({ type: 'print', line }),
  warn: (line) => reply({ type: 'warn', line }),
  nowMs: () => Date.now(),
  stopped: stopping.signal,
}

try {
  reply({ type: 'end', code: await run() })
} catch (error) {
  reply({ type: 'error', error: describeError(asCodedError(error)) })
}

async function run(): Promise<number> {
  switch (start.task) {
    case 'score files': {
      const { scoreFromFiles } = await import('../files/score-from-files.ts')
      return scoreFromFiles(start.options, context)
    }
    case 'generate graph': {
      const { generateGraph } = await import('../graph/generate-graph.ts')
      return generateGraph(start.options, context)
    }
  }
}

function reply(message: ThreadReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage(message)
}
