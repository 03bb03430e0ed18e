import { existsSync } from 'node:fs'
import path from 'node:path'

import { type ServiceStatus, createApi } from '@foggara/api'
import type { MetricSource } from '@foggara/api/metrics'
import { openClient } from '@foggara/database'
import type { Ingest, ReceiptIntake } from '@foggara/ingest'

import type { Config } from '../config.ts'
import { openMetricsServer } from '../metrics/metrics-server.ts'
import { listenError, reachable } from './free-port.ts'
import type { OpenDatabase } from './open-database.ts'
import { repository } from './repository.ts'

/** What the API serves. */
export type ServeOptions = {
  readonly config: Config
  readonly database: OpenDatabase
  readonly chainId: number
  /** Takes receipts; undefined: none are taken. */
  readonly intake: ReceiptIntake | undefined
  readonly status: () => Promise<ServiceStatus>
  /** What the service measures of itself. */
  readonly metrics: MetricSource
  readonly log: (line: string) => void
}

/** A listening API. */
export type Serving = AsyncDisposable & { readonly url: string }

/**
 * Serves GraphQL, health, downloads, receipts and the dashboards.
 *
 * @throws {PortInUseError}
 */
export async function serveApi(options: ServeOptions): Promise<Serving> {
  const { host, port, metrics: place } = options.config
  const client = openClient(options.database.reader)
  const dist = path.join(repository(), 'dashboards', 'dist')
  const { app, metrics } = await createApi({
    client,
    openDatabase: (database) => openClient({ ...options.database.reader, database }),
    deployment: { chainId: options.chainId },
    ...(existsSync(path.join(dist, 'index.html')) ? { staticDirectory: dist } : {}),
    ...(options.intake === undefined ? {} : { receipts: options.intake }),
    status: options.status,
    ...(place === 'on' ? { metrics: options.metrics } : {}),
    log: options.log,
  })
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await client.close()
    throw listenError(cause, host, port)
  }
  const apart =
    typeof place === 'number'
      ? await openMetricsServer(host, place, async () => [
          ...(await options.metrics()),
          ...(await metrics()),
        ])
      : undefined
  const address = app.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${reachable(host)}:${bound}`,
    [Symbol.asyncDispose]: async () => {
      await apart?.[Symbol.asyncDispose]()
      await app.close()
      await client.close()
    },
  }
}

/** What the API may say about the process it runs in. */
export function serviceStatus(
  ingest: Pick<Ingest, 'status'>,
  problems: () => readonly string[],
): ServiceStatus {
  const { chainHeadBlock, finalizedBlock, blocksPerSecond, errorCode, errorText } = ingest.status()
  const trouble = errorCode === '' ? [] : [`${errorCode}: ${errorText}`]
  return {
    ...(chainHeadBlock < 0 ? {} : { headBlock: chainHeadBlock }),
    ...(finalizedBlock < 0 ? {} : { finalBlock: finalizedBlock }),
    blocksPerSecond,
    errors: [...trouble, ...problems()],
  }
}
