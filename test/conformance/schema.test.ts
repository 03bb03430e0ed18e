import {
  type ClickHouseClient,
  type ScratchDatabase,
  migrate,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import {
  type Pin,
  TABLES,
  VIEWS,
  clickhouseType,
  hotTable,
  migrations,
  pinnedRelations,
  selectText,
} from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** The declared schema against the engine that has to run it. */

let scratch: ScratchDatabase
let client: ClickHouseClient

beforeAll(async () => {
  scratch = await startScratchDatabase()
  const connection = { ...scratch.database, database: 'foggara' }
  await migrate(connection, migrations('single'))
  client = openClient(connection)
})

afterAll(async () => {
  await client.close()
  await scratch[Symbol.asyncDispose]()
})

test('every table has exactly the columns it declares, with their types', async () => {
  for (const table of TABLES) {
    const declared = table.columns.map(({ name, type }) => [name, clickhouseType(type)])
    if (table.stream !== 'none') declared.push(['commit_seq', 'UInt64'])
    expect(await describe(hotTable(table)), table.name).toEqual(declared)
  }
})

test('every domain view has exactly the columns it declares, with their types', async () => {
  const found = []
  for (const { name } of VIEWS) found.push([name, await describe(name)])
  const declared = VIEWS.map(({ name, columns }) => [
    name,
    columns.map((column) => [column.name, clickhouseType(column.type)]),
  ])
  expect(found).toEqual(declared)
})

test('every view and table runs at a pin, with and without settled rows and killed attempts', async () => {
  const stream = { commitSeq: 5, killed: [2, 3] }
  const base = { blockHash: `0x${'00'.repeat(32)}` as const, blockSeconds: 1000, block: 50 }
  const streams = { chain: stream, receipt: stream, epoch: stream }
  const pins: readonly Pin[] = [
    { ...base, ...streams, settledBlock: -1 },
    { ...base, ...streams, settledBlock: 40 },
    { ...base, ...streams, settledBlock: 60 },
  ]
  for (const pin of pins) {
    const relations = pinnedRelations(pin)
    for (const { name, columns } of [...VIEWS, ...TABLES]) {
      const sql = selectText(columns, relations.relation(name))
      expect(await queryRows(client, `${sql} limit 1`), name).toEqual([])
    }
  }
})

async function describe(relation: string): Promise<readonly (readonly string[])[]> {
  const rows = await queryRows<{ name: string; type: string }>(client, `describe table ${relation}`)
  return rows.map(({ name, type }) => [name, type])
}
