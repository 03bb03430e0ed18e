import type { FastifyInstance } from 'fastify'

import { EXPOSITION_TYPE, type MetricSource, expositionText } from '../metrics/exposition.ts'

/** Serves `GET /metrics` in the text format of Prometheus. */
export function metricsRoute(app: FastifyInstance, source: MetricSource): void {
  app.get('/metrics', async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type(EXPOSITION_TYPE)
      .send(expositionText(await source())),
  )
}
