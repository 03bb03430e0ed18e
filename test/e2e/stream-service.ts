import { setTimeout as delay } from 'node:timers/promises'

import { openClient } from '@foggara/database'
import type { Deployment } from '@foggara/schema'

import { openReceiptIntake } from '../../ingest/receipts/intake.ts'
import { receiveStream } from '../../ingest/receipts/stream/receive-stream.ts'
import { parseStreamAddress } from '../../ingest/receipts/stream/stream-address.ts'

// A service that receives a stream until it is killed: the process that `receipt-stream.test.ts` starts and ends.

type Task = {
  readonly connection: Parameters<typeof openClient>[0]
  readonly deployment: Deployment
  readonly address: string
  readonly nowMs: number
}

const { connection, deployment, address, nowMs } = JSON.parse(process.argv[2] ?? '') as Task
// An orphan must not go on writing when the test that started it has gone.
process.stdin.once('end', () => process.exit(1)).resume()

const surroundings = {
  nowMs: () => nowMs,
  sleep: (durationMs: number) => delay(durationMs),
  signal: new AbortController().signal,
}
const client = openClient(connection)
const intake = await openReceiptIntake({ client, deployment, ...surroundings })
const visit = async (): Promise<void> => {
  while (true) {
    await delay(200)
    await intake.revisit().catch(() => undefined)
  }
}
void visit()
await receiveStream({
  address: parseStreamAddress(address),
  intake,
  log: (line) => process.stdout.write(`${line}\n`),
  ackWaitMs: 1_000,
  ...surroundings,
})
