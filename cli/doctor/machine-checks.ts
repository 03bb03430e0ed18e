import { existsSync } from 'node:fs'
import { access, constants, mkdir, rm, rmdir, statfs, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import path from 'node:path'

import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import { checkPort } from '../service/free-port.ts'
import { readRunning } from '../service/running-file.ts'
import type { Check } from './finding.ts'

const GIB = 1024 ** 3
const NODE_MAJOR_MIN = 24
const DISK_BYTES_MIN = GIB
const DISK_BYTES_GOOD = 5 * GIB
const MEMORY_BYTES_GOOD = 2.5 * GIB

/** What the machine must have. */
export function machineChecks(config: Config, context: Context): readonly Check[] {
  const dataDirectory = path.resolve(context.directory, config.dataDirectory)
  return [
    { what: 'node', run: async () => checkNode() },
    { what: 'memory', run: async () => checkMemory() },
    { what: 'data directory', run: () => checkDirectory(dataDirectory) },
    { what: 'disk', run: () => checkDisk(dataDirectory) },
    { what: 'port', run: () => checkFree(config, dataDirectory) },
    { what: 'browser tests', run: () => checkChromium(context) },
  ]
}

function checkNode() {
  const found = process.versions.node
  return Number(found.split('.')[0]) >= NODE_MAJOR_MIN
    ? { level: 'ok' as const, text: `Node ${found}` }
    : {
        level: 'fail' as const,
        text: `expected Node ${NODE_MAJOR_MIN} or later, found ${found}`,
        advice: 'Start through npm (npm start): it uses the Node in node_modules.',
      }
}

function checkMemory() {
  const bytes = totalmem()
  const text = `${(bytes / GIB).toFixed(1)} GiB`
  return bytes >= MEMORY_BYTES_GOOD
    ? { level: 'ok' as const, text }
    : { level: 'warn' as const, text, advice: 'The whole system may need 2.5 GB.' }
}

async function checkDirectory(directory: string) {
  const isThere = existsSync(directory)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const probe = path.join(directory, 'writable')
  await writeFile(probe, '')
  await rm(probe)
  if (!isThere) await rmdir(directory)
  const running = await readRunning(directory)
  return running === undefined
    ? { level: 'ok' as const, text: directory }
    : { level: 'ok' as const, text: `${directory}, a service runs on it (pid ${running.pid})` }
}

async function checkDisk(directory: string) {
  const { bavail, bsize } = await statfs(existingParent(directory))
  const bytes = bavail * bsize
  const text = `${(bytes / GIB).toFixed(1)} GiB free`
  if (bytes >= DISK_BYTES_GOOD) return { level: 'ok' as const, text }
  const advice = 'Free space, or choose another --data-dir; a full disk stops indexing.'
  return { level: bytes >= DISK_BYTES_MIN ? ('warn' as const) : ('fail' as const), text, advice }
}

function existingParent(directory: string): string {
  return existsSync(directory) ? directory : existingParent(path.dirname(directory))
}

async function checkFree(config: Config, dataDirectory: string) {
  const running = await readRunning(dataDirectory)
  if (running !== undefined) return { level: 'ok' as const, text: `served at ${running.url}` }
  await checkPort(config.host, config.port)
  return { level: 'ok' as const, text: `${config.host}:${config.port} is free` }
}

async function checkChromium(context: Context) {
  const candidates = [
    context.environment['FOGGARA_CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  for (const file of candidates) {
    if (file === undefined) continue
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return { level: 'ok' as const, text: file }
  }
  const advice = 'Only the browser tests need it: install chromium, or set FOGGARA_CHROMIUM.'
  return { level: 'warn' as const, text: 'no Chromium found', advice }
}
