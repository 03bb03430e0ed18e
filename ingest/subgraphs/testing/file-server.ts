import { createServer, type ServerResponse } from 'node:http'

/** A gateway on this machine that gives away what a test put there. */
export type FileServer = AsyncDisposable & {
  readonly url: string
  /** The bodies by path and query; everything else is 404. */
  readonly bodies: Map<string, Uint8Array>
  /** Answers of other kinds, by path and query. */
  readonly answers: Map<string, (response: ServerResponse) => void>
  readonly asked: string[]
}

/** Starts a gateway without files. */
export async function startFileServer(): Promise<FileServer> {
  const bodies = new Map<string, Uint8Array>()
  const answers = new Map<string, (response: ServerResponse) => void>()
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    const answer = answers.get(url)
    const body = bodies.get(url)
    if (answer !== undefined) answer(response)
    else response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    answers,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
