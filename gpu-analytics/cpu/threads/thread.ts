// What a thread runs, of Node or of a page.
import { workerThreads } from './node-threads.ts'
import { type ThreadReply, type ThreadRequest, serveThread } from './serve-thread.ts'

type WorkerScope = {
  postMessage(reply: ThreadReply, options: { transfer: [] }): void
  addEventListener(type: 'message', listener: (event: { data: ThreadRequest }) => void): void
}

const port = workerThreads()?.parentPort
if (port === undefined || port === null) {
  const scope = globalThis as unknown as WorkerScope
  const serve = serveThread((reply) => scope.postMessage(reply, { transfer: [] }))
  scope.addEventListener('message', (event) => void serve(event.data))
} else {
  const serve = serveThread((reply) => port.postMessage(reply, []))
  port.on('message', (request: ThreadRequest) => void serve(request))
}
