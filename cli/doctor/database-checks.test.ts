import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, test } from 'vitest'

import type { Context } from '../command.ts'
import { resolveConfig } from '../config.ts'
import { openOwnDatabase } from '../service/open-database.ts'
import { databaseFindings } from './database-checks.ts'

test('the embedded database is as it should be, and none is no fault', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'foggara-doctor-'))
  const config = resolveConfig({}, {}, { dataDirectory: directory })
  const context: Context = {
    environment: {},
    directory,
    print: () => undefined,
    warn: () => undefined,
    nowMs: () => Date.now(),
    stopped: new AbortController().signal,
  }
  const examine = async () => {
    const found = []
    for await (const finding of databaseFindings(config, context)) found.push(finding)
    return found
  }
  expect(await examine()).toMatchObject([{ level: 'ok', what: 'database' }])
  const made = await openOwnDatabase(config, directory, () => undefined)
  await made[Symbol.asyncDispose]()
  const found = await examine()
  expect(found.map(({ what }) => what)).toEqual([
    'database',
    'database version',
    'durability',
    'database memory',
    'database disk',
    'database clock',
  ])
  expect(found.filter(({ what, level }) => level !== 'ok' && what !== 'database disk')).toEqual([])
  await rm(directory, { recursive: true })
})
