import { createServer } from 'node:http'

/** What answers where graph-node wants an IPFS node; it has no file. */
export type IpfsStub = { readonly url: string; stop(): Promise<void> }

/** Starts the stub: graph-node asks it for its version, and for nothing else here. */
export async function startIpfsStub(): Promise<IpfsStub> {
  const server = createServer((request, response) => {
    const known = request.url?.startsWith('/api/v0/version') === true
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
