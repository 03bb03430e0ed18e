#!/usr/bin/env node
import { constants } from 'node:os'

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
})
// A part that failed to end must not keep the command from ending.
process.exit(exitCode)
