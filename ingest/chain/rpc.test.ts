import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Rpc, openRpc } from './rpc.ts'

type Handler = (body: string, request: IncomingMessage, response: ServerResponse) => void

let answer: Handler
const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (body += chunk))
  request.on('end', () => answer(body, request, response))
})
let origin = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('answers are matched by id, whatever their order, and batches are split', async () => {
  const sizes: number[] = []
  answer = (body, _, response) => {
    const calls = JSON.parse(body) as readonly { id: number; params: readonly unknown[] }[]
    sizes.push(calls.length)
    const answers = calls.map(({ id, params }) => ({ id, result: params[0] })).toReversed()
    response.end(JSON.stringify(answers))
  }
  const calls = Array.from({ length: 250 }, (_, index) => ({ method: 'echo', params: [index] }))
  expect(await open().batch(calls)).toEqual(calls.map(({ params }) => params[0]))
  expect(sizes).toEqual([100, 100, 50])
})

test('a failure that may pass is met again; the last one is raised', async () => {
  let requests = 0
  answer = (_, __, response) => {
    requests += 1
    if (requests < 3) response.writeHead(503).end()
    else response.end('{"id":0,"result":"0x1"}')
  }
  expect(await open().call('eth_chainId', [])).toBe('0x1')
  requests = -10
  await expect(open().call('eth_chainId', [])).rejects.toMatchObject({
    code: 'RPC_UNREACHABLE',
    retryable: true,
  })
  expect(requests).toBe(-7)
})

test('no message shows what an address may hide: user, password, path or query', async () => {
  answer = (_, request, response) => {
    const pair = Buffer.from(String(request.headers.authorization).slice(6), 'base64').toString()
    response.writeHead(pair === 'me:p@ss' ? 401 : 500).end('key s3cret is unknown')
  }
  const url = `${origin.replace('//', '//me:p%40ss@')}/v2/s3cret?key=s3cret`
  const rpc = open(url)
  const error: unknown = await rpc.call('eth_chainId', []).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'RPC_REFUSED', retryable: false })
  expect(error).toHaveProperty('message', `${origin}/…: expected an answer, found HTTP 401`)
  expect(rpc.shownUrl).toBe(`${origin}/…`)
  await expect(open('file:///etc/passwd').call('a', [])).rejects.toMatchObject({
    code: 'RPC_URL_INVALID',
  })
})

test('nobody listening is unreachable, and an answer that does not come is given up', async () => {
  const nowhere = `http://127.0.0.1:${await closedPort()}`
  await expect(open(nowhere).call('a', [])).rejects.toMatchObject({
    code: 'RPC_UNREACHABLE',
    message: `${nowhere}: expected an answer, found ECONNREFUSED`,
  })
  answer = () => undefined
  await expect(open(origin, 50).call('a', [])).rejects.toThrow('found no answer in time')
})

test.for([
  ['RPC_RANGE_TOO_LARGE', 'block range is too wide'],
  ['RPC_RATE_LIMITED', 'too many requests'],
  ['RPC_CALL_FAILED', 'execution reverted'],
  ['RPC_CALL_FAILED', 'header not found'],
  ['RPC_REFUSED', 'invalid API key'],
] as const)('%s is raised for: %s', async ([code, message]) => {
  answer = (_, __, response) => {
    response.end(JSON.stringify({ id: 0, error: { code: -32000, message } }))
  }
  await expect(open().call('eth_getLogs', [])).rejects.toMatchObject({ code })
})

test('a batch that is too large for a provider is sent in smaller ones, also later', async () => {
  const sizes: number[] = []
  answer = (body, _, response) => {
    const parsed: unknown = JSON.parse(body)
    const calls = (Array.isArray(parsed) ? parsed : [parsed]) as readonly { id: number }[]
    sizes.push(calls.length)
    const message = 'Batch of more than 3 requests are not allowed on free tier'
    const answers = calls.map(({ id }) => ({ id, result: id }))
    const isTooLarge = calls.length > 3
    response.end(JSON.stringify(isTooLarge ? { error: { code: 31, message } } : answers))
  }
  const calls = Array.from({ length: 8 }, () => ({ method: 'echo', params: [] }))
  const rpc = open()
  expect(await rpc.batch(calls)).toEqual([0, 1, 2, 0, 1, 2, 0, 1])
  expect(sizes).toEqual([8, 3, 3, 2])
  await rpc.batch(calls.slice(0, 4))
  expect(sizes).toEqual([8, 3, 3, 2, 3, 1])
})

test('a limit that stands only in the data of an error, or in a status, is understood', async () => {
  answer = (_, __, response) => {
    const data = { payload: 'range 9009594 is bigger than range limit 2000' }
    response.end(
      JSON.stringify({ id: 0, error: { code: -32602, message: 'invalid params', data } }),
    )
  }
  await expect(open().call('a', [])).rejects.toMatchObject({ code: 'RPC_RANGE_TOO_LARGE' })
  answer = (_, __, response) => void response.writeHead(413).end()
  await expect(open().call('a', [])).rejects.toMatchObject({ code: 'RPC_RANGE_TOO_LARGE' })
})

test('what is no JSON-RPC is refused', async () => {
  const bodies = ['<html>', '', 'null', '[]', '{"id":1,"result":1}', '{"id":0}', '"text"']
  for (const body of bodies) {
    answer = (_, __, response) => void response.end(body)
    await expect(open().call('a', []), body).rejects.toMatchObject({ code: 'RPC_RESPONSE_INVALID' })
  }
})

function open(url = origin, timeoutMs = 5_000): Rpc {
  const { signal } = new AbortController()
  return openRpc({ url, timeoutMs, sleep: () => Promise.resolve(), signal })
}

async function closedPort(): Promise<number> {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await new Promise((resolve) => other.close(resolve))
  return port
}
