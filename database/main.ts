import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { openEngine } from './engine/engine.ts'
import { openFront } from './front/front.ts'
import type { FromDatabase } from './process-messages.ts'

// The database process. Its parent reads one JSON line from the standard output and ends it by
// closing the standard input, so it never outlives the parent.

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    port: { type: 'string', default: '0' },
    'memory-mib': { type: 'string', default: '640' },
    'concurrency-max': { type: 'string', default: '6' },
    'keep-free-mib': { type: 'string', default: '64' },
  },
})

const STOP_MS_MAX = 5_000

process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)
await start()

async function start(): Promise<void> {
  let stop = (): void => process.exit(0)
  process.stdin.once('end', () => stop()).once('error', () => stop())
  process.stdin.resume()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop())
  try {
    const { port, close } = await open()
    stop = () => {
      stop = () => undefined
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_MS_MAX)
      void close().finally(() => process.exit(0))
    }
    tell({ ready: true, url: `http://127.0.0.1:${port}`, port, pid: process.pid })
  } catch (error) {
    fail(error)
  }
}

async function open(): Promise<{ port: number; close: () => Promise<void> }> {
  enterDataDirectory(resolve(values['data-dir'] ?? '.foggara/database'))
  const engine = await openEngine({
    memoryMib: Number(values['memory-mib']),
    concurrencyMax: Number(values['concurrency-max']),
    keepFreeBytes: Number(values['keep-free-mib']) * 1024 * 1024,
  })
  const passwords = {
    writer: process.env['FOGGARA_DATABASE_PASSWORD'] ?? '',
    reader: process.env['FOGGARA_DATABASE_READER_PASSWORD'] ?? '',
  }
  const front = await openFront(engine, passwords, Number(values.port))
  const close = async (): Promise<void> => {
    await front.close()
    await engine.close()
  }
  return { port: front.port, close }
}

function enterDataDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  process.chdir(path)
  // Says what is wrong with the directory in plain words before the engine tries.
  writeFileSync('writable', 'checked at start\n')
  rmSync('writable')
}

function tell(message: FromDatabase): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

function fail(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
  const text = error instanceof Error ? error.message : String(error)
  tell({ ready: false, code, text })
  process.stdout.write('', () => process.exit(1))
}
