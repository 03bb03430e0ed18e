import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

import { FatalError, RetryableError } from '@foggara/schema'

import { type FromDatabase, parseFromDatabase } from './process-messages.ts'

/** Everything a database process is started with. */
export type ProcessOptions = {
  readonly dataDir: string
  readonly port: number
  readonly memoryMib: number
  readonly concurrencyMax: number
  readonly keepFreeMib: number
  readonly password: string
  readonly readerPassword: string
  readonly log: (line: string) => void
}

/** A database process that listens. */
export type DatabaseProcess = {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Resolves when the process has gone, with how it ended: `exit 1` or `signal SIGKILL`. */
  readonly ended: Promise<string>
  /** Asks the process to end and waits; kills it when it takes too long. */
  readonly stop: () => Promise<void>
}

/** Opening a data directory may replay many parts. */
const START_MS_MAX = 120_000
const STOP_MS_MAX = 8_000

/** Starts one database process and waits until it listens. Raises the codes of `startDatabase`. */
export async function spawnDatabase(options: ProcessOptions): Promise<DatabaseProcess> {
  const child = spawn(process.execPath, arguments_(options), {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A terminal's Ctrl-C is the parent's to handle: it ends the database when nobody writes any more.
    detached: true,
    // Nothing else of our environment: no secret of another part reaches the database.
    env: {
      // Every running query holds a thread of this pool; it is read before Node starts.
      UV_THREADPOOL_SIZE: '16',
      // Answers are large short-lived buffers: once freed they go back to the system.
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '131072',
      MALLOC_TRIM_THRESHOLD_: '131072',
      TZ: 'UTC',
      FOGGARA_DATABASE_PASSWORD: options.password,
      FOGGARA_DATABASE_READER_PASSWORD: options.readerPassword,
    },
  })
  child.stdin.on('error', () => undefined)
  const ended = endOf(child)
  const errorLines = keepErrorLines(child, options.log)
  const message = await firstMessage(child, ended)
  if (message?.ready === true) {
    const { url, port, pid } = message
    return { url, port, pid, ended, stop: () => stopChild(child, ended) }
  }
  child.kill('SIGKILL')
  const end = await ended
  throw startFailure(options, message ?? { code: 'SILENT', text: end }, errorLines)
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

function arguments_(options: ProcessOptions): string[] {
  return [
    fileURLToPath(new URL('./main.ts', import.meta.url)),
    `--data-dir=${options.dataDir}`,
    `--port=${options.port}`,
    `--memory-mib=${options.memoryMib}`,
    `--concurrency-max=${options.concurrencyMax}`,
    `--keep-free-mib=${options.keepFreeMib}`,
  ]
}

async function endOf(child: Child): Promise<string> {
  const [exitCode, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('close', (...end) => resolve(end))
    child.once('error', () => resolve([-1, null]))
  })
  return signal === null ? `exit ${exitCode}` : `signal ${signal}`
}

function keepErrorLines(child: Child, log: (line: string) => void): string[] {
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    if (lines.length > 100) lines.shift()
    log(`database: ${line}`)
  })
  return lines
}

async function firstMessage(
  child: Child,
  ended: Promise<string>,
): Promise<FromDatabase | undefined> {
  const output = createInterface({ input: child.stdout })
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), START_MS_MAX)
  try {
    const line = once(output, 'line', { signal: late.signal }).then(([text]) => String(text))
    const text = await Promise.race([line.catch(() => ''), ended.then(() => '')])
    return parseFromDatabase(text)
  } finally {
    clearTimeout(timer)
    late.abort()
  }
}

async function stopChild(child: Child, ended: Promise<string>): Promise<void> {
  child.stdin.end()
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await ended
  clearTimeout(timer)
}

function startFailure(
  options: ProcessOptions,
  message: { readonly code: string; readonly text: string },
  errorLines: readonly string[],
): FatalError | RetryableError {
  const { dataDir, port } = options
  const cause = new Error([message.text, ...errorLines].join('\n'))
  const printed = cause.message
  if (message.code === 'EADDRINUSE') {
    return new FatalError('PORT_IN_USE', `expected port ${port} to be free, found it in use`, {
      cause,
      hint: 'Choose another port, or end the program that listens there.',
    })
  }
  if (/Cannot lock file|Another server instance/u.test(printed)) {
    return new FatalError(
      'DATA_DIRECTORY_IN_USE',
      `expected ${dataDir} to be free, found it open in another process${ownerOf(dataDir)}`,
      { cause, hint: 'End that process, or choose another data directory.' },
    )
  }
  if (message.code === 'ENOSPC' || /NOT_ENOUGH_SPACE|No space left on device/u.test(printed)) {
    return new RetryableError('DISK_FULL', `expected free space in ${dataDir}, found a full disk`, {
      cause,
      hint: 'Free disk space and start again; nothing was lost.',
    })
  }
  if (/^(?:EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT|ELOOP|ENAMETOOLONG)$/u.test(message.code)) {
    return new FatalError(
      'DATA_DIRECTORY_UNWRITABLE',
      `expected ${dataDir} to be a directory that can be written, found ${message.code}`,
      { cause, hint: 'Check the path and its permissions.' },
    )
  }
  return new FatalError(
    'DATABASE_BROKEN',
    `expected ${dataDir} to open, found ${firstReason(errorLines, message.text)}`,
    { cause, hint: 'Keep a copy of the directory, then restore a backup or index again.' },
  )
}

/** The engine writes the process that owns the directory into its `status` file. */
function ownerOf(dataDir: string): string {
  try {
    const status = readFileSync(join(dataDir, 'clickhouse', 'status'), 'utf8')
    const pid = /^PID: (\d+)$/mu.exec(status)?.[1]
    return pid === undefined ? '' : ` (pid ${pid})`
  } catch {
    return ''
  }
}

function firstReason(errorLines: readonly string[], text: string): string {
  const line = errorLines.find((candidate) => /Exception|Code: \d+/u.test(candidate)) ?? text
  return line.replaceAll(/\s+/gu, ' ').slice(0, 300)
}
