import { ClickHouseError } from '@clickhouse/client'
import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'

/**
 * Turns what the ClickHouse client raises into an error with a stable code.
 *
 * Messages never hold SQL, values or paths, so they may be shown to a user; `cause` keeps the
 * original. `signal` is the one the query ran with. Retryable: `DATABASE_UNREACHABLE`,
 * `DATABASE_BUSY`, `DATABASE_DISK_FULL`, `QUERY_CANCELLED`. Fatal: `QUERY_TIMEOUT`,
 * `QUERY_TOO_EXPENSIVE`, `DATABASE_READONLY`, `DATABASE_REFUSED_LOGIN`, `QUERY_FAILED`.
 */
export function databaseError(error: unknown, signal?: AbortSignal): FoggaraError {
  if (error instanceof FoggaraError) return error
  if (signal?.aborted === true) return cancelled(error)
  if (error instanceof ClickHouseError) return fromServer(error)
  return new RetryableError(
    'DATABASE_UNREACHABLE',
    `expected an answer of the database, found ${networkReason(error)}`,
    { cause: error, hint: 'Check that the database runs and that its address is right.' },
  )
}

function cancelled(cause: unknown): FoggaraError {
  const message = 'expected an answer, found that the caller cancelled the query'
  return new RetryableError('QUERY_CANCELLED', message, { cause })
}

type Failure = {
  readonly code: string
  readonly retryable: boolean
  readonly found: string
  readonly hint?: string
}

const TOO_EXPENSIVE: Failure = {
  code: 'QUERY_TOO_EXPENSIVE',
  retryable: false,
  found: 'a query that needs more rows, bytes or memory than it may use',
  hint: 'Ask for fewer rows or a shorter range.',
}
const DISK_FULL: Failure = {
  code: 'DATABASE_DISK_FULL',
  retryable: true,
  found: 'a full disk',
  hint: 'Free disk space; reading goes on and nothing was lost.',
}
const READONLY: Failure = {
  code: 'DATABASE_READONLY',
  retryable: false,
  found: 'a statement that this user may not run',
}
const REFUSED_LOGIN: Failure = {
  code: 'DATABASE_REFUSED_LOGIN',
  retryable: false,
  found: 'a wrong user name or password',
}

/** By ClickHouse's exception code. */
const FAILURES = new Map<string, Failure>([
  ['158', TOO_EXPENSIVE],
  ['159', { code: 'QUERY_TIMEOUT', retryable: false, found: 'a query that ran out of time' }],
  ['160', TOO_EXPENSIVE],
  ['164', READONLY],
  ['194', REFUSED_LOGIN],
  ['202', { code: 'DATABASE_BUSY', retryable: true, found: 'too many queries at once' }],
  ['241', TOO_EXPENSIVE],
  ['243', DISK_FULL],
  ['307', TOO_EXPENSIVE],
  ['394', { code: 'QUERY_CANCELLED', retryable: true, found: 'a cancelled query' }],
  ['396', TOO_EXPENSIVE],
  ['497', READONLY],
  ['516', REFUSED_LOGIN],
])

function fromServer(error: ClickHouseError): FoggaraError {
  const failure = FAILURES.get(error.code) ?? {
    code: 'QUERY_FAILED',
    retryable: false,
    found: `ClickHouse error ${error.code}${error.type === undefined ? '' : ` ${error.type}`}`,
  }
  const options = {
    cause: error,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  }
  const message = `expected the database to run a query, found ${failure.found}`
  return failure.retryable
    ? new RetryableError(failure.code, message, options)
    : new FatalError(failure.code, message, options)
}

function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return 'none'
  if ('code' in error && typeof error.code === 'string') return error.code
  return /timeout/iu.test(error.message) ? 'no answer in time' : 'a broken connection'
}
