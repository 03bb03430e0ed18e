#!/usr/bin/env node
import { constants } from 'node:os'

import type { Terminal } from './command.ts'
import { COMMANDS } from './commands.ts'
import packageJson from './package.json' with { type: 'json' }
import { run } from './run.ts'

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (stopping.signal.aborted) process.exit(128 + constants.signals[name])
    stopping.abort()
  })
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') stopping.abort()
  })
}

const exitCode = await run(process.argv.slice(2), COMMANDS, packageJson.version, {
  environment: process.env,
  directory: process.cwd(),
  print: (line) => process.stdout.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${line}\n`),
  nowMs: () => Date.now(),
  stopped: stopping.signal,
  ...(process.stdout.isTTY ? { terminal: terminalOf(process.stdout) } : {}),
})
// A part that failed to end must not keep the command from ending.
process.exit(exitCode)

function terminalOf(output: NodeJS.WriteStream): Terminal {
  return {
    columns: () => output.columns,
    rows: () => output.rows,
    write: (text) => output.write(text),
    // Knows NO_COLOR, FORCE_COLOR and TERM.
    hasColour: output.hasColors(),
  }
}
