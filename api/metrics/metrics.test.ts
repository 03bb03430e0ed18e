import { afterAll, beforeAll, expect, test } from 'vitest'

import { createApi } from '../index.ts'
import { type ApiFixture, startApiFixture } from '../test/api-fixture.ts'
import { parseExposition } from '../test/parse-exposition.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture({
    metrics: async () => [
      { name: 'foggara_other', help: 'Another.', type: 'gauge', samples: [{ value: 7 }] },
    ],
  })
})
afterAll(() => api[Symbol.asyncDispose]())

test('requests are counted by pattern and code, blocks by their evidence', async () => {
  await api.query('{ _meta { lag } }')
  await api.app.inject({ url: '/epochs/123456/bundle.ndjson' })
  await api.app.inject({ url: '/no/such/page' })
  const response = await api.app.inject({ url: '/metrics' })
  expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  const families = parseExposition(response.body)
  const samplesOf = (name: string) => families.find((family) => family.name === name)?.samples
  expect(samplesOf('foggara_other')).toMatchObject([{ value: 7 }])
  expect(samplesOf('foggara_database_up')).toMatchObject([{ value: 1 }])
  expect(samplesOf('foggara_blocks')?.[0]?.value).toBeGreaterThan(0)
  expect(samplesOf('foggara_api_requests_total')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        labels: { route: '/graphql', method: 'POST', code: '200' },
        value: 1,
      }),
      expect.objectContaining({
        labels: { route: '/epochs/:epoch/bundle.ndjson', method: 'GET', code: '404' },
      }),
      expect.objectContaining({ labels: { route: 'none', method: 'GET', code: '404' } }),
    ]),
  )
  expect(response.body).not.toContain('123456')
  expect(samplesOf('foggara_api_requests_in_flight')).toMatchObject([{ value: 1 }])
})

test('without a source there is no such address', async () => {
  const options = { client: api.reader, deployment: { chainId: 1 }, log: () => undefined }
  const { app } = await createApi(options)
  expect((await app.inject({ url: '/metrics' })).statusCode).toBe(404)
  await app.close()
})
