import { setTimeout as delay } from 'node:timers/promises'

import { createApi } from '@foggara/api'
import { openClient } from '@foggara/database'
import { openReceiptIntake } from '@foggara/ingest'
import type { Deployment } from '@foggara/schema'

// A service that takes receipts until it is killed: the process that `receipt-crash.test.ts` starts and ends.

type Task = {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
  readonly port: number
  readonly nowMs: number
  readonly deployment: Deployment
}

const { port, nowMs, deployment, ...connection } = JSON.parse(process.argv[2] ?? '') as Task
// An orphan must not go on writing when the test that started it has gone.
process.stdin.once('end', () => process.exit(1)).resume()

const client = openClient(connection)
const receipts = await openReceiptIntake({
  client,
  deployment,
  nowMs: () => nowMs,
  sleep: (durationMs) => delay(durationMs),
  signal: new AbortController().signal,
})
const { app } = await createApi({ client, deployment, receipts, log: console.error })
await app.listen({ host: '127.0.0.1', port })
process.stdout.write('ready\n')
while (true) {
  await delay(200)
  await receipts.revisit().catch(() => undefined)
}
