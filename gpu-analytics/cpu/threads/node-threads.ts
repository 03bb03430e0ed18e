import type { ThreadReply, ThreadRequest } from './serve-thread.ts'
import type { ThreadPlatform } from './thread-platform.ts'

/** The part of Node's worker_threads that is used; pages bundle this file, so nothing is imported. */
type WorkerThreads = {
  readonly Worker: new (file: URL, options: { readonly execArgv: readonly string[] }) => NodeWorker
  readonly parentPort: NodePort | null
}

type NodePort = {
  postMessage(message: ThreadReply | ThreadRequest, transfer: readonly []): void
  on(event: 'message', listener: (message: never) => void): void
}

type NodeWorker = NodePort & {
  on(event: 'error' | 'exit', listener: (found: unknown) => void): void
  removeAllListeners(event: 'exit'): void
  terminate(): Promise<unknown>
}

const THREAD_FILE = 'thread.ts'

/** Node's worker_threads; undefined elsewhere. */
export function workerThreads(): WorkerThreads | undefined {
  const { process: node } = globalThis as unknown as {
    readonly process?: { readonly getBuiltinModule?: (name: string) => WorkerThreads | undefined }
  }
  return node?.getBuiltinModule?.('node:worker_threads')
}

/** Threads of Node. */
export function nodeThreads({ Worker: NodeThread }: WorkerThreads): ThreadPlatform {
  return {
    missing: () => undefined,
    start({ onReply, onLost }) {
      const worker = new NodeThread(new URL(THREAD_FILE, import.meta.url), { execArgv: [] })
      worker.on('message', onReply)
      worker.on('error', onLost)
      worker.on('exit', (code) => onLost(`it ended with code ${String(code)}`))
      return {
        post: (request) => worker.postMessage(request, []),
        end: async () => {
          worker.removeAllListeners('exit')
          await worker.terminate()
        },
      }
    },
  }
}
