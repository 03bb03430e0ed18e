import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

/** The folder of the protocol's subgraph. */
export const DIRECTORY = import.meta.dirname

/**
 * Compiles the subgraph of a folder into its `build/`. Needs no network, and gives the same bytes
 * each time. graph-cli's `graph codegen` and `graph build` compile the same folder.
 */
export function buildSubgraph(directory: string): void {
  for (const name of ['generated', 'build']) {
    rmSync(join(directory, name), { recursive: true, force: true })
  }
  run(directory, 'codegen')
  run(directory, 'build')
}

/** What the compiled subgraph depends on, as one digest: the committed build names its own. */
export function sourcesDigest(directory = DIRECTORY): string {
  const names = ['abis', 'mappings'].flatMap((folder) =>
    readdirSync(join(directory, folder)).map((name) => join(folder, name)),
  )
  const hash = createHash('sha256')
  const sorted = [...names, 'schema.graphql', 'subgraph.yaml'].toSorted((a, b) => (a < b ? -1 : 1))
  for (const name of sorted) {
    const bytes = readFileSync(join(directory, name))
    hash.update(`${name} ${bytes.length}\n`).update(bytes)
  }
  const { devDependencies } = JSON.parse(readFileSync(join(DIRECTORY, 'package.json'), 'utf8'))
  const compilers = ['@graphprotocol/graph-ts', 'assemblyscript']
  const versions = compilers.map((name) => `${name} ${devDependencies[name]}`)
  return hash.update(versions.join('\n')).digest('hex')
}

/** Compiles a subgraph that is committed with its build. */
export function buildCommitted(directory: string): void {
  buildSubgraph(directory)
  writeFileSync(join(directory, 'build', 'sources.sha256'), `${sourcesDigest(directory)}\n`)
}

/** Why nothing can be compiled here, for the name of a test that is skipped. */
export function compilerMissing(): string | undefined {
  if (gndFile() === undefined) return 'npm has not installed @graphprotocol/gnd-linux-x64'
  if (!existsSync(ASC_DIRECTORY)) return 'npm has not installed assemblyscript 0.19'
  return undefined
}

const require = createRequire(import.meta.url)

/** The compiler is searched along PATH: the repository has another version of it for its kernels. */
const ASC_DIRECTORY = join(DIRECTORY, 'node_modules', '.bin')

function run(directory: string, command: 'codegen' | 'build'): void {
  const gnd = gndFile()
  if (gnd === undefined) throw new Error(compilerMissing())
  execFileSync(gnd, [command], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: [ASC_DIRECTORY, dirname(process.execPath)].join(delimiter) },
  })
}

function gndFile(): string | undefined {
  try {
    return require.resolve('@graphprotocol/gnd-linux-x64/bin/gnd')
  } catch {
    return undefined
  }
}

/** `npm run subgraph:build`: the build is committed, so nobody needs the compilers to run it. */
if (import.meta.main) buildCommitted(DIRECTORY)
