import type { FastifyInstance } from 'fastify'

import type { MetricFamily } from './exposition.ts'
import { type Histogram, SECONDS_BOUNDS, createHistogram } from './histogram.ts'

/** Counts what an application answers, by the pattern of the address, never by the address. */
export function watchRequests(app: FastifyInstance): () => readonly MetricFamily[] {
  const counts = new Map<string, { readonly labels: RequestLabels; count: number }>()
  const durations = new Map<string, Histogram>()
  let underWay = 0
  app.addHook('onRequest', async (_request, reply) => {
    underWay += 1
    // Also where the client went away before the end.
    reply.raw.once('close', () => {
      underWay -= 1
    })
  })
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      route: request.routeOptions.url ?? 'none',
      method: request.method,
      code: String(reply.statusCode),
    }
    const key = Object.values(labels).join(' ')
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { labels, count: 1 })
    else known.count += 1
    const duration = durations.get(labels.route) ?? createHistogram(SECONDS_BOUNDS)
    durations.set(labels.route, duration)
    duration.observe(reply.elapsedTime / 1000)
  })
  return () => [
    {
      name: 'foggara_api_requests_total',
      help: 'Answered HTTP requests.',
      type: 'counter',
      samples: [...counts.values()].map(({ labels, count }) => ({ labels, value: count })),
    },
    {
      name: 'foggara_api_request_seconds',
      help: 'Time from a request to the end of its answer, in seconds.',
      type: 'histogram',
      samples: [...durations].map(([route, histogram]) => ({
        labels: { route },
        value: histogram.reading(),
      })),
    },
    {
      name: 'foggara_api_requests_in_flight',
      help: 'HTTP requests that are not answered yet.',
      type: 'gauge',
      samples: [{ value: underWay }],
    },
  ]
}

type RequestLabels = { readonly route: string; readonly method: string; readonly code: string }
