import type { ClickHouseClient } from '@foggara/database'

/** A client whose requests can be made to fail. */
export type FlakyClient = {
  readonly client: ClickHouseClient
  /**
   * Makes the request after `requestCount` others fail: `before` it is sent, or `after` the database
   * has carried it out, which the caller cannot tell apart.
   */
  readonly failAfter: (requestCount: number, when: 'before' | 'after') => void
  /** True when the failure that was asked for has not happened. */
  readonly isArmed: () => boolean
  readonly disarm: () => void
}

/** Wraps a client; the failure looks like a connection that broke. */
export function createFlakyClient(real: ClickHouseClient): FlakyClient {
  let armed: { left: number; when: 'before' | 'after' } | undefined
  const wrap =
    (method: (...parameters: unknown[]) => Promise<unknown>) =>
    async (...parameters: unknown[]): Promise<unknown> => {
      const failure = armed?.left === 0 ? armed.when : undefined
      if (armed !== undefined) armed.left -= 1
      if (failure === undefined) return method.apply(real, parameters)
      armed = undefined
      if (failure === 'after') await method.apply(real, parameters)
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    }
  const client = new Proxy(real, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const method = value as (...parameters: unknown[]) => Promise<unknown>
      return ['query', 'exec', 'command', 'insert'].includes(String(name))
        ? wrap(method)
        : method.bind(target)
    },
  })
  return {
    client,
    failAfter: (requestCount, when) => {
      armed = { left: requestCount, when }
    },
    isArmed: () => armed !== undefined,
    disarm: () => {
      armed = undefined
    },
  }
}
