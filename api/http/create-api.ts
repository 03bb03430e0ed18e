import type { ClickHouseClient } from '@foggara/database'
import { FoggaraError } from '@foggara/schema'
import { type FastifyInstance, fastify } from 'fastify'
import type { GraphQLSchema } from 'graphql'

import { createChains } from '../chains.ts'
import { createApollo } from '../execute/apollo.ts'
import type { OperationLimits } from '../execute/limits.ts'
import { createClosedEpochs } from '../graphql/epoch/closed-epochs.ts'
import { SCHEMA, schemaText } from '../graphql/schema.ts'
import { databaseMetrics } from '../metrics/database-metrics.ts'
import type { MetricSource } from '../metrics/exposition.ts'
import { watchRequests } from '../metrics/watch-requests.ts'
import { createPins } from '../sql/pins.ts'
import { createStatementCache } from '../sql/statement-cache.ts'
import type { ServiceStatus } from '../status.ts'
import { storedStatus } from '../stored-status.ts'
import { bundleRoute } from './bundle-route.ts'
import { graphqlRoute } from './graphql-route.ts'
import { healthRoute } from './health-route.ts'
import { metricsRoute } from './metrics-route.ts'
import { rankGraphRoute } from './rank-graph-route.ts'
import { type ReceiptIntake, type ReceiptLimits, receiptsRoute } from './receipts-route.ts'
import { securityHeaders } from './security.ts'
import { staticRoute } from './static-route.ts'

/** What the API serves and from where. */
export type ApiOptions = {
  /** A client of a user who may only read. */
  readonly client: ClickHouseClient
  /**
   * Clients of the same user for the databases of other chains, closed with the application; without it
   * no chain is shown.
   */
  readonly openDatabase?: (database: string) => ClickHouseClient
  readonly deployment: { readonly chainId: number }
  /** The built dashboards; without it only the API is served. */
  readonly staticDirectory?: string
  /** Takes receipts at `POST /receipts`; without it there is no such address. */
  readonly receipts?: ReceiptIntake
  /** Other limits of a sender of receipts than the public ones. */
  readonly receiptLimits?: ReceiptLimits
  /** What the service knows beyond the database, when it runs in the same process. */
  readonly status?: () => Promise<ServiceStatus>
  /** What the service measures of itself, for `GET /metrics`; without it there is no such address. */
  readonly metrics?: MetricSource
  /** Other limits of an operation than the public ones. */
  readonly limits?: OperationLimits
  /** How long one GraphQL request may take; 15 seconds by default. */
  readonly deadlineMs?: number
  /** Receives one line about each failure worth knowing. */
  readonly log: (line: string) => void
}

const DEADLINE_MS = 15_000

/** A document is at most this long; variables included. */
const BODY_BYTES_MAX = 131_072

/** An API that does not listen yet. */
export type Api = {
  readonly app: FastifyInstance
  readonly schema: GraphQLSchema
  /** What it measures of itself and of its database; part of `GET /metrics`. */
  readonly metrics: MetricSource
}

/**
 * Builds the HTTP application: GraphQL, health, downloads, receipts and the dashboards. The caller
 * lets it listen and closes it.
 */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { client, log } = options
  const status = statusOf(client, options.status)
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  })
  securityHeaders(app)
  const requestMetrics = watchRequests(app)
  answerErrors(app, log)
  const apollo = createApollo({
    schema: SCHEMA,
    httpServer: app.server,
    log,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  await apollo.start()
  app.addHook('preClose', async () => apollo.stop())
  const chains = createChains(client, options.openDatabase)
  app.addHook('onClose', async () => chains[Symbol.asyncDispose]())
  const source = {
    client,
    pins: createPins(client),
    cache: createStatementCache(),
    chainId: options.deployment.chainId,
    status,
    closedEpochs: createClosedEpochs(),
    chains,
  }
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS
  graphqlRoute(app, apollo, { source, schemaText: schemaText(), deadlineMs })
  healthRoute(app, client, status)
  bundleRoute(app, client)
  rankGraphRoute(app, source, deadlineMs)
  if (options.receipts !== undefined) receiptsRoute(app, options.receipts, options.receiptLimits)
  const readDatabase = databaseMetrics(client, source.pins)
  const metrics: MetricSource = async () => [...requestMetrics(), ...(await readDatabase())]
  const { metrics: others, staticDirectory } = options
  if (others !== undefined) {
    metricsRoute(app, async () => [...(await others()), ...(await metrics())])
  }
  if (staticDirectory !== undefined) staticRoute(app, staticDirectory)
  return { app, schema: SCHEMA, metrics }
}

/** The given status; what ingest has stored when that knows no head. */
function statusOf(
  client: ClickHouseClient,
  given: (() => Promise<ServiceStatus>) | undefined,
): () => Promise<ServiceStatus> {
  return async () => {
    const own = (await given?.()) ?? {}
    return own.headBlock === undefined ? { ...(await storedStatus(client)), ...own } : own
  }
}

function answerErrors(app: FastifyInstance, log: (line: string) => void): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof FoggaraError) {
      const { code, message, retryable } = error
      return reply.code(retryable ? 503 : 400).send({ code, message })
    }
    const status = statusCodeOf(error)
    if (status < 500)
      return reply.code(status).send({ code: 'BAD_REQUEST', message: textOf(error) })
    log(`api: unexpected error: ${error instanceof Error ? error.stack : String(error)}`)
    const message = 'expected an answer, found an internal error'
    return reply.code(500).send({ code: 'INTERNAL_ERROR', message })
  })
}

function statusCodeOf(error: unknown): number {
  const isObject = typeof error === 'object' && error !== null && 'statusCode' in error
  return isObject && typeof error.statusCode === 'number' ? error.statusCode : 500
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'expected a request, found something else'
}
