import { dirname, join } from 'node:path'

import { queryRows, type ScratchDatabase, startScratchDatabase } from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type EntityVersion, entityTypes } from '../../../test/oracle/entity-versions.ts'
import { readTrace, TRACED_CASES, type TracedCase } from '../../../test/oracle/record-traces.ts'
import { typeTrace } from '../../../test/oracle/trace.ts'
import { openRpc } from '../../chain/rpc.ts'
import type { ChainBlock } from '../chain-source.ts'
import type { EntityField } from '../entity-cache/entity-schema.ts'
import { type StoreValue, valueText } from '../entity-cache/entity.ts'
import { loadSubgraph } from '../manifest/load-subgraph.ts'
import type { Subgraph } from '../manifest/manifest.ts'
import { openRpcChain, type RpcChain } from '../rpc-chain.ts'
import { openSubgraphRunner } from '../subgraph-runner.ts'
import { openClickHouseStore } from './clickhouse-store.ts'
import { type EntityTable, entityTables } from './entity-table.ts'
import { type EntityRow, entityColumns, entityReader } from './read-entities.ts'

const CASE_MS_MAX = 240_000
const LIMITS = { rowCountMax: 500, byteLengthMax: 1_000_000, blockCountMax: 7 }

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase({ memoryMib: 3_000 })
})
afterAll(() => scratch[Symbol.asyncDispose]())

/** Every value, every way to fail and many hours; the other cases are compared in memory. */
const CASES = [TRACED_CASES.failures, TRACED_CASES.aggregations]

for (const traced of CASES) {
  test(
    `${traced.name}: through forks and restarts the tables hold what graph-node recorded`,
    () => assertSameAsTrace(traced),
    CASE_MS_MAX,
  )
}

async function assertSameAsTrace(traced: TracedCase): Promise<void> {
  const trace = readTrace(traced.name)
  const made = await traced.startChain()
  await using _chainEnded = made.anvil
  const rpc = openRpc({
    url: made.anvil.rpcUrl,
    sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
    signal: new AbortController().signal,
  })
  const subgraph = await loadSubgraph(dirname(traced.manifest))
  await runWithRestarts(traced.name, subgraph, openRpcChain(rpc), trace.headBlock)

  const database = `subgraph_${traced.name}`
  const proofs = await queryRows<{ block: string; digest: string }>(
    scratch.reader,
    `select block, lower(hex(digest)) as digest from ${database}._block where has_proof`,
  )
  expect(Object.fromEntries(proofs.map(({ block, digest }) => [block, digest]))).toEqual(
    trace.proofDigests,
  )
  const failures = await queryRows<{ block: string; count: string }>(
    scratch.reader,
    `select block, uniqExact(handler, message) as count from ${database}._failure group by block`,
  )
  expect(Object.fromEntries(failures.map(({ block, count }) => [block, Number(count)]))).toEqual(
    trace.errorCounts,
  )
  const types = entityTypes(join(dirname(traced.manifest), 'schema.graphql'))
  const tables = entityTables(subgraph.schema)
  for (const type of types) {
    const table = tables.find(({ entityType }) => entityType === type.name)
    const versions = table === undefined ? [] : await versionsOf(database, table)
    expect({ [type.name]: typeTrace(type, versions) }).toEqual({
      [type.name]: trace.types[type.name],
    })
  }
}

/** Every 24th block the last ones are taken back and run again; every 40th a process ends. */
async function runWithRestarts(
  name: string,
  subgraph: Subgraph,
  chain: RpcChain,
  headBlock: number,
): Promise<void> {
  const open = async () => {
    const store = await openClickHouseStore({
      client: scratch.writer,
      name,
      deployment: name,
      schema: subgraph.schema,
      limits: LIMITS,
      nowMs: () => 0,
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
    })
    return { store, runner: openSubgraphRunner({ subgraph, store, chain }) }
  }
  const blocks: ChainBlock[] = []
  let { store, runner } = await open()
  for (let number = 0; number <= headBlock; number += 1) {
    const block = await chain.readBlock(number)
    if (block === undefined) throw new TypeError(`expected block ${number}, found none`)
    blocks.push(block)
    await runner.runBlock(block)
    if (number % 24 === 23) await runner.revertTo(number - 1 - (Math.floor(number / 24) % 10))
    // What is not in the tables by now is lost.
    if (number % 40 === 34) ({ store, runner } = await open())
    const last = store.lastBlock()?.number ?? -1
    for (const again of blocks.slice(last + 1)) await runner.runBlock(again)
  }
  await store.flush()
}

async function versionsOf(database: string, table: EntityTable): Promise<readonly EntityVersion[]> {
  const read = entityReader(table)
  const rows = await queryRows<EntityRow & { vid_text: string }>(
    scratch.reader,
    `select ${entityColumns(table)}, toString(vid) as vid_text
    from ${database}.\`${table.name}_rows\``,
  )
  const entities = new Map(rows.map((row) => [row.vid_text, read(row).entity]))
  const versions = await queryRows<Range>(
    scratch.reader,
    `select vid, block_from, block_to from ${database}.\`${table.name}_history\``,
  )
  return versions.map(({ vid, block_from: from, block_to: to }) => ({
    vid: BigInt(vid),
    fromBlock: Number(from),
    toBlock: to === null ? null : Number(to),
    fields: Object.fromEntries(
      table.columns.map(({ field }) => [
        field.name,
        columnText(field, entities.get(vid)?.get(field.name)),
      ]),
    ),
  }))
}

type Range = {
  readonly vid: string
  readonly block_from: string
  readonly block_to: string | null
}

/** Postgres gives no list, rather than an empty one, where it joins the bytes of none. */
function columnText(
  field: EntityField,
  value: StoreValue | undefined,
): string | readonly string[] | null {
  if (value?.type !== 'List') return valueText(value) ?? null
  if (field.scalar === 'Bytes' && value.value.length === 0) return null
  return value.value.map((item) => valueText(item) ?? '')
}
