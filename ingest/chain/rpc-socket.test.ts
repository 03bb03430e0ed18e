import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { type ServerSocket, acceptSockets } from '../simulation/socket-server.ts'
import { openRpcPool } from './rpc-pool.ts'
import { type Rpc, openRpc } from './rpc.ts'

type Sent = { readonly id: number; readonly method: string; readonly params: readonly unknown[] }

let server: Server
let url: string
let closing: AbortController
let sockets: ReadonlySet<ServerSocket>
let opened: number
let answer: (sent: Sent, socket: ServerSocket) => void

beforeEach(async () => {
  closing = new AbortController()
  opened = 0
  server = createServer((_, response) => void response.writeHead(401).end('invalid api key'))
  sockets = acceptSockets(server, (text, socket) => answer(JSON.parse(text) as Sent, socket))
  server.on('upgrade', () => (opened += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  closing.abort()
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('calls share one connection, and answers find them wherever a node writes the number', async () => {
  const wordings = [
    (id: number, result: string) => `{"jsonrpc":"2.0","id":${id},"result":${result}}`,
    (id: number, result: string) => `{"id": ${id}, "jsonrpc": "2.0", "result": ${result}}`,
    (id: number, result: string) => `{"jsonrpc":"2.0","result":${result},"id":${id}}\n`,
    (id: number, result: string) => `{"result":${result},"id":${id},"jsonrpc":"2.0"}`,
  ]
  const held: (() => void)[] = []
  answer = ({ id, params: [value] }, socket) => {
    const result = JSON.stringify({ id: 7, of: value })
    const wording = wordings[id % wordings.length]
    held.push(() => socket.send(wording?.(id, result) ?? ''))
    if (held.length === 40) for (const send of held.toReversed()) send()
  }
  const rpc = open()
  const calls = Array.from({ length: 20 }, (_, index) => ({ method: 'a', params: [index] }))
  const others = calls.map(({ method }, index) => ({ method, params: [100 + index] }))
  const [first, second] = await Promise.all([rpc.batch(calls), rpc.batch(others)])
  expect(first).toEqual(calls.map(({ params: [of] }) => ({ id: 7, of })))
  expect(second).toEqual(others.map(({ params: [of] }) => ({ id: 7, of })))
  expect(opened).toBe(1)
})

test('logs are read by the scanner, and a large answer arrives whole', async () => {
  const log = { address: `0x${'ab'.repeat(20)}`, topics: [], data: `0x${'cd'.repeat(50_000)}` }
  const place = { blockNumber: '0x1', logIndex: '0x0', transactionIndex: '0x0', removed: false }
  const hashes = { blockHash: `0x${'01'.repeat(32)}`, transactionHash: `0x${'02'.repeat(32)}` }
  const logs = Array.from({ length: 60 }, () => ({ ...log, ...place, ...hashes }))
  answer = ({ id }, socket) => socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: logs }))
  const result = await open().call('eth_getLogs', [{}])
  expect(result).toMatchObject({ first: 0, end: 60 })
})

test('errors mean the same as over HTTP', async () => {
  const message = 'query returned more than 10000 results'
  answer = ({ id }, socket) =>
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_005, message } }))
  await expect(open().call('eth_getLogs', [])).rejects.toMatchObject({
    code: 'RPC_RANGE_TOO_LARGE',
  })
  answer = (_, socket) => {
    const error = { code: -32_005, message: 'too many requests' }
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: null, error }))
  }
  await expect(open().call('a', [])).rejects.toMatchObject({ code: 'RPC_RATE_LIMITED' })
  answer = () => undefined
  await expect(open(100).call('a', [])).rejects.toThrow('found no answer in time')
})

test('a connection that breaks fails what is under way, and the next call opens another', async () => {
  let isBroken = true
  answer = ({ id }, socket) => {
    if (isBroken) socket.destroy()
    else socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: '0x1' }))
  }
  const rpc = open()
  const error: unknown = await rpc.call('a', []).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'RPC_UNREACHABLE', retryable: true })
  isBroken = false
  const before = opened
  expect(await rpc.call('a', [])).toBe('0x1')
  expect(opened).toBeGreaterThan(before)
})

test('a connection that is never made is given up, with what it holds', async () => {
  server.removeAllListeners('upgrade')
  server.on('upgrade', () => undefined)
  await expect(open(100).call('a', [])).rejects.toThrow('found no answer in time')
})

test('a refused connection says why, and no message shows the key', async () => {
  server.removeAllListeners('upgrade')
  const error: unknown = await open(5_000, `${url}/v2/s3cret`)
    .call('a', [])
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'RPC_REFUSED', retryable: false })
  expect(String(error)).not.toContain('s3cret')
  server.close()
  const nowhere = open(5_000, 'ws://127.0.0.1:9')
  await expect(nowhere.call('a', [])).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
})

test('a new head ends a pause; without a subscription pauses are ordinary', async () => {
  const subscribed = Promise.withResolvers<ServerSocket>()
  let knowsSubscriptions = true
  answer = ({ id, method }, socket) => {
    if (method !== 'eth_subscribe') socket.send(JSON.stringify({ id, result: '0x1' }))
    else if (!knowsSubscriptions) socket.send(JSON.stringify({ id, error: { code: -32_601 } }))
    else {
      socket.send(JSON.stringify({ id, result: '0xab' }))
      subscribed.resolve(socket)
    }
  }
  const pauses: number[] = []
  let sleepsForEver = false
  const pool = openRpcPool({
    urls: [url],
    chainId: 1,
    nowMs: () => 0,
    signal: closing.signal,
    sleep: async (durationMs) => {
      pauses.push(durationMs)
      if (sleepsForEver) await new Promise(() => undefined)
    },
  })
  await pool.call('eth_chainId', [])
  await pool.untilHead?.(500)
  expect(pauses).toEqual([500])
  const subscriber = await subscribed.promise
  // The subscription is known once another answer came over the same connection.
  await pool.call('eth_chainId', [])
  sleepsForEver = true
  subscriber.send(JSON.stringify({ method: 'eth_subscription', params: { result: {} } }))
  await pool.untilHead?.(500)
  sleepsForEver = false
  pauses.length = 0
  await pool.untilHead?.(500)
  expect(pauses).toHaveLength(10)
  knowsSubscriptions = false
  for (const socket of sockets) socket.destroy()
  pauses.length = 0
  while (pauses.length !== 1) {
    pauses.length = 0
    await pool.call('eth_chainId', []).catch(() => undefined)
    await pool.untilHead?.(500)
  }
  expect(pauses).toEqual([500])
})

function open(timeoutMs = 5_000, address = url): Rpc {
  const sleep = (): Promise<void> => Promise.resolve()
  return openRpc({ url: address, timeoutMs, attemptsMax: 1, sleep, signal: closing.signal })
}
