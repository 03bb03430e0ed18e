import { setTimeout as delay } from 'node:timers/promises'

import { openClient } from '@foggara/database'
import type { Deployment } from '@foggara/schema'

import { createIngest } from '../ingest.ts'
import { createKillingClient, gateAt, killSelf } from '../simulation/killing-client.ts'

// Indexes until it is killed, or kills itself in the middle of its n-th request to the database. The
// process that the crash test starts and ends; it writes a line per event.

type Task = {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
  readonly rpcUrl: string
  readonly deployment: Deployment
  /** The request during which it ends, counted from 1; 0: never. */
  readonly killAt: number
  /** Whether requests are counted from the start or from when the head is first in sight. */
  readonly countFrom: 'start' | 'head'
  readonly killWhen: 'before' | 'during' | 'after'
  /** Final blocks that are settled together. */
  readonly settleBlocks: number
}

const task = JSON.parse(process.argv[2] ?? '') as Task
let isCounting = task.countFrom === 'start'
const gate = gateAt(task.killAt, task.killWhen, () => isCounting)
const client = createKillingClient(openClient(task), gate, killSelf)
// An orphan must not go on writing when the test that started it has gone.
process.stdin.once('end', () => process.exit(1)).resume()

const { rpcUrl, deployment } = task
await createIngest({
  client,
  deployment,
  rpcUrl,
  nowMs: () => Date.now(),
  sleep: (durationMs) => delay(durationMs),
  signal: new AbortController().signal,
  log: (line) => void process.stdout.write(`${line}\n`),
  onEvent: (event) => {
    process.stdout.write(`${JSON.stringify(event)}\n`)
    if (event.type === 'looked' && event.indexedBlock === event.chainHead.block) isCounting = true
  },
  settings: {
    pollMs: 20,
    commitBlocks: 40,
    settleBlocks: task.settleBlocks,
    settleEveryMs: 0,
    pinnedMs: 0,
    collectCountMin: 4,
    hotRowsKept: 100,
  },
}).run()
