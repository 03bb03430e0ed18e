import { type HistogramReading, SECONDS_BOUNDS, createHistogram } from '@foggara/api/metrics'
import type { ReceiptIntake, ReceiptOutcome } from '@foggara/ingest'
import { FoggaraError } from '@foggara/schema'

/** What became of the receipts that came over HTTP since the start. */
export type ReceiptReading = {
  readonly outcomes: readonly OutcomeCount[]
  /** Receipts and batches that have no outcome yet. */
  readonly waiting: number
  /** Receipts and batches with an outcome a second, over the last minute. */
  readonly perSecond: number
  /** From taking one in to its answer, in seconds. */
  readonly acknowledgement: HistogramReading
}

/** How often one outcome came; `retry` where nothing was stored. */
export type OutcomeCount = {
  readonly kind: 'receipt' | 'batch'
  readonly status: ReceiptOutcome['status'] | 'retry'
  readonly code: string
  readonly count: number
}

const RATE_MS = 60_000

/** An intake of whose answers a board hears. */
export function watchedIntake(
  intake: ReceiptIntake,
  board: { setReceipts(read: () => ReceiptReading): void },
  nowMs: () => number,
): ReceiptIntake {
  const watched = watchReceipts(intake, nowMs)
  board.setReceipts(watched.reading)
  return watched.intake
}

function watchReceipts(
  intake: ReceiptIntake,
  nowMs: () => number,
): { readonly intake: ReceiptIntake; readonly reading: () => ReceiptReading } {
  const outcomes = new Map<string, OutcomeCount>()
  const acknowledgement = createHistogram(SECONDS_BOUNDS)
  const startedAtMs = nowMs()
  let recent: { readonly second: number; count: number }[] = []
  let waiting = 0
  const note = (kind: OutcomeCount['kind'], status: OutcomeCount['status'], code: string) => {
    const key = `${kind} ${status} ${code}`
    outcomes.set(key, { kind, status, code, count: (outcomes.get(key)?.count ?? 0) + 1 })
    const second = Math.floor(nowMs() / 1000)
    const last = recent.at(-1)
    if (last?.second === second) last.count += 1
    else recent = [...recent.slice(1 - RATE_MS / 1000), { second, count: 1 }]
  }
  const watched = async (
    kind: OutcomeCount['kind'],
    answer: () => Promise<ReceiptOutcome>,
  ): Promise<ReceiptOutcome> => {
    const startMs = performance.now()
    waiting += 1
    try {
      const outcome = await answer()
      note(kind, outcome.status, outcome.code)
      return outcome
    } catch (error) {
      note(kind, 'retry', error instanceof FoggaraError ? error.code : 'UNEXPECTED')
      throw error
    } finally {
      waiting -= 1
      acknowledgement.observe((performance.now() - startMs) / 1000)
    }
  }
  return {
    intake: {
      ...intake,
      accept: (text) => watched('receipt', () => intake.accept(text)),
      acceptBatch: (bytes) => watched('batch', () => intake.acceptBatch(bytes)),
    },
    reading: () => {
      const atMs = nowMs()
      const seconds = Math.max(1_000, Math.min(atMs - startedAtMs, RATE_MS)) / 1000
      const count = recent
        .filter(({ second }) => second * 1000 > atMs - RATE_MS)
        .reduce((sum, entry) => sum + entry.count, 0)
      return {
        outcomes: [...outcomes.values()],
        waiting,
        perSecond: Math.round((10 * count) / seconds) / 10,
        acknowledgement: acknowledgement.reading(),
      }
    },
  }
}
