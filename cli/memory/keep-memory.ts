import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { Config } from '../config.ts'
import type { Log } from '../log/log-entry.ts'
import type { Surroundings } from '../service/surroundings.ts'
import { openMemoryGate } from './memory-gate.ts'
import { memoryShares } from './memory-shares.ts'

/** Tells of tight memory at most so often. Unit: milliseconds. */
const TELL_EVERY_MS = 60_000

/** Surroundings whose users fetch only while this process is within its share. */
export function withMemoryShare(
  surroundings: Surroundings,
  { memory }: Pick<Config, 'memory'>,
  log: Log,
): Surroundings {
  if (memory === undefined) return surroundings
  const { nowMs, sleep } = surroundings
  const bytesMax = memoryShares(memory).serviceBytes
  let toldAtMs = Number.NEGATIVE_INFINITY
  const room = openMemoryGate({
    bytesMax,
    residentBytes: () => process.memoryUsage.rss(),
    relieve: memoryReliever(),
    nowMs,
    sleep,
    onTight: (bytes) => {
      if (nowMs() - toldAtMs < TELL_EVERY_MS) return
      toldAtMs = nowMs()
      const found = `expected at most ${Math.round(bytesMax / 1e6)} MB, found ${Math.round(bytes / 1e6)}`
      const hint = 'One request at a time goes on; give it more with FOGGARA_MEMORY_MB.'
      log(`memory: MEMORY_TIGHT ${found} MB in this process`, { hint })
    },
  })
  return { ...surroundings, room }
}

/**
 * Collects garbage and hands its pages back. An ordinary collection keeps them: of 390 MB with 4 in use
 * 395 stayed resident after it, and 63 after one of last resort.
 */
function memoryReliever(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') return () => undefined
  return () => {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
}
