import { setTimeout as delay } from 'node:timers/promises'

import { openClient } from '@foggara/database'
import type { Deployment } from '@foggara/schema'

import { openReceiptIntake } from '../../intake.ts'
import { importFiles } from '../import-files.ts'

// An import that `crash.test.ts` starts and kills.

type Task = {
  readonly connection: Parameters<typeof openClient>[0]
  readonly deployment: Deployment
  readonly paths: readonly string[]
  readonly wallMs: number
}

const { connection, deployment, paths, wallMs } = JSON.parse(process.argv[2] ?? '') as Task
// An orphan must not go on writing when the test that started it has gone.
process.stdin.once('end', () => process.exit(1)).resume()

const client = openClient(connection)
const { signal } = new AbortController()
const sleep = (durationMs: number) => delay(durationMs)
const gate = await openReceiptIntake({ client, deployment, nowMs: () => wallMs, sleep, signal })
await importFiles(paths, {
  client,
  gate,
  surroundings: { nowMs: () => performance.now(), sleep, signal },
  stepMs: 20,
  onStep: ({ line }) => process.stdout.write(`${line}\n`),
  onFile: () => undefined,
  onTrouble: (error) => {
    throw error
  },
})
process.exit(0)
