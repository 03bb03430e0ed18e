import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { z } from 'zod'

const connection = z.object({
  url: z.string(),
  username: z.string(),
  password: z.string(),
  database: z.string(),
})

const runningFile = z.object({
  pid: z.int().positive(),
  /** Where the dashboards are. */
  url: z.string(),
  reader: connection,
  /** With the right to write; the file of an older service does not have it. */
  writer: connection.optional(),
  rpcUrl: z.string(),
  deployment: z.string(),
})

/** What a running service tells other commands on the same data directory. */
export type Running = z.output<typeof runningFile>

/** Leaves word for other commands; only the same user can read it. */
export async function writeRunning(dataDirectory: string, running: Running): Promise<void> {
  await writeFile(fileOf(dataDirectory), `${JSON.stringify(running)}\n`, { mode: 0o600 })
}

/** Takes the word back. */
export async function removeRunning(dataDirectory: string): Promise<void> {
  await rm(fileOf(dataDirectory), { force: true })
}

/**
 * The service that runs on a data directory, undefined when there is none. A killed service leaves
 * its file, and its process id may belong to another process by now: it must also answer.
 */
export async function readRunning(dataDirectory: string): Promise<Running | undefined> {
  const text = await readFile(fileOf(dataDirectory), 'utf8').catch(() => '')
  if (text === '') return undefined
  const parsed = runningFile.safeParse(parseJson(text))
  if (!parsed.success || !isAlive(parsed.data.pid)) return undefined
  return (await answers(parsed.data.url)) ? parsed.data : undefined
}

function fileOf(dataDirectory: string): string {
  return path.join(dataDirectory, 'running.json')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(3_000) })
    return response.ok
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
