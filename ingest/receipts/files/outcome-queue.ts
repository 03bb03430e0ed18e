import { RetryableError } from '@foggara/schema'

import type { Surroundings } from '../../surroundings.ts'
import type { ReceiptOutcome } from '../intake.ts'
import type { FileItem } from './file-item.ts'
import type { ReceiptGate } from './receipt-gate.ts'

/** Receipts that wait for their outcome at a time; more than a commit takes bring nothing. */
const OPEN_MAX = 8_000
const OPEN_BYTES_MAX = 16 * 1024 * 1024
const WAIT_MS_MIN = 50
const WAIT_MS_MAX = 2_000
/** Some minute and a half: longer waits are better spent by calling again. */
const ATTEMPTS_MAX = 50

/** An item with what became of it. */
export type SettledItem = { readonly item: FileItem; readonly outcome: ReceiptOutcome }

type OpenItem = { readonly item: FileItem; outcome: ReceiptOutcome | undefined }

/** Submits items, as many at a time as is good, and gives their outcomes back in the items' order. */
export class OutcomeQueue {
  readonly #gate: ReceiptGate
  readonly #surroundings: Surroundings
  #open: OpenItem[] = []
  #running = new Set<Promise<void>>()
  #runningBytes = 0
  #room: PromiseWithResolvers<void> | undefined
  #failure: { readonly cause: unknown } | undefined

  constructor(gate: ReceiptGate, surroundings: Surroundings) {
    this.#gate = gate
    this.#surroundings = surroundings
  }

  /** Resolves when the item is on its way; raises what kept an earlier one from being answered. */
  async submit(item: FileItem): Promise<void> {
    // The batches of a signer follow each other: one that comes too early would only wait.
    if (item.kind === 'batch') await this.drain()
    while (this.#running.size >= OPEN_MAX || this.#runningBytes > OPEN_BYTES_MAX) {
      this.#room ??= Promise.withResolvers()
      await this.#room.promise
      this.#check()
    }
    const open: OpenItem = { item, outcome: undefined }
    this.#open.push(open)
    this.#runningBytes += item.bytes.length
    const run = this.#answer(open).finally(() => {
      this.#running.delete(run)
      this.#runningBytes -= item.bytes.length
      this.#room?.resolve()
      this.#room = undefined
    })
    this.#running.add(run)
    if (item.kind === 'batch') await this.drain()
    this.#check()
  }

  /** Resolves when everything submitted has its outcome. */
  async drain(): Promise<void> {
    await Promise.all(this.#running)
    this.#check()
  }

  /** Takes away the outcomes up to the first that is open. */
  takeSettled(): readonly SettledItem[] {
    const settled: SettledItem[] = []
    for (const { item, outcome } of this.#open) {
      if (outcome === undefined) break
      settled.push({ item, outcome })
    }
    this.#open = this.#open.slice(settled.length)
    return settled
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.cause
  }

  async #answer(open: OpenItem): Promise<void> {
    try {
      open.outcome = await this.#untilAnswered(open.item)
    } catch (cause) {
      this.#failure ??= { cause }
    }
  }

  async #untilAnswered({ kind, bytes }: FileItem): Promise<ReceiptOutcome> {
    const { sleep, signal } = this.#surroundings
    let waitMs = WAIT_MS_MIN
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (kind === 'batch' ? this.#gate.acceptBatch(bytes) : this.#gate.accept(bytes))
      } catch (error) {
        const isOver = attempt >= ATTEMPTS_MAX || signal.aborted || this.#failure !== undefined
        if (isOver || !(error instanceof RetryableError)) throw error
        if (error.code === 'QUARANTINE_FULL') await this.#gate.revisit()
      }
      await sleep(waitMs)
      waitMs = Math.min(2 * waitMs, WAIT_MS_MAX)
    }
  }
}
