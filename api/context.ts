import {
  type ClickHouseClient,
  QUERY_LIMITS,
  type QueryLimits,
  databaseError,
  queryRows,
} from '@foggara/database'
import { FatalError, type Pin, parseBytes32 } from '@foggara/schema'

import type { ChainPlace, Chains } from './chains.ts'
import type { ApiContext, BlockReaders, BlockSelection } from './graphql/context.ts'
import type { ClosedEpochs } from './graphql/epoch/closed-epochs.ts'
import { CursorReorgedError } from './sql/cursor.ts'
import type { Pins } from './sql/pins.ts'
import { type Reader, type RunStatement, createReader } from './sql/reader.ts'
import type { Row } from './sql/row.ts'
import type { StatementCache } from './sql/statement-cache.ts'
import type { Statement } from './sql/statement.ts'
import type { ServiceStatus } from './status.ts'

/** Where requests read. */
export type ContextSource = {
  readonly client: ClickHouseClient
  readonly pins: Pins
  readonly cache: StatementCache
  readonly chainId: number
  readonly status: () => Promise<ServiceStatus>
  readonly closedEpochs: ClosedEpochs
  readonly chains: Chains
}

/** The context of one request. */
export type RequestContext = ApiContext & {
  /** How many statements it took so far, whether or not their answers were kept. */
  statementCount(): number
}

/**
 * Makes the context of one request. Aborting `signal` cancels its statements; when the reason is a
 * coded error, that is what the request fails with.
 */
export function createContext(source: ContextSource, signal: AbortSignal): RequestContext {
  const pins: Pin[] = []
  let statementCount = 0
  const run = async (place: ChainPlace, statement: Statement): Promise<readonly Row[]> => {
    statementCount += 1
    const known = statement.isLive === true ? undefined : place.cache.get(statement)
    if (known !== undefined) return known
    const rows = await withReason(signal, () =>
      queryRows<Row>(place.client, statement.sql, statement.parameters, {
        settings: limitsOf(statement),
        abortSignal: signal,
      }),
    )
    if (statement.isLive !== true) place.cache.set(statement, rows)
    return rows
  }
  const readersOf = (place: ChainPlace, onPin: (pin: Pin) => void): BlockReaders =>
    createReaders(place, { run: (statement) => run(place, statement), signal, onPin })
  const others = new Map<string, Promise<BlockReaders>>()
  return {
    ...readersOf(source, (pin) => pins.push(pin)),
    chain: (name) => {
      const known = others.get(name)
      if (known !== undefined) return known
      const opened = withReason(signal, () => source.chains.place(name)).then((place) =>
        readersOf(place, () => undefined),
      )
      others.set(name, opened)
      return opened
    },
    chains: {
      list: () => withReason(signal, () => source.chains.list()),
      cut: (chain, atSeconds) => withReason(signal, () => source.chains.cut(chain, atSeconds)),
      catalogue: (database) => withReason(signal, () => source.chains.catalogue(database)),
    },
    status: source.status,
    chainId: source.chainId,
    closedEpochs: source.closedEpochs,
    pins,
    statementCount: () => statementCount,
  }
}

type ReaderOptions = {
  readonly run: RunStatement
  readonly signal: AbortSignal
  readonly onPin: (pin: Pin) => void
}

/** Readers of one database, each resolved at most once. */
function createReaders(place: ChainPlace, { run, signal, onPin }: ReaderOptions): BlockReaders {
  const readers = new Map<string, Promise<Reader>>()
  const readerOf = (key: string, resolve: () => Promise<Pin>): Promise<Reader> => {
    const known = readers.get(key)
    if (known !== undefined) return known
    const reader = withReason(signal, resolve).then((pin) => {
      onPin(pin)
      return createReader(pin, run)
    })
    readers.set(key, reader)
    return reader
  }
  const newest = (): Promise<Reader> => readerOf('newest', () => place.pins.newest())
  const at = async (selection: BlockSelection | null | undefined): Promise<Reader> => {
    const reader = await newest()
    const number = selection?.number ?? undefined
    if (number !== undefined) {
      if (number === reader.pin.block) return reader
      return readerOf(`number ${number}`, () => place.pins.atNumber(reader.pin, number))
    }
    const hash = selection?.hash ?? undefined
    if (hash !== undefined) {
      const checked = parseBytes32(hash)
      if (checked === reader.pin.blockHash) return reader
      return readerOf(`hash ${checked}`, () => place.pins.atHash(reader.pin, checked))
    }
    return reader
  }
  return {
    at,
    async atCursor(block, blockHash) {
      const reader = await at({ number: block })
      if (reader.pin.blockHash !== blockHash) throw new CursorReorgedError(block)
      return reader
    },
  }
}

function limitsOf({ limits }: Statement): QueryLimits {
  return QUERY_LIMITS[limits ?? 'page']
}

/** Gives up waiting when the signal is aborted, even for what cannot be cancelled itself. */
async function withReason<Value>(signal: AbortSignal, act: () => Promise<Value>): Promise<Value> {
  signal.throwIfAborted()
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(databaseError(signal.reason))
  })
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([act(), aborted])
  } catch (error) {
    throw databaseError(signal.aborted ? signal.reason : error)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A request took longer than it may. */
export class DeadlineError extends FatalError {
  constructor(deadlineMs: number) {
    super('REQUEST_TIMEOUT', `expected an answer within ${deadlineMs} ms, found none`, {
      hint: 'Ask for less in one operation.',
    })
  }
}

/** The client of a request went away, so nobody waits for its answer. */
export class ClientGoneError extends FatalError {
  constructor() {
    super('CLIENT_GONE', 'expected a client that waits for the answer, found a closed connection')
  }
}
