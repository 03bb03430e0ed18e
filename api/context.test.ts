import { queryRows } from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createChains } from './chains.ts'
import { ClientGoneError, createContext } from './context.ts'
import { createClosedEpochs } from './graphql/epoch/closed-epochs.ts'
import { createPins } from './sql/pins.ts'
import { createStatementCache } from './sql/statement-cache.ts'
import { type ApiFixture, startApiFixture } from './test/api-fixture.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})

afterAll(async () => api?.[Symbol.asyncDispose]())

function context(signal: AbortSignal) {
  return createContext(
    {
      client: api.reader,
      pins: createPins(api.reader),
      cache: createStatementCache(),
      chainId: 31337,
      status: async () => ({}),
      closedEpochs: createClosedEpochs(),
      chains: createChains(api.reader, undefined),
    },
    signal,
  )
}

test('a statement of a request whose client went away is cancelled inside the database', async () => {
  const controller = new AbortController()
  const reader = await context(controller.signal).at(null)
  const sql = 'select count() from numbers(100000000000) where sipHash64(number) = 7'
  const answer = reader.rows({ sql, parameters: {}, limits: 'export' })
  const running = async (): Promise<number> => {
    const rows = await queryRows<{ n: string }>(
      api.scratch.writer,
      "select count() as n from system.processes where query like '%sipHash64(number) = 7%' and query not like '%processes%'",
    )
    return Number(rows[0]?.n)
  }
  await until(async () => (await running()) === 1)
  controller.abort(new ClientGoneError())
  await expect(answer).rejects.toMatchObject({ code: 'CLIENT_GONE' })
  await until(async () => (await running()) === 0)
  await expect(reader.rows({ sql: 'select 1', parameters: {} })).rejects.toMatchObject({
    code: 'CLIENT_GONE',
  })
})

test('a statement beyond its limits fails with a code of its own', async () => {
  const reader = await context(new AbortController().signal).at(null)
  const sql = 'select number as n from numbers(5000)'
  await expect(reader.rows({ sql, parameters: {} })).rejects.toMatchObject({
    code: 'QUERY_TOO_EXPENSIVE',
  })
})

test('requests that come together share one cut', async () => {
  const pins = createPins(api.reader)
  const [first, second] = await Promise.all([pins.newest(), pins.newest()])
  expect(second).toBe(first)
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(20_000)
  while (!(await condition())) signal.throwIfAborted()
}
