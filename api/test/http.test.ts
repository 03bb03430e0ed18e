import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openClient } from '@foggara/database'
import { FatalError } from '@foggara/schema'
import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ReceiptOutcome, createApi } from '../index.ts'
import { type Answer, type ApiFixture, startApiFixture } from './api-fixture.ts'
import { HEAD_BLOCK } from './economy-names.ts'

let api: ApiFixture
let directory: string
let url: string

const outcomes: Record<string, ReceiptOutcome> = {
  new: outcome('accepted', 'ACCEPTED'),
  late: outcome('late', 'LATE'),
  early: outcome('quarantined', 'ASSET_UNKNOWN'),
  again: outcome('duplicate', 'DUPLICATE'),
  bad: outcome('rejected', 'SIGNATURE_INVALID'),
  other: outcome('rejected', 'NONCE_REUSED'),
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'foggara-static-'))
  writeFileSync(join(directory, 'index.html'), '<title>dashboards</title>')
  mkdirSync(join(directory, 'static'))
  writeFileSync(join(directory, 'static', 'main-1234.js'), 'export {}')
  api = await startApiFixture({
    staticDirectory: directory,
    receipts: {
      accept: async (body) => {
        const found = outcomes[JSON.parse(Buffer.from(body).toString()).name]
        if (found === undefined) throw new FatalError('RECEIPT_MALFORMED', 'expected a receipt')
        return found
      },
      acceptBatch: async (body) => {
        return outcome(body.length === 3 ? 'accepted' : 'rejected', 'BATCH')
      },
    },
    status: async () => ({ headBlock: HEAD_BLOCK + 3, safeBlock: 120, finalBlock: 100 }),
  })
  url = await api.app.listen({ host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

test('every audit of the GraphQL-over-HTTP specification passes', async () => {
  const results = await auditServer({
    url: `${url}/graphql`,
    fetchFn: (address: string, init: RequestInit = {}) =>
      fetch(address, {
        ...init,
        headers: {
          ...Object.fromEntries(new Headers(init.headers)),
          'apollo-require-preflight': '1',
        },
      }),
  })
  const failed = results.filter((result) => result.status !== 'ok')
  expect(failed.map(({ id, name, status }) => ({ id, name, status }))).toEqual([])
  expect(results).toHaveLength(61)
})

test('freshness is told against the head of the chain', async () => {
  const { data } = await api.query(`{
    _meta { lag headBlock finality hasErrors }
    safe: _meta(at: { number: 110 }) { finality lag }
    final: _meta(at: { number: 100 }) { finality }
  }`)
  expect(data).toEqual({
    _meta: { lag: 3, headBlock: HEAD_BLOCK + 3, finality: 'latest', hasErrors: false },
    safe: { finality: 'safe', lag: 33 },
    final: { finality: 'final' },
  })
})

test('receipts are answered by what became of them', async () => {
  const codes = async (body: string, type?: string): Promise<number> => {
    const response = await fetch(`${url}/receipts`, {
      method: 'POST',
      headers: { 'content-type': type ?? 'application/json' },
      body,
    })
    return response.status
  }
  expect(await codes('{"name":"new"}')).toBe(202)
  expect(await codes('{"name":"late"}')).toBe(202)
  expect(await codes('{"name":"early"}')).toBe(202)
  expect(await codes('abc', 'application/vnd.foggara.receipt-batch')).toBe(202)
  expect(await codes('abcd', 'application/vnd.foggara.receipt-batch')).toBe(400)
  const several = 'application/vnd.foggara.receipt-batches'
  expect(await codes('\0\0\0\u0003abc\0\0\0\u0003abc', several)).toBe(202)
  expect(await codes('\0\0\0\u0003abc\0\0\0\u0004abcd', several)).toBe(207)
  expect(await codes('\0\0\0\u0003abc\0\0\0\u0003ab', several)).toBe(400)
  expect(await codes('{"name":"again"}')).toBe(200)
  expect(await codes('{"name":"bad"}')).toBe(400)
  expect(await codes('{"name":"other"}')).toBe(409)
  expect(await codes('{"name":"nothing"}')).toBe(400)
  expect(await codes('{}', 'text/plain')).toBe(415)
  expect(await codes(JSON.stringify({ name: 'x'.repeat(20_000) }))).toBe(413)
})

test('lines are answered line by line, with 207 where one of them failed', async () => {
  const answer = async (body: string) => {
    const headers = { 'content-type': 'application/x-ndjson' }
    const response = await fetch(`${url}/receipts`, { method: 'POST', headers, body })
    const text = await response.text()
    const lines = text.split('\n').filter((line) => line !== '')
    const parsed = lines.map((line): { code: string; line: number } => JSON.parse(line))
    return [response.status, ...parsed.map(({ line, code }) => `${line} ${code}`)]
  }
  expect(await answer('{"name":"new"}\n\n{"name":"again"}')).toEqual([
    202,
    '1 ACCEPTED',
    '3 DUPLICATE',
  ])
  expect(await answer('{"name":"bad"}\n{"name":"nothing"}\n{"name":"late"}\n')).toEqual([
    207,
    '1 SIGNATURE_INVALID',
    '2 RECEIPT_MALFORMED',
    '3 LATE',
  ])
  const [status, ...lines] = await answer('{"name":"new"}\n'.repeat(10_001))
  expect([status, lines.length, lines.at(-1)]).toEqual([413, 10_001, '0 LINES_TOO_MANY'])
})

test('health says ready with the block, or why not', async () => {
  const ready = await fetch(`${url}/health`)
  expect(ready.status).toBe(200)
  expect(await ready.json()).toEqual({
    live: true,
    ready: true,
    reasons: [],
    block: HEAD_BLOCK,
    lag: 3,
  })
  const client = openClient({ url: 'http://127.0.0.1:9', username: 'reader', password: '' })
  const { app } = await createApi({ client, deployment: { chainId: 1 }, log: () => undefined })
  const unready = await app.inject({ url: '/health' })
  expect(unready.statusCode).toBe(503)
  expect(unready.json().reasons[0]).toMatch(/^DATABASE_UNREACHABLE: /)
  expect((await app.inject({ url: '/health/live' })).statusCode).toBe(200)
  const failed = await app.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query: '{ assets { totalCount } }' },
  })
  expect(failed.json().errors[0].extensions).toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    retryable: true,
  })
  await app.close()
  await client.close()
})

