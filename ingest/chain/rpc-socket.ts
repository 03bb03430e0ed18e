import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

import { ANSWER_BYTES_MAX, AnswerTooLargeError, type HttpAnswer } from './rpc-http.ts'
import type { RpcCall } from './rpc.ts'

/** JSON-RPC over one WebSocket, which is opened when it is needed and again after it broke. */
export type RpcSocket = {
  /** Sends calls; the answers stand in one body as over HTTP, numbered from 0. */
  readonly exchange: (calls: readonly RpcCall[], signal: AbortSignal) => Promise<HttpAnswer>
  /**
   * Resolves when the node tells of a new block, or at once when it told of one since the last call;
   * without a subscription after the pause, with one after some pauses at the latest. What it tells is
   * never believed, it only ends a pause.
   */
  readonly untilHead: (
    pauseMs: number,
    sleep: (durationMs: number) => Promise<void>,
  ) => Promise<void>
}

/** With a subscription the chain is asked this many times less often. */
const PATIENCE = 10

/** Whether an address is one of a WebSocket. */
export function isSocketUrl(address: string): boolean {
  return /^wss?:/iu.test(address)
}

/** Prepares a socket; it closes when `closing` aborts. */
export function openRpcSocket(address: string, closing: AbortSignal): RpcSocket {
  const socket = new Socket(address, closing)
  return {
    exchange: (calls, signal) => socket.exchange(calls, signal),
    untilHead: (pauseMs, sleep) => socket.untilHead(pauseMs, sleep),
  }
}

type Waiting = { readonly call: number; readonly answer: PromiseWithResolvers<string> }

class Socket {
  readonly #address: string
  #opening: Promise<WebSocket> | undefined
  #nextId = 1
  readonly #waiting = new Map<number, Waiting>()
  #isSubscribed = false
  #hasNews = false
  #onNews = Promise.withResolvers<void>()

