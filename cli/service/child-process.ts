import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A child that ends when its standard input closes, which happens when this process ends. */
export type Child = {
  readonly pid: number | undefined
  /** How it ended: `exit 1` or `signal SIGKILL`. */
  readonly ended: Promise<string>
  /** Asks it to end, and kills it when it takes longer than a few seconds. */
  readonly stop: () => Promise<void>
}

/** How a child is started. */
export type ChildOptions = {
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory?: string
  readonly onLine: (line: string) => void
  readonly onErrorLine: (line: string) => void
}

const STOP_MS_MAX = 8_000

/**
 * Starts a child in a process group of its own, so that Ctrl-C reaches it through us and in order.
 */
export function startChild(options: ChildOptions): Child {
  const child = spawn(options.command, options.args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: options.environment,
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
  })
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stdout }).on('line', options.onLine)
  createInterface({ input: child.stderr }).on('line', options.onErrorLine)
  const ended = endOf(child)
  return { pid: child.pid, ended, stop: () => stopChild(child, ended) }
}

async function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) =>
      resolve(signal === null ? `exit ${code}` : `signal ${signal}`),
    )
  })
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.end()
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await ended
  clearTimeout(timer)
}
