import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A `foggara start` that a test began, in a directory of its own. */
export type RunningFoggara = {
  readonly url: string
  readonly dataDir: string
  readonly pid: number
  /** Everything it printed so far. */
  readonly output: () => string
  /** Asks GraphQL; raises when the answer has errors. */
  readonly query: <T>(document: string, variables?: Record<string, unknown>) => Promise<T>
  /** Sends a signal and waits for the end; the data directory stays. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** A port on 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Waits until `check` gives something, looking again every `everyMs`, for at most `limitMs`. */
export async function eventually<T>(
  what: string,
  limitMs: number,
  check: () => Promise<T | undefined>,
  everyMs = 250,
): Promise<T> {
  const endMs = Date.now() + limitMs
  let last: unknown
  while (Date.now() < endMs) {
    try {
      const found = await check()
      if (found !== undefined) return found
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  throw new Error(`not within ${limitMs} ms: ${what}`, { cause: last })
}

/** Starts Foggara as `npm start` does and waits until it says that it is ready. */
export async function startFoggara(
  options: { dataDir?: string; environment?: Record<string, string> } = {},
): Promise<RunningFoggara> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'foggara-e2e-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let output = ''
  const child = spawn(process.execPath, ['cli/bin.ts', 'start'], {
    env: {
      ...process.env,
      FOGGARA_PORT: String(port),
      FOGGARA_DATA_DIR: dataDir,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await eventually(`ready at ${url}; it printed:\n${output}`, 120_000, async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output}`)
    const answer = await fetch(`${url}/health`)
    return answer.status === 200 ? true : undefined
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw new Error(`foggara did not get ready; it printed:\n${output}`, { cause: error })
  })
  return running(
    child,
    ended,
    { url, dataDir, output: () => output },
    options.dataDir === undefined,
  )
}

function running(
  child: ChildProcess,
  ended: Promise<void>,
  facts: Pick<RunningFoggara, 'url' | 'dataDir' | 'output'>,
  ownsDirectory: boolean,
): RunningFoggara {
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  return {
    ...facts,
    pid: child.pid ?? 0,
    end,
    async query<T>(document: string, variables: Record<string, unknown> = {}): Promise<T> {
      const answer = await fetch(`${facts.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: document, variables }),
      })
      const body = (await answer.json()) as { data?: T; errors?: readonly unknown[] }
      if (body.errors !== undefined || body.data === undefined) {
        throw new Error(`GraphQL answered ${answer.status}: ${JSON.stringify(body.errors)}`)
      }
      return body.data
    },
    async [Symbol.asyncDispose]() {
      await end('SIGTERM')
      if (ownsDirectory) rmSync(facts.dataDir, { recursive: true, force: true })
    },
  }
}
