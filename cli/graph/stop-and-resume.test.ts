import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

let directory: string
let undisturbed: string

const BIN = path.resolve('cli/bin.ts')
const SCORE = ['score', '--graph', 'g', '--iterations', '400', '--limit', '1']
/** Keeps the state after every iteration. */
const SAFE = [...SCORE, '--checkpoint-seconds', '0']

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-resume-'))
  const drawn = ['--kind', 'rmat', '--scale', '13', '--seed', '9', '--out', 'g']
  expect(await finished(foggara(['graph', 'generate', ...drawn]))).toMatchObject({ code: 0 })
  undisturbed = digestOf(await finished(foggara(SCORE)))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

test('a rank that is killed in the middle and resumed has the bits of one that was not', async () => {
  const killed = foggara(SAFE)
  const end = finished(killed)
  await untilCheckpoint(killed)
  killed.kill('SIGKILL')
  expect(await end).toMatchObject({ signal: 'SIGKILL' })
  const resumed = await finished(foggara([...SCORE, '--resume']))
  expect(resumed.errors).toMatch(/goes on after iteration \d+/)
  expect(digestOf(resumed)).toBe(undisturbed)
  await expect(access(checkpoint())).rejects.toThrow('ENOENT')
})

test('Ctrl-C keeps the state, says so and exits with 130; other rules do not go on from it', async () => {
  const stopped = foggara(SAFE)
  const end = finished(stopped)
  await untilCheckpoint(stopped)
  stopped.kill('SIGINT')
  const { code, errors } = await end
  expect(code).toBe(130)
  expect(errors).toMatch(/^RUN_ABORTED expected the run to end, found it stopped after /m)
  expect(errors).toContain('--resume')
  const other = await finished(foggara([...SCORE, '--resume', '--damping', '0.5']))
  expect(other).toMatchObject({ code: 1 })
  expect(other.errors).toMatch(/^CHECKPOINT_\w+ /m)
  expect(digestOf(await finished(foggara([...SCORE, '--resume'])))).toBe(undisturbed)
})

test('Ctrl-C stops a build, which leaves nothing to be taken for a graph', async () => {
  const built = foggara(['graph', 'generate', '--kind', 'rmat', '--scale', '20', '--out', 'h'])
  const end = finished(built)
  await untilThere(path.join(directory, 'h'), built)
  built.kill('SIGINT')
  const { code, errors } = await end
  expect(code).toBe(130)
  expect(errors).toMatch(/^RUN_ABORTED /m)
  expect((await finished(foggara(['graph', 'info', 'h']))).errors).toMatch(
    /^GRAPH_FOLDER_MISSING /m,
  )
})

test('Ctrl-C stops the scoring of files in mid-run, whatever the engine', async () => {
  const rows = Array.from({ length: 30_000 }, (_, row) => `a${row % 991},b${row % 1009},${row}`)
  await writeFile(path.join(directory, 'e.csv'), ['from,to,weight', ...rows].join('\n'))
  const files = ['--edges', 'e.csv', '--budget', '1', '--iterations', '1000']
  const scored = foggara(['score', ...files, '--engine', 'reference'])
  const end = finished(scored)
  await new Promise((resolve) => {
    scored.stderr?.once('data', resolve)
  })
  scored.kill('SIGINT')
  const { code, errors } = await end
  expect(errors).toMatch(/^rank: iteration \d+ of 1000, .* edges\/s, .* left$/m)
  expect(errors).toMatch(/^RUN_ABORTED /m)
  expect(code).toBe(130)
})

type End = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

function foggara(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], { cwd: directory, stdio: 'pipe' })
}

async function finished(child: ChildProcess): Promise<End> {
  let output = ''
  let errors = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, signal: child.signalCode, output, errors }
}

function digestOf({ output, errors }: End): string {
  const digest = /^rank (0x\w{64})$/m.exec(output)?.[1]
  if (digest === undefined) throw new Error(`expected a digest, found ${output}${errors}`)
  return digest
}

function checkpoint(): string {
  return path.join(directory, 'g', 'rank.checkpoint')
}

async function untilCheckpoint(child: ChildProcess): Promise<void> {
  await rm(checkpoint(), { force: true })
  await untilThere(checkpoint(), child)
}

async function untilThere(file: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    if (isThere) return
    await nextTurn()
  }
  throw new Error(`expected ${file} before the end of the run`)
}
