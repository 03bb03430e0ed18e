import { once } from 'node:events'
import { type Socket, connect, createServer } from 'node:net'

import { listenError } from './free-port.ts'

/** A port of ours that leads to whatever port is open behind it. */
export type PortGate = AsyncDisposable & {
  readonly port: number
  /** Lets connections through to a port on 127.0.0.1. */
  readonly open: (port: number) => void
  /** Drops every connection and refuses new ones until the next `open`. */
  readonly shut: () => void
}

/**
 * Opens a gate on an address (port 0: any free one). A service that is started again behind it keeps
 * its address, and nobody sees it before it is ready.
 *
 * @throws {PortInUseError | AddressUnusableError}
 */
export async function openPortGate(host: string, port: number): Promise<PortGate> {
  let target: number | undefined
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer((inner) => {
    keep(inner)
    if (target === undefined) {
      inner.destroy()
      return
    }
    const outer = connect(target, '127.0.0.1')
    keep(outer)
    inner.once('close', () => outer.destroy())
    outer.once('close', () => inner.destroy())
    inner.pipe(outer).pipe(inner)
  })
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw listenError(cause, host, port)
  }
  const address = server.address()
  const shut = (): void => {
    target = undefined
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    open: (behind) => {
      target = behind
    },
    shut,
    [Symbol.asyncDispose]: async () => {
      shut()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}
