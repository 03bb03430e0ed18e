import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { command, migrate, openClient, startScratchDatabase } from '@foggara/database'
import { deploymentId, loadSubgraph, openRpc, openSubgraphIngest } from '@foggara/ingest'
import { migrations } from '@foggara/schema'

import { startOracle } from '../test/oracle/oracle.ts'
import { oracleMissing } from '../test/oracle/packages.ts'
import { TRACED_CASES } from '../test/oracle/record-traces.ts'
import { type Measurement, median, publish } from './measurement.ts'

/**
 * How long does a subgraph take over a whole chain, here and in graph-node? `node bench/graph-node.ts`:
 * the protocol's subgraph over the development chain, into tables under the commit log here, into
 * Postgres there, in turns. Each starts with an empty database; the clock of the second quantity
 * starts when database and indexer stand.
 */
const ROUND_COUNT = 3
const BASELINE = 'graph-node 0.45'
const traced = TRACED_CASES.protocol

type Seconds = { readonly inAll: number; readonly afterStart: number }

async function withGraphNode(chain: Chain): Promise<Seconds> {
  const begin = performance.now()
  await using oracle = await startOracle({
    rpcUrl: chain.anvil.rpcUrl,
    network: traced.network,
    manifests: [traced.manifest],
    ids: [await deploymentId(dirname(traced.manifest))],
  })
  const started = performance.now()
  const [deployment] = oracle.deployments
  const at = await deployment?.untilBlock(chain.headBlock, { blockHash: chain.headHash })
  if (at?.health !== 'healthy') throw new Error('expected graph-node to come to the head')
  return secondsSince(begin, started)
}

async function withOurs(chain: Chain): Promise<Seconds> {
  const begin = performance.now()
  await using scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  await command(scratch.writer, 'create database chain engine = Atomic')
  const connection = { url, username, password, database: 'chain' }
  await migrate(connection, migrations('single'))
  const client = openClient(connection)
  const signal = new AbortController().signal
  const sleep = (durationMs: number) => delay(durationMs)
  const folder = dirname(traced.manifest)
  const ingest = await openSubgraphIngest({
    client,
    rpc: openRpc({ url: chain.anvil.rpcUrl, sleep, signal }),
    subgraphs: [
      {
        name: 'protocol',
        deployment: await deploymentId(folder),
        subgraph: await loadSubgraph(folder),
      },
    ],
    settings: { until: chain.headBlock },
    nowMs: () => Date.now(),
    sleep,
    signal,
  })
  const started = performance.now()
  await ingest.run()
  const seconds = secondsSince(begin, started)
  const [status] = ingest.statuses()
  if (status?.block !== chain.headBlock)
    throw new Error(`expected the head, found ${status?.block}`)
  await client.close()
  return seconds
}

function secondsSince(begin: number, started: number): Seconds {
  const end = performance.now()
  return { inAll: (end - begin) / 1_000, afterStart: (end - started) / 1_000 }
}

type Chain = Awaited<ReturnType<typeof traced.startChain>>

const missing = oracleMissing()
if (missing === undefined) await compare()
else console.log(`nothing to compare with: ${missing}`)

async function compare(): Promise<void> {
  const chain = await traced.startChain()
  await using _chainEnded = chain.anvil
  const times: Record<string, Seconds[]> = { [BASELINE]: [], 'our runtime': [] }
  for (let round = 0; round < ROUND_COUNT; round += 1) {
    times[BASELINE]?.push(await withGraphNode(chain))
    times['our runtime']?.push(await withOurs(chain))
  }
  const middle = (contender: string, quantity: keyof Seconds) =>
    median((times[contender] ?? []).map((seconds) => seconds[quantity]))
  const quantities = { inAll: 'from nothing to the head', afterStart: 'from a running indexer on' }
  const measurements = Object.keys(times).flatMap((contender) =>
    (['inAll', 'afterStart'] as const).map((quantity): Measurement => {
      const value = middle(contender, quantity)
      const ratio = { to: BASELINE, times: value / middle(BASELINE, quantity) }
      return {
        subject: `the protocol's subgraph over ${chain.headBlock} blocks`,
        contender,
        quantity: quantities[quantity],
        value,
        unit: 's',
        ratio,
      }
    }),
  )
  publish('How long does a subgraph take over a whole chain?', measurements)
}
