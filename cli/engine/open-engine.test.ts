import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { RunAbortedError, referenceEngine } from '@foggara/gpu-analytics'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { HAS_SOFTWARE_GPU, WHY_NO_SOFTWARE_GPU } from '../../test/software-gpu.ts'
import { type FileScoreProblem, scoreFiles } from '../files/score-files.ts'
import type { EngineSetting } from './engine-names.ts'
import { openEngine } from './open-engine.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-engine-'))
  await writeFile(path.join(directory, 'e.csv'), 'from,to,weight\na,b,1.5\nb,c,0.25\na,c,1\n')
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

const PROBLEM: FileScoreProblem = {
  edges: {
    scale: 0,
    rows: Array.from({ length: 90 }, (_, row) => ({
      from: `n${(row * 7) % 19}`,
      to: `n${(row * 11) % 23}`,
      weight: BigInt(row) ** 9n,
    })),
  },
  teleport: {
    scale: 0,
    rows: [
      { id: 'n3', weight: 5n },
      { id: 'n8', weight: 1n },
    ],
  },
  payees: undefined,
  budget: 10n ** 24n,
  parallel: 'sum',
  passThroughQ32: 3_650_722_201,
  stop: { type: 'count', iterationCount: 20 },
  capBps: 900n,
  payoutMin: 10n ** 20n,
}

test.each<EngineSetting>(['auto', 'wasm', 'duckdb', 'clickhouse'])(
  'the engine %s pays the same amounts as the reference',
  async (engine) => {
    const { found, expected, computedBy } = await amountsOf(engine)
    expect(found).toEqual(expected)
    expect(computedBy).toBe(engine === 'auto' ? 'wasm' : engine)
  },
)

test.runIf(HAS_SOFTWARE_GPU)(
  `the engine webgpu pays the same amounts as the reference${WHY_NO_SOFTWARE_GPU}`,
  async () => {
    const { found, expected, computedBy } = await amountsOf('webgpu')
    expect(found).toEqual(expected)
    expect(computedBy).toBe('webgpu')
  },
)

test.each<EngineSetting>(['wasm', 'reference', 'duckdb'])(
  'the engine %s stops when it is asked to',
  async (engine) => {
    await using opened = await openEngine({ engine, threadCount: 1, takesSoftwareGpu: false })
    const signal = AbortSignal.abort()
    await expect(scoreFiles(PROBLEM, opened.engine, { signal })).rejects.toThrow(RunAbortedError)
  },
)

test('a package that is not installed is named with how to get it', async () => {
  for (const [engine, name] of [
    ['duckdb', '@duckdb/node-api'],
    ...(HAS_SOFTWARE_GPU ? [['webgpu', 'webgpu'] as const] : []),
  ] as const) {
    const { code, errors } = await foggaraWithout(name, ['--engine', engine])
    expect(code).toBe(1)
    expect(errors).toMatch(/^(DUCKDB|WEBGPU)_UNAVAILABLE /m)
    expect(errors).toContain(`npm install ${name}`)
    const other = await foggaraWithout(name, ['--engine', 'auto'])
    expect(other).toMatchObject({ code: 0, errors: '' })
  }
})

async function amountsOf(engine: EngineSetting) {
  await using opened = await openEngine({ engine, threadCount: 1, takesSoftwareGpu: true })
  const { execution, ...found } = await scoreFiles(PROBLEM, opened.engine)
  const { execution: _, ...expected } = await scoreFiles(PROBLEM, referenceEngine)
  return { found, expected, computedBy: execution.engine }
}

/** Runs `foggara score` where a package cannot be found. */
async function foggaraWithout(name: string, args: readonly string[]) {
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(specifier, context, next) {
      if (specifier !== '${name}') return next(specifier, context)
      throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' })
    } })`
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(hook)}`,
      path.resolve('cli/bin.ts'),
      'score',
      '--edges',
      'e.csv',
      '--budget',
      '10',
      ...args,
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, errors }
}
