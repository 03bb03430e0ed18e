import { Readable } from 'node:stream'

import type { ClickHouseClient } from '@foggara/database'

/** When, in the course of one statement, something ends: half of an insert is sent `during` it. */
export type KillMoment = 'before' | 'during' | 'after'

/** Decides about one statement; `undefined` lets it pass. Called once for each, in order. */
export type KillGate = (step: string) => KillMoment | undefined

/** Kills this process, with no time to tidy up. */
export const killSelf = (): void => void process.kill(process.pid, 'SIGKILL')

/** Chooses the n-th statement, counted from 1 while `isCounting` is true; 0: none. */
export function gateAt(at: number, moment: KillMoment, isCounting: () => boolean): KillGate {
  let count = 0
  return () => {
    if (!isCounting()) return undefined
    count += 1
    return count === at ? moment : undefined
  }
}

/**
 * Wraps a client so that `end` is called around the statements that `gate` chooses: before anything
 * is sent, in the midst of it, or when the database has carried it out and the caller does not know
 * yet. An `end` that returns lets the statement go on.
 */
export function createKillingClient(
  target: ClickHouseClient,
  gate: KillGate,
  end: () => void,
): ClickHouseClient {
  const wrap =
    (method: Method) =>
    async (request: Request): Promise<unknown> => {
      const moment = gate(stepOf(request.query))
      if (moment === undefined) return method.call(target, request)
      let isEnded = false
      const endOnce = (): void => {
        if (!isEnded) end()
        isEnded = true
      }
      if (moment === 'before') endOnce()
      // Long enough for a statement to leave, seldom long enough for its answer to arrive.
      if (moment === 'during' && request.values === undefined) setTimeout(endOnce, DURING_MS)
      const sent =
        moment === 'during' && request.values !== undefined
          ? Readable.from(halved(request.values, endOnce), { objectMode: false })
          : request.values
      try {
        return await method.call(
          target,
          sent === undefined ? request : { ...request, values: sent },
        )
      } finally {
        // Also where the database was not there to answer: this statement does not come again.
        endOnce()
      }
    }
  return wrapRequests(target, wrap)
}

/** Wraps a client so that statements are carried out one after the other, as they were asked for. */
export function createSerialClient(target: ClickHouseClient): ClickHouseClient {
  let last: Promise<unknown> = Promise.resolve()
  const wrap =
    (method: Method) =>
    (request: Request): Promise<unknown> => {
      const turn = last.then(() => method.call(target, request))
      last = turn.catch(() => undefined)
      return turn
    }
  return wrapRequests(target, wrap)
}

const DURING_MS = 2

type Request = { readonly query: string; readonly values?: AsyncIterable<Uint8Array> }
type Method = (request: Request) => Promise<unknown>

function wrapRequests(
  target: ClickHouseClient,
  wrap: (method: Method) => Method,
): ClickHouseClient {
  return new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const isRequest = ['query', 'exec', 'command'].includes(String(name))
      return isRequest ? wrap(value as Method) : (value as Method).bind(target)
    },
  })
}

/** What a statement does, in two or three words: `insert log_hot`, `copy block_settled`, `select`. */
function stepOf(query: string): string {
  const [, into, rest = ''] = /^insert into (\S+)([^]*)$/u.exec(query) ?? []
  if (into !== undefined) return `${/\bselect\b/u.test(rest) ? 'copy' : 'insert'} ${into}`
  const [, from] = /^delete from (\S+)/u.exec(query) ?? []
  if (from !== undefined) return `delete ${from}`
  return /^\s*(?:select|with|describe)\b/u.test(query) ? 'select' : query.split(' ', 1).join('')
}

async function* halved(
  values: AsyncIterable<Uint8Array>,
  end: () => void,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of values) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const middle = Math.ceil(bytes.length / 2)
  yield bytes.subarray(0, middle)
  // The stream asks for more before it has passed on what it has.
  await new Promise((resolve) => setTimeout(resolve, DURING_MS))
  end()
  yield bytes.subarray(middle)
}
