import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, test } from 'vitest'

import type { Context } from './command.ts'
import { loadConfig, resolveConfig } from './config.ts'

test('a flag wins over the environment, that over the file, that over the default', () => {
  const environment = { FOGGARA_PORT: '4200' }
  expect(resolveConfig({}, {}, {}).port).toBe(4000)
  expect(resolveConfig({}, {}, { port: 4100 }).port).toBe(4100)
  expect(resolveConfig({}, environment, { port: 4100 }).port).toBe(4200)
  expect(resolveConfig({ port: '4300' }, environment, { port: 4100 }).port).toBe(4300)
  expect(resolveConfig({}, { FOGGARA_PORT: '' }, {}).port).toBe(4000)
})

test('an unknown key is refused with the nearest known one', () => {
  expect(() => resolveConfig({}, {}, { dataDirectroy: 'x' })).toThrow(
    expect.objectContaining({
      code: 'CONFIG_KEY_UNKNOWN',
      message: 'foggara.config.ts: expected a known setting, found dataDirectroy',
      hint: 'Did you mean dataDirectory?',
    }),
  )
})

test('a value of the wrong form is refused with where it came from', () => {
  const code = 'CONFIG_VALUE_MALFORMED'
  const from = (text: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(text) })
  expect(() => resolveConfig({}, { FOGGARA_PORT: 'http' }, {})).toThrow(from('FOGGARA_PORT: '))
  expect(() => resolveConfig({ port: '70000' }, {}, {})).toThrow(from('--port: '))
  expect(() => resolveConfig({}, {}, { rpcUrl: 'ftp://x' })).toThrow(from('config.ts: rpcUrl'))
  expect(() => resolveConfig({}, {}, { proposeRoots: 'maybe' })).toThrow(from('proposeRoots'))
  expect(() => resolveConfig({}, { FOGGARA_ENGINE: 'duckdb' }, {})).toThrow(from('FOGGARA_ENGINE'))
  expect(() => resolveConfig({ threads: '0' }, {}, {})).toThrow(from('--threads: '))
})

test('settings come from a file, and an unknown variable is only pointed out', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'foggara-config-'))
  try {
    await writeFile(path.join(directory, 'foggara.config.ts'), 'export default { port: 4500 }\n')
    const warnings: string[] = []
    const config = await loadConfig({}, context(directory, { FOGGARA_PROT: '1' }, warnings))
    expect(config.port).toBe(4500)
    expect(warnings).toEqual([
      'ENVIRONMENT_UNKNOWN FOGGARA_PROT is not read; did you mean FOGGARA_PORT?',
    ])
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a settings file that was asked for must exist', async () => {
  const directory = tmpdir()
  await expect(loadConfig({ config: 'no-such.ts' }, context(directory, {}, []))).rejects.toThrow(
    expect.objectContaining({ code: 'CONFIG_FILE_UNREADABLE' }),
  )
})

function context(
  directory: string,
  environment: Record<string, string>,
  warnings: string[],
): Context {
  return {
    directory,
    environment,
    print: () => undefined,
    warn: (line) => warnings.push(line),
    nowMs: () => 0,
    stopped: new AbortController().signal,
  }
}
