import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'

import { RetryableError } from '@foggara/schema'

import { startChild } from './child-process.ts'

/** The folders whose files the dashboards are built from. */
const INPUT_FOLDERS = ['dashboards', 'gpu-analytics', 'schema']

/**
 * Builds the dashboards when there is no build or a source is newer; says whether it built.
 *
 * @throws {DashboardsBuildError}
 */
export async function buildDashboards(
  repository: string,
  stopped: AbortSignal,
  log: (line: string) => void,
): Promise<boolean> {
  const source = path.join(repository, 'dashboards')
  const built = path.join(source, 'dist', 'index.html')
  if (!existsSync(path.join(source, 'vite.config.ts'))) return false
  if (existsSync(built)) {
    const builtMs = (await stat(built)).mtimeMs
    const inputs = INPUT_FOLDERS.map((folder) => newestMs(path.join(repository, folder)))
    if (Math.max(...(await Promise.all(inputs))) <= builtMs) return false
  }
  log('dashboards: building')
  const lines: string[] = []
  const child = startChild({
    command: process.execPath,
    args: [viteEntry(source), 'build', source, '--logLevel', 'warn'],
    environment: process.env,
    directory: repository,
    onLine: (line) => lines.push(line),
    onErrorLine: (line) => lines.push(line),
  })
  const stop = () => void child.stop()
  stopped.addEventListener('abort', stop)
  const end = await child.ended
  stopped.removeEventListener('abort', stop)
  if (end !== 'exit 0' && !stopped.aborted) throw new DashboardsBuildError(end, lines)
  return true
}

function viteEntry(source: string): string {
  const manifest = createRequire(path.join(source, 'package.json')).resolve('vite/package.json')
  return path.join(path.dirname(manifest), 'bin', 'vite.js')
}

async function newestMs(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true })
  const times = entries.map(async (entry) => {
    if (['node_modules', 'dist', 'test'].includes(entry.name)) return 0
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return newestMs(file)
    return /\.test\.tsx?$/.test(entry.name) ? 0 : (await stat(file)).mtimeMs
  })
  return Math.max(0, ...(await Promise.all(times)))
}

/** Vite could not build the dashboards. */
export class DashboardsBuildError extends RetryableError {
  constructor(end: string, lines: readonly string[]) {
    const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no output'
    super('DASHBOARDS_BUILD_FAILED', `expected the dashboards to build, found ${end}: ${reason}`, {
      hint: 'Run npm run build:dashboards to see all of it; the API works without them.',
    })
  }
}
