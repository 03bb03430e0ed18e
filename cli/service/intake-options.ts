import { availableParallelism } from 'node:os'

import type { Rate } from '@foggara/schema'

import type { Config } from '../config.ts'

const THREADS_MAX = 8

/** Threads for signatures: one core is left to everything else, except where there is only one. */
export function verifyThreadCount(): number {
  return Math.min(THREADS_MAX, Math.max(1, availableParallelism() - 1))
}

/** What a service that takes receipts gives them: threads, and so many a second of one key. */
export function intakeOptions({ receiptRate: perSecond }: Config): {
  readonly threadCount: number
  readonly keyRate: Rate
} {
  return { threadCount: verifyThreadCount(), keyRate: { perSecond, burst: 4 * perSecond } }
}
