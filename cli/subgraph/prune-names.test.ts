import { type ScratchDatabase, migrate, queryRows, startScratchDatabase } from '@foggara/database'
import { openClickHouseStore } from '@foggara/ingest'
import { migrations } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { parseEntitySchema } from '../../ingest/subgraphs/entity-cache/entity-schema.ts'
import { COMMANDS } from '../commands.ts'
import { run } from '../run.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  await migrate({ url, username, password, database: 'foggara' }, migrations('single'))
}, 60_000)
afterAll(() => scratch[Symbol.asyncDispose]())

test('history is deleted up to where it is asked to be kept, and the state stays', async () => {
  const store = await openClickHouseStore({
    client: scratch.writer,
    name: 'counts',
    deployment: 'QmCounts',
    schema: parseEntitySchema('type Count @entity(immutable: false) { id: ID! of: Int! }'),
    nowMs: () => 0,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  })
  for (const number of [100, 200, 300]) {
    const entity = new Map([
      ['id', { type: 'String' as const, value: 'a' }],
      ['of', { type: 'Int' as const, value: number }],
    ])
    const vid = BigInt(number) << 32n
    const hash = `0x${number.toString().padStart(64, '0')}`
    await store.commit({
      block: { number, hash, timestamp: BigInt(number) },
      changes: [{ type: 'overwrite', entityType: 'Count', id: 'a', entity, vid }],
      buckets: [],
      proof: undefined,
      createdSources: [],
      failures: [],
    })
  }
  await store.flush()
  const { code, printed } = await prune('counts', '--keep', '100')
  expect([code, printed]).toEqual([0, ['subgraph_counts: history from block 200 on']])
  const rows = await queryRows(
    scratch.reader,
    'select of, block_from from subgraph_counts.count_history order by block_from',
  )
  expect(rows).toEqual([
    { of: 200, block_from: '200' },
    { of: 300, block_from: '300' },
  ])
}, 60_000)

test('a name that is not stored is refused, and so is a number that is too small', async () => {
  expect((await prune('other', '--keep', '100')).warned.join('\n')).toContain('SUBGRAPH_NOT_STORED')
  expect((await prune('counts', '--keep', '5')).warned.join('\n')).toContain('OPTION_MALFORMED')
  expect((await prune('counts')).warned.join('\n')).toContain('OPTION_MALFORMED')
}, 60_000)

async function prune(...args: readonly string[]) {
  const { url, username, password } = scratch.database
  const printed: string[] = []
  const warned: string[] = []
  const login = `${username}:${encodeURIComponent(password)}`
  const code = await run(['subgraph', 'prune', ...args], COMMANDS, '1.2.3', {
    environment: { FOGGARA_CLICKHOUSE_URL: url.replace('http://', `http://${login}@`) },
    directory: import.meta.dirname,
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    nowMs: () => 0,
    stopped: new AbortController().signal,
  })
  return { code, printed, warned }
}
