import { spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import postgres, { type Sql } from 'postgres'

import { type OwnProcess, freePorts, startProcess, until } from './own-process.ts'

/** A Postgres of its own, on a free port; what it holds goes with it. */
export type PostgresServer = {
  /** A connection string for a new, empty database with the collation that graph-node asks for. */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

/** Postgres refuses to run as root: it then runs as this user, `nobody` on every Linux. */
const NOBODY_ID = 65_534

const START_MS_MAX = 60_000

/** Starts a Postgres that keeps nothing: no write of it waits for a disk. */
export async function startPostgres(postgresBin: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'foggara-postgres-'))
  const user = process.getuid?.() === 0 ? { uid: NOBODY_ID, gid: NOBODY_ID } : {}
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const options = { cwd: folder, env: { LC_ALL: 'C', TZ: 'UTC' }, ...user }
  const cluster = join(folder, 'cluster')
  const init = ['-D', cluster, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C']
  await runToEnd(join(postgresBin, 'initdb'), [...init, '--no-sync', '--no-instructions'], options)
  const [port = 0] = await freePorts(1)
  const server = startProcess(join(postgresBin, 'postgres'), serverArguments(cluster, port), {
    ...options,
    logFile: join(folder, '..', `${folder.split('/').at(-1)}.log`),
    stopSignal: 'SIGINT',
  })
  const url = (database: string) => `postgresql://postgres:any@127.0.0.1:${port}/${database}`
  const sql = await connect(server, url('postgres'))
  return {
    async createDatabase(name) {
      await sql.unsafe(`create database ${name} template template0 encoding 'UTF8' locale 'C'`)
      return url(name)
    },
    async stop() {
      await sql.end({ timeout: 1 })
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
      rmSync(`${folder}.log`, { force: true })
    },
  }
}

function serverArguments(cluster: string, port: number): readonly string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_connections: 100,
    shared_buffers: '64MB',
    autovacuum: 'off',
    log_checkpoints: 'off',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', cluster, ...flags]
}

async function connect(server: OwnProcess, url: string): Promise<Sql> {
  return until('expected Postgres to answer', server, START_MS_MAX, async () => {
    const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined })
    try {
      await sql`select 1`
      return sql
    } catch {
      await sql.end({ timeout: 0 })
      return undefined
    }
  })
}

function runToEnd(command: string, args: readonly string[], options: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`expected ${command} to succeed, found ${code}: ${errors.trim()}`))
    })
  })
}
