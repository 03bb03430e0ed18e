/** One HTTP server that files come from. */
export type Gateway = {
  /**
   * The body of what lies below the gateway's URL.
   *
   * @throws {FileUnavailableError} saying why it is not there.
   */
  read(path: string, byteLengthMax: number, signal: AbortSignal): Promise<Uint8Array>
}

const REDIRECT_COUNT_MAX = 3

/**
 * Opens the gateway at a URL. Nothing but this origin is ever asked: a redirect elsewhere is refused,
 * so that a subgraph cannot make this machine talk to other ones.
 */
export function openGateway(url: string): Gateway {
  const base = url.endsWith('/') ? url : `${url}/`
  const { origin } = new URL(base)
  return {
    read: async (path, byteLengthMax, signal) => {
      let target = new URL(path, base)
      for (let count = 0; count <= REDIRECT_COUNT_MAX; count += 1) {
        if (target.origin !== origin) {
          throw new FileUnavailableError(`expected an answer of ${origin}, found a redirect`)
        }
        const response = await request(target, signal)
        const location = response.headers.get('location')
        if (response.status < 300 || response.status > 399 || location === null) {
          return await readBody(response, byteLengthMax)
        }
        await response.body?.cancel()
        target = new URL(location, target)
      }
      throw new FileUnavailableError(`expected at most ${REDIRECT_COUNT_MAX} redirects, found more`)
    },
  }
}

async function request(target: URL, signal: AbortSignal): Promise<Response> {
  try {
    const headers = { accept: 'application/vnd.ipld.raw, */*' }
    return await fetch(target, { redirect: 'manual', credentials: 'omit', headers, signal })
  } catch (cause) {
    throw unreachable(target, cause)
  }
}

async function readBody(response: Response, byteLengthMax: number): Promise<Uint8Array> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw new FileUnavailableError(`expected the file, found the HTTP status ${response.status}`)
  }
  const parts: Uint8Array[] = []
  let byteLength = 0
  try {
    for await (const part of response.body) {
      byteLength += part.length
      // Leaving the loop ends the request.
      if (byteLength > byteLengthMax) break
      parts.push(part)
    }
  } catch (cause) {
    throw unreachable(new URL(response.url), cause)
  }
  if (byteLength <= byteLengthMax) return Buffer.concat(parts)
  throw new FileUnavailableError(`expected at most ${byteLengthMax} bytes, found more`)
}

function unreachable({ origin }: URL, cause: unknown): FileUnavailableError {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError'
  const found = isLate ? 'none in time' : 'a connection that failed'
  return new FileUnavailableError(`expected an answer of ${origin}, found ${found}`, cause)
}

/** A file is not there now. It is looked for again: this never ends a subgraph. */
export class FileUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
  }
}
