import { currentPin, databaseError, pinAt, pinAtHash, queryRows } from '@foggara/database'
import type { ClickHouseClient, QueryLimits } from '@foggara/database'
import { QUERY_LIMITS } from '@foggara/database'
import { FatalError, FoggaraError, type Pin, parseBytes32 } from '@foggara/schema'

import type { ApiContext, BlockSelection } from './graphql/context.ts'
import type { EpochExplainers } from './graphql/epoch/explainers.ts'
import { CursorReorgedError } from './sql/cursor.ts'
import { type Reader, createReader } from './sql/reader.ts'
import type { Row } from './sql/row.ts'
import type { Statement } from './sql/statement.ts'
import type { ServiceStatus } from './status.ts'

/** Where requests read. */
export type ContextSource = {
  readonly client: ClickHouseClient
  readonly chainId: number
  readonly status: () => Promise<ServiceStatus>
  readonly explainers: EpochExplainers
}

/** The context of one request. */
export type RequestContext = ApiContext & {
  /** How many statements it has run so far. */
  statementCount(): number
}

/**
 * Makes the context of one request. Aborting `signal` cancels its statements; when the reason is a
 * coded error, that is what the request fails with.
 */
export function createContext(source: ContextSource, signal: AbortSignal): RequestContext {
  const pins: Pin[] = []
  const readers = new Map<string, Promise<Reader>>()
  let statementCount = 0
  const run = async (statement: Statement): Promise<readonly Row[]> => {
    statementCount += 1
    return withReason(signal, () =>
      queryRows<Row>(source.client, statement.sql, statement.parameters, {
        settings: limitsOf(statement),
        abortSignal: signal,
      }),
    )
  }
  const readerOf = (key: string, resolve: () => Promise<Pin>): Promise<Reader> => {
    const known = readers.get(key)
    if (known !== undefined) return known
    const reader = withReason(signal, resolve).then((pin) => {
      pins.push(pin)
      return createReader(pin, run)
    })
    readers.set(key, reader)
    return reader
  }
  const at = (selection: BlockSelection | null | undefined): Promise<Reader> => {
    const { client } = source
    if (selection?.number != null) {
      const { number } = selection
      return readerOf(`number ${number}`, () => pinAt(client, number))
    }
    if (selection?.hash != null) {
      const hash = parseBytes32(selection.hash)
      return readerOf(`hash ${hash}`, () => pinAtHash(client, hash))
    }
    return readerOf('newest', () => currentPin(client))
  }
  return {
    at,
    async atCursor(block, blockHash) {
      const reader = await at({ number: block })
      if (reader.pin.blockHash !== blockHash) throw new CursorReorgedError(block)
      return reader
    },
    status: source.status,
    chainId: source.chainId,
    explainers: source.explainers,
    pins,
    statementCount: () => statementCount,
  }
}

function limitsOf({ limits }: Statement): QueryLimits {
  return QUERY_LIMITS[limits ?? 'page']
}

async function withReason<Value>(signal: AbortSignal, act: () => Promise<Value>): Promise<Value> {
  try {
    signal.throwIfAborted()
    return await act()
  } catch (error) {
    if (signal.aborted && signal.reason instanceof FoggaraError) throw signal.reason
    throw databaseError(error)
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
