import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { ClickHouseException } from '../engine/exception.ts'
import type { Access } from '../engine/gate.ts'

/** The passwords of the two users of the embedded database. */
export type Passwords = {
  /** Of the user `default`, who may do everything. */
  readonly writer: string
  /** Of the user `reader`, who may only read tables. */
  readonly reader: string
}

/**
 * Finds who sends a request: `X-ClickHouse-User` and `-Key`, basic authorization, or the URL.
 *
 * Raises {@link ClickHouseException} 516 for an unknown user or a wrong password alike.
 */
export function authenticate(
  request: IncomingMessage,
  query: URLSearchParams,
  passwords: Passwords,
): Access {
  const { user, password } = credentials(request, query)
  const access = ACCESS.get(user)
  if (access === undefined || !equal(password, passwords[access])) {
    const reason = 'password is incorrect, or there is no user with such name.'
    const text = `${printable(user)}: Authentication failed: ${reason}`
    throw new ClickHouseException(516, 'AUTHENTICATION_FAILED', text)
  }
  return access
}

const ACCESS = new Map<string, Access>([
  ['default', 'writer'],
  ['reader', 'reader'],
])

type Credentials = { readonly user: string; readonly password: string }

function credentials(request: IncomingMessage, query: URLSearchParams): Credentials {
  const headerUser = request.headers['x-clickhouse-user']
  if (typeof headerUser === 'string') {
    const key = request.headers['x-clickhouse-key']
    return { user: headerUser, password: typeof key === 'string' ? key : '' }
  }
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/u.exec(request.headers.authorization ?? '')?.[1]
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon >= 0) return { user: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  return { user: query.get('user') ?? 'default', password: query.get('password') ?? '' }
}

function equal(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function printable(user: string): string {
  return user.replaceAll(/[^\w.@-]/gu, '?').slice(0, 64)
}
