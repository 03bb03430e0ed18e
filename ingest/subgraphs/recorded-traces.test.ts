import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { type EntityVersion, entityTypes } from '../../test/oracle/entity-versions.ts'
import { readTrace, TRACED_CASES, type TracedCase } from '../../test/oracle/record-traces.ts'
import { typeTrace } from '../../test/oracle/trace.ts'
import { openRpc } from '../chain/rpc.ts'
import type { ChainBlock } from './chain-source.ts'
import type { EntityField, EntitySchema } from './entity-cache/entity-schema.ts'
import { bytesText, type StoreValue, valueText } from './entity-cache/entity.ts'
import {
  type EntityVersion as StoredVersion,
  type MemoryStore,
  openMemoryStore,
} from './entity-cache/memory-store.ts'
import { loadSubgraph } from './manifest/load-subgraph.ts'
import { openRpcChain, type RpcChain } from './rpc-chain.ts'
import { openSubgraphRunner, type SubgraphRunner } from './subgraph-runner.ts'

const CASE_MS_MAX = 240_000

for (const traced of Object.values(TRACED_CASES)) {
  test(
    `${traced.name}: every proof, entity version and failure is the one that graph-node recorded`,
    () => assertSameAsTrace(traced),
    CASE_MS_MAX,
  )
}

async function assertSameAsTrace(traced: TracedCase): Promise<void> {
  const trace = readTrace(traced.name)
  const made = await traced.startChain()
  await using _chainEnded = made.anvil
  expect([made.headBlock, made.headHash]).toEqual([trace.headBlock, trace.headHash])
  const rpc = openRpc({
    url: made.anvil.rpcUrl,
    sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
    signal: new AbortController().signal,
  })
  const chain = openRpcChain(rpc)
  const subgraph = await loadSubgraph(dirname(traced.manifest))
  const store = openMemoryStore()
  await runWithForks(openSubgraphRunner({ subgraph, store, chain }), chain, trace.headBlock)

  const proofs = store.proofs().map(({ block, digest }) => [block, bytesText(digest).slice(2)])
  expect(Object.fromEntries(proofs)).toEqual(trace.proofDigests)
  expect(failureCounts(store)).toEqual(trace.errorCounts)
  const types = entityTypes(join(dirname(traced.manifest), 'schema.graphql'))
  for (const type of types) {
    const versions = versionsOf(store, subgraph.schema, type.name)
    expect({ [type.name]: typeTrace(type, versions) }).toEqual({
      [type.name]: trace.types[type.name],
    })
  }
}

/** Every tenth block the last ones are taken back, and run again. */
async function runWithForks(
  runner: SubgraphRunner,
  chain: RpcChain,
  headBlock: number,
): Promise<void> {
  const blocks: ChainBlock[] = []
  for (let number = 0; number <= headBlock; number += 1) {
    const block = await chain.readBlock(number)
    if (block === undefined) throw new TypeError(`expected block ${number}, found none`)
    blocks.push(block)
    await runner.runBlock(block)
    if (number % 10 !== 9) continue
    const depth = 1 + (Math.floor(number / 10) % 10)
    await runner.revertTo(number - depth)
    for (const again of blocks.slice(number - depth + 1)) await runner.runBlock(again)
  }
}

/** graph-node keeps one of several failures of a block that say the same. */
function failureCounts(store: MemoryStore): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  const seen = new Set<string>()
  for (const { block, handler, message } of store.failures()) {
    const failure = `${block} ${handler} ${message}`
    if (!seen.has(failure)) counts[block] = (counts[block] ?? 0) + 1
    seen.add(failure)
  }
  return counts
}

function versionsOf(
  store: MemoryStore,
  schema: EntitySchema,
  typeName: string,
): readonly EntityVersion[] {
  const buckets = schema.aggregations.find(({ bucketType }) => bucketType.name === typeName)
  const stored = schema.entities.get(typeName) ?? buckets?.bucketType
  const fields = [...(stored?.fields.values() ?? [])]
  return store
    .versions()
    .filter(({ entityType }) => entityType === typeName)
    .map(({ vid, from, until, entity }: StoredVersion) => ({
      vid,
      fromBlock: from,
      toBlock: until ?? null,
      fields: Object.fromEntries(
        fields.map((field) => [field.name, columnText(field, entity.get(field.name))]),
      ),
    }))
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