test('the dashboards are served under any address of theirs, with a strict policy', async () => {
  const html = { accept: 'text/html' }
  for (const path of ['/', '/assets/0x1234', '/epochs/1/explain/0x12']) {
    // oxlint-disable-next-line no-await-in-loop
    const page = await fetch(url + path, { headers: html })
    expect(page.status).toBe(200)
    // oxlint-disable-next-line no-await-in-loop
    expect(await page.text()).toContain('dashboards')
    expect(page.headers.get('content-security-policy')).toMatch(
      /script-src 'self' 'wasm-unsafe-eval';/,
    )
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  }
  const script = await fetch(`${url}/static/main-1234.js`)
  expect(script.headers.get('cache-control')).toContain('immutable')
  expect((await fetch(`${url}/missing.js`)).status).toBe(404)
  expect((await fetch(`${url}/..%2f..%2fetc/passwd`)).status).toBe(404)
})

test('a browser that opens the endpoint gets a page without anything from elsewhere', async () => {
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
  const text = await page.text()
  expect(text).toContain('<textarea')
  expect(text).not.toMatch(/https?:\/\//)
  const schema = await fetch(`${url}/schema.graphql`)
  expect(await schema.text()).toContain('type Asset implements Node')
})

test('closing answers what is in progress and then ends at once', async () => {
  const { app } = await createApi({
    client: api.reader,
    deployment: { chainId: 31337 },
    log: () => undefined,
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const started = new Promise((resolve) => app.server.once('request', resolve))
  const answer = ask(address, '{ assets { totalCount } }')
  await started
  const startMs = performance.now()
  await app.close()
  expect(await answer).toMatchObject({ data: { assets: { totalCount: 6 } } })
  expect(performance.now() - startMs).toBeLessThan(5_000)
})

test('a database that does not answer costs a request no more than its deadline', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const port = (silent.address() as AddressInfo).port
  const client = openClient({ url: `http://127.0.0.1:${port}`, username: 'reader', password: '' })
  const { app } = await createApi({
    client,
    deployment: { chainId: 31337 },
    deadlineMs: 200,
    log: () => undefined,
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const answer = await ask(address, '{ assets { totalCount } }')
  expect(answer.errors?.[0]?.extensions.code).toBe('REQUEST_TIMEOUT')
  await app.close()
  await client.close()
  silent.closeAllConnections()
  silent.close()
})

async function ask(address: string, query: string): Promise<Answer> {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const body: Omit<Answer, 'status'> = JSON.parse(await response.text())
  return { status: response.status, ...body }
}

function outcome(status: ReceiptOutcome['status'], code: string): ReceiptOutcome {
  return { status, code, digest: '0x01', message: code }
}
