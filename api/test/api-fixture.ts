import {
  type ClickHouseClient,
  type ScratchDatabase,
  migrate,
  openClient,
  startScratchDatabase,
} from '@foggara/database'
import { migrations } from '@foggara/schema'
import type { FastifyInstance } from 'fastify'

import { type ApiOptions, createApi } from '../index.ts'
import { writeEconomy } from './economy.ts'

/** A GraphQL answer. */
export type Answer = {
  readonly status: number
  // Answers of every shape are looked into by the tests.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data?: any
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions: { readonly code: string; readonly hint?: string }
  }[]
  readonly extensions?: {
    readonly cost: { readonly points: number; readonly rows: number; readonly statements: number }
    readonly pins: readonly { readonly block: { readonly number: number } }[]
  }
}

/** A real database with the hand-made economy and the API before it. */
export type ApiFixture = AsyncDisposable & {
  readonly app: FastifyInstance
  readonly scratch: ScratchDatabase
  readonly reader: ClickHouseClient
  readonly logged: readonly string[]
  /** Sends one operation. */
  query(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Answer>
}

/** Starts the fixture; dispose of it. */
export async function startApiFixture(options: Partial<ApiOptions> = {}): Promise<ApiFixture> {
  const scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  await migrate({ url, username, password, database: 'default' }, migrations('single'))
  await writeEconomy(scratch.writer)
  const logged: string[] = []
  const { app } = await createApi({
    client: scratch.reader,
    openDatabase: (database) => openClient({ url, ...scratch.database.reader, database }),
    deployment: { chainId: 31337 },
    log: (line) => logged.push(line),
    ...options,
  })
  return {
    app,
    scratch,
    reader: scratch.reader,
    logged,
    async query(query, variables = {}) {
      const response = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify({ query, variables }),
      })
      const body: Omit<Answer, 'status'> = JSON.parse(response.body)
      return { status: response.statusCode, ...body }
    },
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await scratch[Symbol.asyncDispose]()
    },
  }
}
