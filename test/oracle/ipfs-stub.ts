import { createServer } from 'node:http'

/** What answers where graph-node wants an IPFS node. */
export type IpfsStub = { readonly url: string; stop(): Promise<void> }

/**
 * Starts the stub, with files by their names: as a node, which graph-node asks for its version
 * first, and as a gateway.
 */
export async function startIpfsStub(
  files: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<IpfsStub> {
  const server = createServer(({ url = '' }, response) => {
    const name = /^\/(?:api\/v0\/cat\?arg=|ipfs\/)(\w+)/.exec(url)?.[1]
    const file = name === undefined ? undefined : files.get(name)
    if (file !== undefined) {
      response.end(file)
      return
    }
    const known = url.startsWith('/api/v0/version')
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' })
    response.end(known ? '{"Version":"0.0.0"}' : '{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
