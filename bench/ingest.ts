import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

import {
  type ClickHouseClient,
  command,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { openRpc, openSourceIndex } from '@foggara/ingest'
import type { EventSource } from '@foggara/schema'
import { type AbiEvent, parseAbiItem } from 'viem'

import { type ReplayChain, type ReplayTruth, serveReplayChain } from './ingest/replay-chain.ts'
import { type Measurement, publish } from './measurement.ts'

/**
 * How fast do events of a contract become rows? `node bench/ingest.ts [--blocks 20000]`: blocks of 50
 * ERC-20 transfers from a generated chain, over HTTP, checked, archived, committed, settled and decoded
 * in the embedded database; then the exact balance of every owner, compared with the generator's. A
 * chain of a tenth goes first, so that memory that grows with the chain would show.
 * `--rpc URL --truth FILE` takes another server and a JSON file of its {@link ReplayTruth} instead.
 */

const EVENT = parseAbiItem(
  'event Transfer(address indexed from, address indexed to, uint256 value)',
) as AbiEvent

/** What one run took. */
type Run = {
  readonly wallSeconds: number
  readonly readerSeconds: number
  readonly databaseSeconds: number
  readonly rebuildSeconds: number
  readonly readerPeakMib: number
  readonly databasePeakMib: number
}

async function measure({ url, truth }: ReplayChain): Promise<Run> {
  await using scratch = await startScratchDatabase({ memoryMib: 2_000 })
  const { pid, username, password, url: databaseUrl } = scratch.database
  await command(scratch.writer, 'create database chain engine = Atomic')
  const client = openClient({ url: databaseUrl, username, password, database: 'chain' })
  const before = { cpu: process.cpuUsage(), database: cpuSeconds(pid), ms: performance.now() }
  await indexAll(client, { url, truth }, EVENT)
  // What the comparison takes below is not the index's.
  const readerPeakMib = process.resourceUsage().maxRSS / 1024
  const databasePeakMib = peakMib(pid)
  const found = await balances(client, ['from', 'to', 'value'])
  const wallSeconds = (performance.now() - before.ms) / 1_000
  const { user, system } = process.cpuUsage(before.cpu)
  const databaseSeconds = cpuSeconds(pid) - before.database
  if (found !== truth.balancesSha256) throw new Error('the balances differ from the generator’s')
  const renamed = parseAbiItem(
    'event Transfer(address indexed sender, address indexed recipient, uint256 amount)',
  ) as AbiEvent
  const rebuildMs = performance.now()
  await indexAll(client, { url, truth }, renamed)
  const rebuildSeconds = (performance.now() - rebuildMs) / 1_000
  const again = await balances(client, ['sender', 'recipient', 'amount'])
  if (again !== found) throw new Error('the balances differ after the ABI changed')
  await client.close()
  return {
    wallSeconds,
    readerSeconds: (user + system) / 1e6,
    databaseSeconds,
    rebuildSeconds,
    readerPeakMib,
    databasePeakMib,
  }
}

async function indexAll(
  client: ClickHouseClient,
  { url, truth }: ReplayChain,
  event: AbiEvent,
): Promise<void> {
  const sources: EventSource[] = [{ name: 'token', events: [event], addresses: truth.tokens }]
  const { signal } = new AbortController()
  const surroundings = { nowMs: Date.now, sleep: (ms: number) => delay(ms), signal }
  const { chainId } = truth
  const chain = { client, urls: [url], chainId, startBlock: 0, sources }
  await openSourceIndex({ ...chain, ...surroundings }).catchUp()
}

/** sha256 of all balances in the generator's form. */
async function balances(
  client: ClickHouseClient,
  [from, to, amount]: readonly [string, string, string],
): Promise<string> {
  const found = await queryRows<{ line: string }>(
    client,
    `select concat('0x', lower(hex(address)), ',0x', lower(hex(owner)), ',', toString(sum(change))) as line
    from (
      select
        address,
        arrayJoin([(\`${from}\`, -toInt256(${amount})), (\`${to}\`, toInt256(${amount}))]) as move,
        move.1 as owner,
        move.2 as change
      from token_transfer
    )
    where owner != toFixedString('', 20)
    group by address, owner
    having sum(change) != 0
    order by line`,
  )
  const lines = found.map(({ line }) => line).join('\n')
  return createHash('sha256').update(lines).digest('hex')
}

/** The same requests with their answers thrown away: what the server and the wire allow. */
async function ceiling({ url, truth }: ReplayChain): Promise<number> {
  const { signal } = new AbortController()
  const rpc = openRpc({ url, sleep: async () => undefined, signal })
  const spans = Array.from({ length: Math.ceil(truth.headBlock / 99) }, (_, span) => 1 + 99 * span)
  const queue = spans.values()
  const beginMs = performance.now()
  const worker = async (): Promise<void> => {
    for (const first of queue) {
      const last = Math.min(truth.headBlock, first + 98)
      const range = { fromBlock: `0x${first.toString(16)}`, toBlock: `0x${last.toString(16)}` }
      await rpc.exchange([
        { method: 'eth_getLogs', params: [{ address: truth.tokens, ...range }] },
        ...Array.from({ length: last - first + 1 }, (_, place) => ({
          method: 'eth_getBlockByNumber',
          params: [`0x${(first + place).toString(16)}`, false],
        })),
      ])
    }
  }
  await Promise.all([worker(), worker(), worker()])
  return truth.transfers / ((performance.now() - beginMs) / 1_000)
}

function rows(truth: ReplayTruth, run: Run, most: number): Measurement[] {
  const subject = `${truth.transfers.toLocaleString('en')} transfers, ${truth.owners.toLocaleString('en')} balances`
  const millions = truth.transfers / 1e6
  const rate = truth.transfers / run.wallSeconds
  const row = (contender: string, quantity: string, value: number, unit: string): Measurement => ({
    subject,
    contender,
    quantity,
    value,
    unit,
  })
  const total = (run.readerSeconds + run.databaseSeconds) / millions
  return [
    row('the server alone', 'answers dropped', most, 'events/s'),
    {
      ...row('foggara', 'indexed', rate, 'events/s'),
      ratio: { to: 'the server alone', times: rate / most },
    },
    row('foggara', 'processor time', total, 's per million'),
    row('foggara', 'of it the reader', run.readerSeconds / millions, 's per million'),
    row('foggara', 'of it the database', run.databaseSeconds / millions, 's per million'),
    row('foggara', 'another ABI, from the archive', run.rebuildSeconds, 's'),
    row('foggara', 'peak memory of the reader', run.readerPeakMib, 'MiB'),
    row('foggara', 'peak memory of the database', run.databasePeakMib, 'MiB'),
  ]
}

/** Processor time of a process so far; 0 where the system does not tell. */
function cpuSeconds(pid: number): number {
  const fields = systemFile(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100
}

function peakMib(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/u.exec(systemFile(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
}

function systemFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Serves a generated chain from a process of its own. */
async function spawnReplay(blocks: number): Promise<{ chain: ReplayChain; process: ChildProcess }> {
  const child = spawn(process.execPath, [import.meta.filename, '--replay', String(blocks)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    return { chain: JSON.parse(line) as ReplayChain, process: child }
  }
  throw new Error('the server of the generated chain ended')
}

function option(name: string): string | undefined {
  const place = process.argv.indexOf(name)
  return place === -1 ? undefined : process.argv[place + 1]
}

async function measureAll(): Promise<readonly Measurement[]> {
  const [url, truth] = [option('--rpc'), option('--truth')]
  if (url !== undefined && truth !== undefined) {
    const chain = { url, truth: JSON.parse(readFileSync(truth, 'utf8')) as ReplayTruth }
    return rows(chain.truth, await measure(chain), await ceiling(chain))
  }
  const blocks = Number(option('--blocks') ?? 20_000)
  const measurements: Measurement[] = []
  for (const count of [Math.ceil(blocks / 10), blocks]) {
    const { chain, process: server } = await spawnReplay(count)
    try {
      measurements.push(...rows(chain.truth, await measure(chain), await ceiling(chain)))
    } finally {
      server.kill()
    }
  }
  return measurements
}

const replayBlocks = option('--replay')
if (replayBlocks === undefined) {
  publish('How fast do events of any contract become rows?', await measureAll())
} else {
  console.log(JSON.stringify(await serveReplayChain(Number(replayBlocks))))
}
