import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { CONTRACT_NAMES, eventsOf } from '@foggara/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { DIRECTORY } from '../../subgraph/build-subgraph.ts'
import { findPackages } from './packages.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

const CASES = readdirSync(join(DIRECTORY, 'tests')).toSorted((a, b) => (a < b ? -1 : 1))

test('the cases of the mappings hold every event of the protocol', () => {
  const text = CASES.map((name) => readFileSync(join(DIRECTORY, 'tests', name), 'utf8')).join('')
  const names = CONTRACT_NAMES.flatMap((name) => eventsOf(name).map((event) => event.name))
  expect(names.filter((name) => !text.includes(`"event": "${name}(`))).toEqual([])
})

const packages = findPackages()
const by = 'missing' in packages ? `(skipped: ${packages.missing})` : 'by the upstream runner'

describe.skipIf('missing' in packages)(`the protocol’s mappings, ${by}`, () => {
  let server: PostgresServer
  beforeAll(async () => {
    if (!('missing' in packages)) server = await startPostgres(packages.postgresBin)
  })
  afterAll(() => server?.stop())

  test.each(CASES)('%s', async (name) => {
    if ('missing' in packages) return
    // A case that fails leaves its database behind: each has its own.
    const url = await server.createDatabase(name.replace(/\W/g, '_'))
    const args = ['test', '--skip-build', '--postgres-url', url, join('tests', name)]
    const options = { cwd: DIRECTORY, env: { PATH: '/usr/bin:/bin' } }
    const { stdout } = await run(packages.gnd, args, options).catch((error: Failed) => error)
    expect(stdout).toContain('1 passed, 0 failed')
  })
})

const run = promisify(execFile)

type Failed = { readonly stdout: string }
