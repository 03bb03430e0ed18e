import { type ClickHouseClient, currentPin } from '@foggara/database'
import { FoggaraError } from '@foggara/schema'
import type { FastifyInstance } from 'fastify'

import type { ServiceStatus } from '../status.ts'
import { wantsPage } from './wants-page.ts'

type Health = {
  /** The process answers. */
  readonly live: true
  /** The database answers, something is indexed and nothing is wrong. */
  readonly ready: boolean
  /** Why it is not ready, one line each. */
  readonly reasons: readonly string[]
  readonly block?: number
  readonly lag?: number
}

/** Serves `GET /health`: 200 when ready, else 503 with the reasons. `GET /health/live` is always 200. */
export function healthRoute(
  app: FastifyInstance,
  client: ClickHouseClient,
  status: () => Promise<ServiceStatus>,
): void {
  app.get('/health', async (request, reply) => {
    // The dashboards have a page of this address: a browser gets that, a probe the facts.
    if (wantsPage(request)) return reply.callNotFound()
    const health = await healthOf(client, status)
    return reply
      .header('cache-control', 'no-store')
      .code(health.ready ? 200 : 503)
      .send(health)
  })
  app.get('/health/live', async () => ({ live: true }))
}

async function healthOf(
  client: ClickHouseClient,
  readStatus: () => Promise<ServiceStatus>,
): Promise<Health> {
  try {
    const [pin, status] = await Promise.all([currentPin(client), readStatus()])
    const reasons = status.errors ?? []
    const { headBlock } = status
    return {
      live: true,
      ready: reasons.length === 0,
      reasons,
      block: pin.block,
      ...(headBlock === undefined ? {} : { lag: Math.max(0, headBlock - pin.block) }),
    }
  } catch (error) {
    const known = error instanceof FoggaraError
    const reason = known ? `${error.code}: ${error.message}` : 'INTERNAL_ERROR'
    return { live: true, ready: false, reasons: [reason] }
  }
}
