import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

/**
 * `npm run subgraph:build`: compiles the mappings into `build/`, which is committed, so that nobody
 * needs the compilers to run the subgraph. Needs no network, and gives the same bytes each time.
 * graph-cli's `graph codegen` and `graph build` compile the same folder.
 */
function main(): void {
  for (const name of ['generated', 'build'])
    rmSync(join(DIRECTORY, name), { recursive: true, force: true })
  run('codegen')
  run('build')
  writeFileSync(join(DIRECTORY, 'build', 'sources.sha256'), `${sourcesDigest()}\n`)
}

/** The folder of the subgraph. */
export const DIRECTORY = import.meta.dirname

/** What the compiled subgraph depends on, as one digest: the committed build names the one it is of. */
export function sourcesDigest(): string {
  const names = ['abis', 'mappings'].flatMap((folder) =>
    readdirSync(join(DIRECTORY, folder)).map((name) => join(folder, name)),
  )
  const hash = createHash('sha256')
  for (const name of [...names, 'schema.graphql', 'subgraph.yaml'].toSorted((a, b) =>
    a < b ? -1 : 1,
  )) {
    const bytes = readFileSync(join(DIRECTORY, name))
    hash.update(`${name} ${bytes.length}\n`).update(bytes)
  }
  const { devDependencies } = JSON.parse(readFileSync(join(DIRECTORY, 'package.json'), 'utf8'))
  return hash.update(JSON.stringify(devDependencies)).digest('hex')
}

const require = createRequire(import.meta.url)

/** The compiler is searched along PATH: the repository has another version of it for its kernels. */
function run(command: 'codegen' | 'build'): void {
  const gnd = require.resolve('@graphprotocol/gnd-linux-x64/bin/gnd')
  const path = [join(DIRECTORY, 'node_modules', '.bin'), dirname(process.execPath)]
  execFileSync(gnd, [command], {
    cwd: DIRECTORY,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: path.join(delimiter) },
  })
}

if (import.meta.main) main()
