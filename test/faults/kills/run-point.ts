import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import {
  type ClickHouseClient,
  type Database,
  command,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { COMMIT_TABLES, createTable, latestRows } from '@foggara/schema'

import { visibleRows } from '../../../ingest/scratch-index.ts'
import {
  createKillingClient,
  createSerialClient,
  gateAt,
} from '../../../ingest/simulation/killing-client.ts'
import { findProblems } from '../find-problems.ts'
import type { KillPoint } from './kill-point.ts'
import { type KilledKind, again, killedKind, runKilled } from './killed-run.ts'
import type { KilledTask } from './main.ts'

/** A run that nothing disturbed. */
export type CalmRun = {
  readonly rows: Awaited<ReturnType<typeof visibleRows>>
  /** What each statement and each request to the node did, in order. */
  readonly steps: readonly string[]
}

/** What became of a run that was killed. */
export type KillOutcome = {
  /** The steps at which something was killed, with the phase of the run; one that ended first has none. */
  readonly killedAt: readonly string[]
  /** What differs from the undisturbed run, table by table; empty when nothing does. */
  readonly problems: readonly string[]
}

/** A database that was killed starts again by itself. */
const pause = (): Promise<void> => delay(20)

/**
 * Runs a seed without disturbance and compares what it stored with the chain.
 *
 * @throws {Error} when that is not right: nothing can be compared with it.
 */
export async function runCalmly(server: Database, seed: number): Promise<CalmRun> {
  const steps: string[] = []
  const kind = killedKind(seed)
  await using database = await openDatabase(server, `calm_${seed}`, kind)
  const note = (step: string): undefined => void steps.push(step)
  const client = createSerialClient(createKillingClient(database.client, note, () => undefined))
  const chain = await runKilled({
    seed,
    client,
    phase: 0,
    onPhase: () => undefined,
    onRequest: () => note('ask the node'),
    pause: () => Promise.reject(new Error('an undisturbed run has no failures')),
  })
  const problems = await findProblems(database.client, chain, kind.logsOf)
  if (problems.length > 0) throw new Error(`seed ${seed}: ${problems.join('; ')}`)
  return { rows: await visibleRows(database.client, kind.shown), steps }
}

/** Runs a seed, kills at a point, lets another process go on, and compares the rows at the end. */
export async function runPoint(
  server: Database,
  point: KillPoint,
  calm: CalmRun,
): Promise<KillOutcome> {
  if (point.victim !== 'ingest') {
    // A server that many kill soon waits long before it starts again.
    await using own = await startScratchDatabase({ memoryMib: 1_000 })
    // Awaited here: the server goes when this block is left.
    return await killIn(own.database, point, calm)
  }
  return killIn(server, point, calm)
}

async function killIn(server: Database, point: KillPoint, calm: CalmRun): Promise<KillOutcome> {
  const { seed, victim, at, moment, again: second } = point
  const kind = killedKind(seed)
  await using database = await openDatabase(server, `killed_${seed}_${at}_${moment}`, kind)
  const { client, name } = database
  const killedAt: string[] = []
  let phase = 0
  const kill = async (place: Pick<KillPoint, 'at' | 'moment'>): Promise<void> => {
    const { url, username, password, pid } = server
    const databasePid = victim === 'both' ? pid : 0
    const connection = { url, username, password, database: name }
    const killed = await runProcess({ ...connection, seed, phase, databasePid, ...place })
    phase = killed.phase
    killedAt.push(`phase ${phase}: ${killed.step}`)
  }
  if (victim !== 'database') await kill({ at, moment })
  if (second?.isDamaged === true) await again(() => loseRows(client), pause)
  if (second !== undefined) await kill(second)
  const killDatabase = (): void => {
    killedAt.push(`phase ${phase}: ${step}`)
    process.kill(server.pid, 'SIGKILL')
  }
  let step = ''
  const gate = gateAt(victim === 'database' ? at : 0, moment, () => true)
  const note = (what: string): ReturnType<typeof gate> => {
    step = what
    return gate(what)
  }
  await runKilled({
    seed,
    client: createSerialClient(createKillingClient(client, note, killDatabase)),
    phase,
    onPhase: (begun) => (phase = begun),
    onRequest: () => {
      if (note('ask the node') !== undefined) killDatabase()
    },
    pause,
  })
  const rows = await again(() => visibleRows(client, kind.shown), pause)
  return { killedAt, problems: differences(rows, calm.rows) }
}

/** Runs the process until it has killed itself or has come to the end. */
async function runProcess(
  task: KilledTask,
): Promise<{ readonly phase: number; readonly step: string }> {
  const path = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Most of what the process does is to read the same modules again.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'foggara-compiled') },
  })
  const ended = once(child, 'exit')
  let { phase } = task
  let step = 'the end came first'
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('phase ')) phase = Number(line.slice('phase '.length))
    if (line.startsWith('step ')) step = line.slice('step '.length)
  }
  await ended
  const isExpected = child.signalCode === 'SIGKILL' || child.exitCode === 0
  if (!isExpected) throw new Error(`expected a killed process, found exit code ${child.exitCode}`)
  return { phase, step }
}

/** What a disk may do: rows of a commit that is not settled are gone. */
async function loseRows(client: ClickHouseClient): Promise<void> {
  const [found] = await queryRows<{ seq: string }>(
    client,
    `select commit_seq as seq
    from log_hot
    where toInt64(block) > (select if(count() = 0, -1, toInt64(max(boundary_block))) from settlement)
      and commit_seq in (select commit_seq from commits)
      and commit_seq not in (select arrayJoin(kills) from commits)
    order by commit_seq
    limit 1`,
  )
  if (found === undefined) return
  const settings = { lightweight_deletes_sync: '2' } as const
  await command(client, `delete from log_hot where commit_seq = ${found.seq}`, {}, { settings })
}

type OpenDatabase = AsyncDisposable & { readonly client: ClickHouseClient; readonly name: string }

/** A database with the tables of the run only; disposing drops it. */
async function openDatabase(
  server: Database,
  name: string,
  { tablesBefore }: KilledKind,
): Promise<OpenDatabase> {
  const { url, username, password } = server
  const root = openClient({ url, username, password })
  await command(root, `create database ${name} engine = Atomic`)
  const client = openClient({ url, username, password, database: name })
  for (const table of [...COMMIT_TABLES, ...tablesBefore]) {
    for (const statement of createTable(table, 'single')) await command(client, statement)
  }
  for (const table of tablesBefore) {
    await command(client, `create view ${table.name} as ${latestRows(table)}`)
  }
  return {
    client,
    name,
    [Symbol.asyncDispose]: async () => {
      await again(() => command(root, `drop database ${name} sync`), pause)
      await Promise.all([root.close(), client.close()])
    },
  }
}

function differences(found: CalmRun['rows'], expected: CalmRun['rows']): readonly string[] {
  return Object.entries(expected).flatMap(([table, rows]) => {
    const here = found[table] ?? []
    if (JSON.stringify(here) === JSON.stringify(rows)) return []
    const at = rows.findIndex((row, index) => row !== here[index])
    const first = at < 0 ? rows.length : at
    return [
      `${table}: ${here.length} rows instead of ${rows.length}; row ${first}: ${here[first]} instead of ${rows[first]}`,
    ]
  })
}
