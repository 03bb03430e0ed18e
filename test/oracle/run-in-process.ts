import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import {
  type MemoryStore,
  type Subgraph,
  type SubgraphRunner,
  loadSubgraph,
  openMemoryStore,
  openRpc,
  openRpcChain,
  openSubgraphRunner,
} from '@foggara/ingest'

import { type StoreValue, valueText } from '../../ingest/subgraphs/entity-cache/entity.ts'
import type { FileMonitor } from '../../ingest/subgraphs/files/file-monitor.ts'
import type { EntityType, EntityVersion } from './entity-versions.ts'

/** Our own runtime over a chain, in memory. */
export type InProcessRun = {
  readonly subgraph: Subgraph
  readonly store: MemoryStore
  readonly runner: SubgraphRunner
  readonly handlerCount: number
  /** Runs the blocks after the last one, up to and with `to`. */
  runTo(to: number): Promise<void>
  /** Forgets the blocks above `to`. */
  revertTo(to: number): Promise<void>
  versions(type: EntityType): readonly EntityVersion[]
  /** In hex, by block. */
  proofDigests(): Readonly<Record<string, string>>
}

/** Opens the compiled subgraph of a manifest; nothing runs yet. */
export async function runInProcess(
  manifest: string,
  rpcUrl: string,
  files?: FileMonitor,
): Promise<InProcessRun> {
  const subgraph = await loadSubgraph(dirname(manifest))
  const rpc = openRpc({
    url: rpcUrl,
    sleep: (durationMs) => delay(durationMs),
    signal: new AbortController().signal,
  })
  const chain = openRpcChain(rpc)
  const store = openMemoryStore()
  const runner = openSubgraphRunner({
    subgraph,
    store,
    chain,
    ...(files === undefined ? {} : { files }),
  })
  let last = 0
  let handlerCount = 0
  return {
    subgraph,
    store,
    runner,
    get handlerCount() {
      return handlerCount
    },
    async runTo(to) {
      for (let number = last + 1; number <= to; number += 1) {
        const block = await chain.readBlock(number)
        if (block === undefined) throw new Error(`expected block ${number}, found none`)
        handlerCount += (await runner.runBlock(block)).handlerCount
        last = number
      }
    },
    async revertTo(to) {
      await runner.revertTo(to)
      last = to
    },
    versions: (type) => versionsOf(store, type),
    proofDigests: () =>
      Object.fromEntries(
        store.proofs().map(({ block, digest }) => [block, Buffer.from(digest).toString('hex')]),
      ),
  }
}

function versionsOf(store: MemoryStore, type: EntityType): readonly EntityVersion[] {
  return store
    .versions()
    .filter(({ entityType, from, until }) => entityType === type.name && from !== until)
    .map(({ from, until, vid, entity }) => ({
      vid,
      fromBlock: from,
      toBlock: until ?? null,
      fields: Object.fromEntries(
        type.fields.map(({ name }) => [name, textOf(entity.get(name))] as const),
      ),
    }))
}

/** A value as Postgres says it. */
export function textOf(value: StoreValue | undefined): string | readonly string[] | null {
  if (value?.type === 'List') return value.value.map((item) => valueText(item) ?? '')
  return valueText(value) ?? null
}
