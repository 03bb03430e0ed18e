import { readFileSync } from 'node:fs'

import type { MemoryReading } from './board.ts'

/** Reads how much memory this process and the embedded database's hold now. */
export function readMemory(
  databasePid: number | undefined,
  ceilingBytes: number | undefined,
): MemoryReading {
  const { rss, heapUsed } = process.memoryUsage()
  return {
    residentBytes: rss,
    heapBytes: heapUsed,
    databaseBytes: databasePid === undefined ? undefined : residentBytes(databasePid),
    ceilingBytes,
  }
}

/** The resident memory of a process; undefined where the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kib === undefined ? undefined : 1024 * Number(kib)
  } catch {
    return undefined
  }
}
