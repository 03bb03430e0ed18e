import { once } from 'node:events'
import { createServer } from 'node:net'

import { FatalError } from '@foggara/schema'

/**
 * Checks before anything slow starts that the service will be able to listen.
 *
 * @throws {PortInUseError | AddressUnusableError}
 */
export async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw listenError(cause, host, port)
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
  }
}

/** How a host that is listened on is written in a URL that leads to it from this machine. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** What a failure to listen means. */
export function listenError(cause: unknown, host: string, port: number): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') return new PortInUseError(host, port, cause)
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new AddressUnusableError(host, port, code, cause)
  }
  return cause
}

/** Another program listens on the port. */
export class PortInUseError extends FatalError {
  constructor(host: string, port: number, cause: unknown) {
    super('PORT_IN_USE', `expected ${host}:${port} to be free, found another program there`, {
      cause,
      hint: `End it, or choose another port: foggara start --port ${port === 65_535 ? 4000 : port + 1}`,
    })
  }
}

/** The address cannot be listened on. */
export class AddressUnusableError extends FatalError {
  constructor(host: string, port: number, found: string, cause: unknown) {
    super('ADDRESS_UNUSABLE', `expected to listen on ${host}:${port}, found ${found}`, { cause })
  }
}
