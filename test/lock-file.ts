import { readFileSync, writeFileSync } from 'node:fs'

/**
 * `npm run lock`, after every `npm install`: adds to package-lock.json the packages of other platforms
 * that npm left out because a registry lacks them. Without an entry that has version, os and cpu,
 * `npm ci` calls the lock file out of step, on every platform.
 */

type Entry = {
  version?: string
  optional?: boolean
  os?: readonly string[]
  cpu?: readonly string[]
  optionalDependencies?: Readonly<Record<string, string>>
}

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const PROCESSORS = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'amd64',
]

/** The optional dependencies that some package names and the lock file lacks. */
export function missingFrom(
  packages: Readonly<Record<string, Entry>>,
): readonly [string, string][] {
  const named = Object.values(packages).flatMap((entry) =>
    Object.entries(entry.optionalDependencies ?? {}),
  )
  const missing = named.filter(
    ([name]) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
  )
  return [...new Map(missing)].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** A lock entry that npm skips on every other platform than the one the name says. */
export function placeholder(name: string, version: string): Entry {
  const words = name.split(/[/-]/)
  const os = SYSTEMS.find((system) => words.includes(system))
  const cpu = PROCESSORS.find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined) throw new Error(`no platform in the name ${name}`)
  return { version, optional: true, os: [os], cpu: [cpu === 'amd64' ? 'x64' : cpu] }
}

if (import.meta.main) {
  const path = 'package-lock.json'
  const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> }
  const missing = missingFrom(lock.packages)
  for (const [name, version] of missing) {
    lock.packages[`node_modules/${name}`] = placeholder(name, version)
  }
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${path}: added ${missing.length} packages of other platforms`)
}