  constructor(address: string, closing: AbortSignal) {
    this.#address = address
    const close = (): void => {
      this.#opening?.then(
        (socket) => socket.close(),
        () => undefined,
      )
    }
    closing.addEventListener('abort', close, { once: true })
  }

  async exchange(calls: readonly RpcCall[], signal: AbortSignal): Promise<HttpAnswer> {
    const socket = await unlessAborted(this.#open(), signal)
    // A server answers to an upgrade with a status when it refuses it.
    if ('status' in socket) return socket
    const texts = await Promise.all(calls.map((call, at) => this.#ask(socket, call, at, signal)))
    const bytes = Buffer.from(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`)
    return { status: 200, bytes, retryAfterMs: undefined }
  }

  async untilHead(pauseMs: number, sleep: (durationMs: number) => Promise<void>): Promise<void> {
    if (!this.#isSubscribed) {
      this.#subscribe().catch(() => undefined)
      return sleep(pauseMs)
    }
    for (let pause = 0; pause < PATIENCE && !this.#hasNews && this.#isSubscribed; pause += 1) {
      await Promise.race([this.#onNews.promise, sleep(pauseMs)])
    }
    this.#hasNews = false
    this.#onNews = Promise.withResolvers()
  }

  async #open(): Promise<WebSocket | HttpAnswer> {
    this.#opening ??= this.#connect()
    const opening = this.#opening
    try {
      return await opening
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined
      const refusal = await refusalOf(this.#address)
      if (refusal !== undefined) return refusal
      throw error
    }
  }

  async #connect(): Promise<WebSocket> {
    const { url, headers } = splitAddress(this.#address)
    const socket = new WebSocket(url, { headers })
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true })
      socket.addEventListener('error', () => reject(new Error('no WebSocket')), { once: true })
    })
    socket.addEventListener('message', ({ data }) => this.#receive(String(data)))
    socket.addEventListener('close', ({ code }) => this.#lose(`the connection closed (${code})`))
    return socket
  }

  async #ask(
    socket: WebSocket,
    { method, params }: RpcCall,
    call: number,
    signal: AbortSignal,
  ): Promise<string> {
    const id = this.#nextId
    this.#nextId += 1
    const answer = Promise.withResolvers<string>()
    this.#waiting.set(id, { call, answer })
    try {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
      return await unlessAborted(answer.promise, signal)
    } finally {
      this.#waiting.delete(id)
    }
  }

  #receive(text: string): void {
    const found = idOf(text)
    if (found !== undefined) {
      const waiting = this.#waiting.get(found.id)
      if (text.length > ANSWER_BYTES_MAX) waiting?.answer.reject(new AnswerTooLargeError())
      waiting?.answer.resolve(renumbered(text, found, waiting.call))
      return
    }
    if (text.includes('"eth_subscription"')) {
      this.#hasNews = true
      this.#onNews.resolve()
      return
    }
    // An error without a number is about everything that was sent.
    const error = errorOf(text)
    if (error === undefined) return
    for (const { call, answer } of this.#waiting.values()) {
      answer.resolve(JSON.stringify({ jsonrpc: '2.0', id: call, error }))
    }
  }

  #lose(reason: string): void {
    this.#opening = undefined
    this.#isSubscribed = false
    this.#onNews.resolve()
    for (const { answer } of this.#waiting.values()) answer.reject(new Error(reason))
  }

  /** A node that knows no subscriptions is asked at ordinary pauses. */
  async #subscribe(): Promise<void> {
    const opening = this.#opening
    const socket = await opening
    if (socket === undefined || this.#opening !== opening) return
    const call = { method: 'eth_subscribe', params: ['newHeads'] }
    const text = await this.#ask(socket, call, 0, AbortSignal.timeout(SUBSCRIBE_MS_MAX))
    const answer: unknown = JSON.parse(text)
    const isDone = typeof answer === 'object' && answer !== null && 'result' in answer
    if (isDone && this.#opening === opening) this.#isSubscribed = true
  }
}

const SUBSCRIBE_MS_MAX = 10_000

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
    work.catch(() => undefined)
  }
}

/** The number of an answer and where it stands. */
type Numbered = { readonly id: number; readonly start: number; readonly end: number }

/**
 * Finds the number of an answer without reading all of it: every node writes it as the first or the
 * last member, or right after the version. The text that follows a number at the end closes the
 * outermost object, so it cannot belong to a result.
 */
function idOf(text: string): Numbered | undefined {
  const [head] = /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*\d+/u.exec(text) ?? []
  if (head !== undefined) return numbered(head, 0)
  const end = text.slice(-TAIL_LENGTH)
  const tail = /"id"\s*:\s*\d+(?=\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$)/u.exec(end)
  return tail === null ? undefined : numbered(tail[0], text.length - end.length + tail.index)
}

const TAIL_LENGTH = 100

function numbered(text: string, at: number): Numbered {
  const digits = /\d+$/u.exec(text)?.[0] ?? ''
  const end = at + text.length
  return { id: Number(digits), start: end - digits.length, end }
}

function renumbered(text: string, { start, end }: Numbered, call: number): string {
  return `${text.slice(0, start)}${call}${text.slice(end)}`
}

function errorOf(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null && 'error' in answer
      ? answer.error
      : undefined
  } catch {
    return undefined
  }
}

/** The standard WebSocket does not say why it was refused, so the same is asked by hand once. */
async function refusalOf(address: string): Promise<HttpAnswer | undefined> {
  const { url, headers } = splitAddress(address)
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:'
  return new Promise((resolve) => {
    const sent = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, {
      headers: {
        ...headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'Zm9nZ2FyYS1yZWZ1c2FsIQ==',
      },
      timeout: SUBSCRIBE_MS_MAX,
    })
    const giveUp = (): void => {
      sent.destroy()
      resolve(undefined)
    }
    sent.on('upgrade', giveUp).on('timeout', giveUp).on('error', giveUp)
    sent.on('response', (response) => {
      const status = response.statusCode ?? 0
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text = `${text}${chunk}`.slice(0, REFUSAL_LENGTH)))
      response.on('end', () => {
        const bytes = Buffer.from(text)
        // A page is no answer to an upgrade.
        resolve(status < 300 ? undefined : { status, bytes, retryAfterMs: undefined })
      })
    })
    sent.end()
  })
}

const REFUSAL_LENGTH = 4_096

function splitAddress(address: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(address)
  if (url.username === '' && url.password === '') return { url, headers: {} }
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  return { url, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } }
}
