import { setTimeout as delay } from 'node:timers/promises'

import { openClient } from '@foggara/database'
import { FoggaraError } from '@foggara/schema'

import { createKillingClient, gateAt, killSelf } from '../../../simulation/killing-client.ts'
import { bytesText } from '../../entity-cache/entity.ts'
import { loadSubgraph } from '../../manifest/load-subgraph.ts'
import { openSubgraphRunner } from '../../subgraph-runner.ts'
import { sampleChain } from '../../testing/sample-chain.ts'
import { openClickHouseStore } from '../clickhouse-store.ts'
import { forkedChain } from './forked-chain.ts'

// Runs a subgraph to the end of a moment of a chain, or kills itself in the middle of its n-th request
// to the database. The process that the crash test starts; it prints where it started and ended.

type Task = {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly folder: string
  readonly name: string
  readonly seed: number
  readonly momentCount: number
  /** Which moment of the chain it sees. */
  readonly moment: number
  readonly killAt: number
  readonly killWhen: 'before' | 'during' | 'after'
  /** Whether requests are counted from the start or from when the store is open. */
  readonly countFrom: 'start' | 'run'
}

/** The newest blocks, after each of which the store is flushed. */
const NEAR_HEAD = 10
const WAIT_MS = 50

const task = JSON.parse(process.argv[2] ?? '') as Task
let isCounting = task.countFrom === 'start'
const gate = gateAt(task.killAt, task.killWhen, () => isCounting)
const client = createKillingClient(openClient(task), gate, killSelf)
process.stdin.once('end', () => process.exit(1)).resume()

const subgraph = await loadSubgraph(task.folder)
const store = await again(() =>
  openClickHouseStore({
    client,
    name: task.name,
    deployment: 'QmCrash',
    schema: subgraph.schema,
    limits: { rowCountMax: 80, byteLengthMax: 1_000_000, blockCountMax: 8 },
    nowMs: () => Date.now(),
    sleep: (durationMs) => delay(durationMs),
    signal: new AbortController().signal,
  }),
)
isCounting = true
const runner = openSubgraphRunner({ subgraph, store, chain: sampleChain() })
const { blocks } = forkedChain(task.seed, task.momentCount)[task.moment] ?? { blocks: [] }
const started = store.lastBlock()?.number ?? 0
print({ type: 'opened', block: started })

const known = new Map(blocks.map(({ number, hash }) => [number, bytesText(hash)]))
const fork = store.recentBlocks().findLast(({ number, hash }) => known.get(number) === hash)
if (fork?.number !== store.lastBlock()?.number) {
  await again(() => runner.revertTo(fork?.number ?? 0))
}
for (const block of blocks.slice(fork?.number ?? 0)) {
  await again(async () => {
    if (store.lastBlock()?.number !== block.number) await runner.runBlock(block)
    if (block.number > blocks.length - NEAR_HEAD) await store.flush()
  })
}
await again(() => store.flush())
print({ type: 'done', block: store.lastBlock()?.number, from: fork?.number ?? 0 })
process.exit(0)

/** The database is killed as well, and comes back. */
async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof FoggaraError) || !error.retryable) throw error
      await delay(WAIT_MS)
    }
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
