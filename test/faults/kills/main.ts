import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import { openClient } from '@foggara/database'

import {
  type KillMoment,
  createKillingClient,
  createSerialClient,
  killSelf,
} from '../../../ingest/simulation/killing-client.ts'
import { runKilled } from './killed-run.ts'

// The process of a run that ends itself with SIGKILL at one step. It prints the phases that it begins
// and the step at which it ends.

/** What the process is told, as JSON. */
export type KilledTask = {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
  readonly seed: number
  readonly phase: number
  /** The step, counted from 1. */
  readonly at: number
  readonly moment: KillMoment
  /** A database that is killed just before; 0: none. */
  readonly databasePid: number
}

const task = JSON.parse(process.argv[2] ?? '') as KilledTask
// An orphan must not go on writing when whoever started it has gone.
process.stdin.once('end', () => process.exit(1)).resume()
let step = ''
let count = 0
const note = (what: string): KillMoment | undefined => {
  step = what
  count += 1
  return count === task.at ? task.moment : undefined
}
const end = (): void => {
  writeSync(1, `step ${step}\n`)
  if (task.databasePid !== 0) process.kill(task.databasePid, 'SIGKILL')
  killSelf()
}
const client = createSerialClient(createKillingClient(openClient(task), note, end))
await runKilled({
  ...task,
  client,
  onPhase: (phase) => writeSync(1, `phase ${phase}\n`),
  onRequest: () => {
    if (note('ask the node') !== undefined) end()
  },
  pause: () => delay(20),
})
writeSync(1, 'done\n')
process.exit(0)
