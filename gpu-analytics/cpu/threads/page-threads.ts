import type { ThreadReply, ThreadRequest } from './serve-thread.ts'
import type { ThreadPlatform } from './thread-platform.ts'

/** The part of a browser's Worker that is used; the language's own types do not have it. */
type PageWorker = {
  postMessage(request: ThreadRequest, options: { transfer: [] }): void
  terminate(): void
  addEventListener(type: 'message', listener: (event: { data: ThreadReply }) => void): void
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void
}

type Page = {
  readonly Worker?: new (url: URL, options: { type: 'module' }) => PageWorker
  readonly crossOriginIsolated?: boolean
}

/** Threads of a page, or of a worker of a page. */
export const pageThreads: ThreadPlatform = {
  missing: () => {
    const page: Page = globalThis as unknown as Page
    if (page.Worker === undefined) return 'there are no workers here'
    if (typeof SharedArrayBuffer === 'undefined' || page.crossOriginIsolated === false) {
      return 'the page is not cross-origin isolated, so memory cannot be shared'
    }
    return undefined
  },
  start({ onReply, onLost }) {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', (event) => onReply(event.data))
    worker.addEventListener('error', (event) => onLost(event.message ?? 'it did not start'))
    return {
      post: (request) => worker.postMessage(request, { transfer: [] }),
      end: async () => worker.terminate(),
    }
  },
}

// Bundlers look for `new Worker(new URL(…))`, so the constructor goes by its own name.
declare const Worker: NonNullable<Page['Worker']>
