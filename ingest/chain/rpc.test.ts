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
  ['RPC_RANGE_TOO_LARGE', 'Log response size exceeded. this block range should work: [0x0, 0x1]'],
  ['RPC_RANGE_TOO_LARGE', 'You can make eth_getLogs requests with up to a 500 block range.'],
  ['RPC_RANGE_TOO_LARGE', 'query returned more than 10000 results. Try with this block range'],
  ['RPC_RANGE_TOO_LARGE', 'range 1000000 exceeds limit of 10000'],
  ['RPC_RANGE_TOO_LARGE', 'eth_getLogs is limited to a 10,000 range'],
  ['RPC_RANGE_TOO_LARGE', 'ranges over 10000 blocks are not supported on freetier'],
  ['RPC_RANGE_TOO_LARGE', 'query exceeds max results 20000, retry with the range 1-2'],
  ['RPC_RANGE_TOO_LARGE', 'query exceeds max block range 100000'],
  ['RPC_RANGE_TOO_LARGE', 'Response is too big'],
  ['RPC_RANGE_TOO_LARGE', 'query block range exceeds server limit, narrow your filter: 1000'],
  ['RPC_RANGE_TOO_LARGE', 'query returns too many logs, narrow your filter: 20000'],
  ['RPC_RANGE_TOO_LARGE', 'block range is too wide'],
  ['RPC_RANGE_TOO_LARGE', 'maximum [from, to] blocks distance: 2000'],
  ['RPC_RANGE_TOO_LARGE', 'maximum block range: 50000'],
  ['RPC_RANGE_TOO_LARGE', 'Block range limit exceeded.'],
  ['RPC_RANGE_TOO_LARGE', 'exceeds the range allowed for your plan (5000 > 3000)'],
  ['RPC_RANGE_TOO_LARGE', 'please limit the query to at most 1000 blocks'],
  ['RPC_RANGE_TOO_LARGE', 'backend response too large'],
  ['RPC_RANGE_TOO_LARGE', 'logs matched by query exceeds limit of 10000'],
  ['RPC_RANGE_TOO_LARGE', 'requested too many blocks from 1 to 9, maximum is set to 2048'],
  ['RPC_RANGE_TOO_LARGE', 'block range is bigger than maxBlockRange'],
  ['RPC_RANGE_TOO_LARGE', 'block range greater than 100 max'],
  ['RPC_RANGE_TOO_LARGE', 'more than 50000 logs'],
  ['RPC_RATE_LIMITED', 'too many requests'],
  ['RPC_RATE_LIMITED', 'daily request count exceeded, request rate limited'],
  ['RPC_RATE_LIMITED', 'Monthly capacity limit exceeded'],
  ['RPC_RATE_LIMITED', 'project ID request rate exceeded, upgrade your tier'],
  ['RPC_CALL_FAILED', 'execution reverted'],
  ['RPC_CALL_FAILED', 'missing trie node'],
  ['RPC_CALL_FAILED', 'block range extends beyond current head block'],
  ['RPC_CALL_FAILED', 'pruned history unavailable'],
  ['RPC_CALL_FAILED', 'header not found'],
] as const)('%s is what a provider means by: %s', async ([code, message]) => {
  answer = (_, __, response) => {
    response.end(JSON.stringify({ id: 0, error: { code: -32000, message } }))
  }
  await expect(open().call('eth_getLogs', [])).rejects.toMatchObject({ code })
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
