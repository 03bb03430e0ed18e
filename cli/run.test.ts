import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { RunAbortedError } from '@foggara/gpu-analytics'
import { FatalError, RetryableError } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { run } from './run.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-run-'))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

test('each kind of failure has its exit code, its code on one line, and no stack', async () => {
  const hint = 'Do this.'
  expect(await failing(new FatalError('BAD_INPUT', 'expected a, found b', { hint }))).toEqual({
    code: 1,
    printed: [],
    warned: ['BAD_INPUT expected a, found b', '  hint: Do this.'],
  })
  expect(await failing(new RetryableError('AWAY', 'expected c, found d'))).toEqual({
    code: 75,
    printed: [],
    warned: ['AWAY expected c, found d'],
  })
  const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' })
  expect(await failing(full)).toMatchObject({
    code: 75,
    warned: ['DISK_FULL expected free disk space, found a full disk', expect.any(String)],
  })
  const unexpected = await failing(new TypeError('x is undefined\n  at somewhere'))
  expect(unexpected.code).toBe(1)
  expect(unexpected.warned[0]).toBe('UNEXPECTED x is undefined')
  expect(unexpected.warned.join('\n')).not.toContain('at ')
})

test('commands end with a code that says whether another try is worth it', async () => {
  await writeFile(path.join(directory, 'deployment.json'), '{"chainId":1}')
  const chain = ['--rpc-url', 'http://127.0.0.1:9', '--deployment']
  const codes = {
    help: await codeOf('help'),
    'no such chain yet': await codeOf('ingest', '--rpc-url', 'http://127.0.0.1:9'),
    'a deployment that is none': await codeOf('ingest', ...chain, 'deployment.json'),
    'no deployment': await codeOf('serve'),
    'a malformed setting': await codeOf('ingest', '--metrics', 'everywhere'),
    'a screen without a terminal': await codeOf('start', '--live'),
    'an unknown option': await codeOf('ingest', '--liv'),
    'a missing argument': await codeOf('verify'),
  }
  expect(codes).toEqual({
    help: 0,
    'no such chain yet': 75,
    'a deployment that is none': 1,
    'no deployment': 1,
    'a malformed setting': 1,
    'a screen without a terminal': 64,
    'an unknown option': 64,
    'a missing argument': 64,
  })
  expect((await failing(new RunAbortedError('nothing', undefined))).code).toBe(130)
})

test('where the log is JSON, errors and warnings are entries of it', async () => {
  const error = new FatalError('BAD_INPUT', 'expected a, found b', { hint: 'Do this.' })
  const { printed, warned } = await failing(error, { FOGGARA_LOG: 'json' })
  expect(printed).toEqual([])
  const [entry, ...others] = warned.map((line): unknown => JSON.parse(line))
  expect(others).toEqual([])
  expect(entry).toMatchObject({
    level: 'error',
    component: 'cli',
    code: 'BAD_INPUT',
    message: 'expected a, found b',
    hint: 'Do this.',
    fields: { exitCode: 1 },
  })
})

test('the stack and its causes are shown on request only', async () => {
  const error = new FatalError('BAD', 'expected a', { cause: new Error('the reason') })
  const { warned } = await failing(error, { FOGGARA_DEBUG: '1' })
  expect(warned.join('\n')).toContain('the reason')
  expect(warned.join('\n')).toContain('run.test.ts')
})

test('a misunderstood command line exits with 64', async () => {
  expect((await runHere(['nonsense'])).code).toBe(64)
  expect((await runHere(['score', '--nonsense'])).code).toBe(64)
  expect((await runHere(['verify', 'three'])).code).toBe(64)
  expect((await runHere(['score', '--budget', '1'])).code).toBe(64)
  expect((await runHere([])).code).toBe(64)
  expect(await runHere(['--version'])).toMatchObject({ code: 0, printed: ['1.2.3'] })
})

test('plain files are scored with a manifest, and amounts sum to the budget', async () => {
  await writeFile(path.join(directory, 'e.csv'), 'from,to,weight\na,b,1.5\nb,c,0.25\na,c,1\n')
  await writeFile(path.join(directory, 'u.csv'), 'id,weight\na,2\nb,0.5\n')
  const files = ['--edges', 'e.csv', '--teleport', 'u.csv', '--budget', '1000', '--out', 'paid.csv']
  const { code, printed } = await runHere(['score', ...files, '--json'])
  expect(code).toBe(0)
  const result: unknown = JSON.parse(printed[0] ?? '')
  expect(result).toMatchObject({
    manifest: {
      format: 'foggara-files-1',
      inputs: { edges: { file: 'e.csv' }, teleport: { file: 'u.csv' } },
      parameters: { budget: '1000', parallel: 'sum', edgeWeightScale: 2, teleportWeightScale: 1 },
      graph: { nodeCount: 3, edgeCount: 3, mergedRowCount: 0 },
    },
    paid: '1000',
    carried: '0',
    unallocated: '0',
  })
  const [header, ...rows] = (await readFile(path.join(directory, 'paid.csv'), 'utf8'))
    .trimEnd()
    .split('\n')
  expect(header).toBe('id,score,amount,carried')
  const paid = rows.map((row) => Number(row.split(',')[2]))
  expect(paid.reduce((total, amount) => total + amount, 0)).toBe(1000)
})

test('keeping the last of parallel edges is warned about', async () => {
  await writeFile(path.join(directory, 'p.csv'), 'from,to,weight\na,b,1\na,b,2\n')
  const options = ['--edges', 'p.csv', '--budget', '10', '--parallel', 'last']
  const { code, warned } = await runHere(['score', ...options])
  expect(code).toBe(0)
  expect(warned[0]).toMatch(/^ROW_ORDER_MATTERS /)
})

test('a file that is not there is refused by its name', async () => {
  const { code, warned } = await runHere(['lineage', 'none.csv'])
  expect(code).toBe(1)
  expect(warned).toEqual(['FILE_UNREADABLE none.csv: expected a readable file, found ENOENT'])
})

async function codeOf(...args: readonly string[]): Promise<number> {
  return (await runHere(args)).code
}

function failing(error: Error, environment: Record<string, string> = {}) {
  const command: Command = {
    name: 'fail',
    summary: '',
    description: [],
    positionals: [],
    options: {},
    examples: [],
    run: async () => {
      throw error
    },
  }
  return runHere(['fail'], environment, [command])
}

async function runHere(
  args: readonly string[],
  environment: Record<string, string> = {},
  commands: readonly Command[] = COMMANDS,
) {
  const printed: string[] = []
  const warned: string[] = []
  const code = await run(args, commands, '1.2.3', {
    environment,
    directory,
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    nowMs: () => 0,
    stopped: new AbortController().signal,
  })
  return { code, printed, warned }
}
