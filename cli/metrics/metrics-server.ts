import { createServer } from 'node:http'

import { EXPOSITION_TYPE, type MetricSource, expositionText } from '@foggara/api/metrics'

import type { Config } from '../config.ts'
import type { ServiceConsole } from '../live/open-console.ts'
import { listenError, reachable } from '../service/free-port.ts'
import { serviceMetrics } from './service-metrics.ts'

/** A listener for metrics alone. */
export type MetricsServer = AsyncDisposable & { readonly url: string }

/** Serves the metrics of a service that has no API, where the settings name a port. */
export async function serveMetrics(
  { host, metrics }: Pick<Config, 'host' | 'metrics'>,
  { board, log }: ServiceConsole,
): Promise<AsyncDisposable> {
  if (typeof metrics !== 'number') return { [Symbol.asyncDispose]: async () => undefined }
  const server = await openMetricsServer(host, metrics, async () => serviceMetrics(board.reading()))
  log(`metrics: served at ${server.url}`)
  return server
}

/**
 * Serves `GET /metrics` on a port of its own, away from what is public.
 *
 * @throws {PortInUseError}
 */
export async function openMetricsServer(
  host: string,
  port: number,
  source: MetricSource,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const isMetrics = request.method === 'GET' && request.url?.split('?')[0] === '/metrics'
    if (!isMetrics) return void response.writeHead(404).end()
    void source().then(
      (families) => {
        const text = expositionText(families)
        return response.writeHead(200, { 'content-type': EXPOSITION_TYPE }).end(text)
      },
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(cause, host, port)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${reachable(host)}:${bound}/metrics`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
