import type { ClickHouseClient } from '@foggara/database'

import type { Surroundings } from '../../surroundings.ts'
import { type FilePlace, ReceiptFileMalformedError } from './file-item.ts'
import { type FileState, type RefusedLine, findStart, writeStep } from './file-steps.ts'
import { type FileHead, headHash, openFileReader, readHead } from './open-file.ts'
import { OutcomeQueue, type SettledItem } from './outcome-queue.ts'
import type { ReceiptGate } from './receipt-gate.ts'

/** What files of receipts are imported with. */
export type ImportOptions = {
  /** A client of a user who may write: it keeps how far each file has been read. */
  readonly client: ClickHouseClient
  readonly gate: ReceiptGate
  readonly surroundings: Surroundings
  /** Whether a last line without its newline counts: not while somebody may be writing it. */
  readonly takesTail: boolean
  /** The least time between two steps; 1 000 by default. Unit: milliseconds. */
  readonly stepMs?: number
  /** Called after each step with what one file has come to. */
  readonly onStep: (report: FileReport) => void
}

/** What became of one file so far. */
export type FileReport = {
  readonly path: string
  readonly state: FileState
  readonly size: number
  /** How many of these bytes have been read. */
  readonly readBytes: number
  /** Lines, or rows, that had an outcome before this run. */
  readonly linesBefore: number
  readonly line: number
  /** Outcomes of this run by code. */
  readonly codes: ReadonlyMap<string, number>
  /** How many of them will never count. */
  readonly rejectedCount: number
  /** Why the file was not read to its end. */
  readonly problem?: ReceiptFileMalformedError
}

const STEP_MS = 1_000
const REFUSED_PER_STEP_MAX = 5_000

/**
 * Imports one file from where an earlier run stopped. Everything that it reports is on disk. A file
 * that breaks off is reported as malformed after all that could be read of it.
 *
 * Raises what keeps receipts from being stored at all; nothing is skipped by that.
 */
export async function importFile(path: string, options: ImportOptions): Promise<FileReport> {
  const head = await readHead(path)
  const start = await findStart(options.client, path, head)
  const file = new FileImport(path, head, start, options)
  if (start.isDone) return file.report('done')
  return file.run()
}

class FileImport {
  readonly #path: string
  readonly #head: FileHead
  readonly #options: ImportOptions
  readonly #queue: OutcomeQueue
  readonly #linesBefore: number
  #readBytes: () => number = () => 0
  #sequence: number
  #place: FilePlace
  #codes = new Map<string, number>()
  #stepCodes = new Map<string, number>()
  #refused: RefusedLine[] = []
  #rejectedCount = 0
  #steppedAtMs: number

  constructor(
    path: string,
    head: FileHead,
    start: FilePlace & { readonly sequence: number },
    options: ImportOptions,
  ) {
    this.#path = path
    this.#head = head
    this.#options = options
    this.#queue = new OutcomeQueue(options.gate, options.surroundings)
    this.#place = { position: start.position, line: start.line }
    this.#linesBefore = start.line
    this.#sequence = start.sequence
    this.#steppedAtMs = options.surroundings.nowMs()
  }

  async run(): Promise<FileReport> {
    const { takesTail, surroundings } = this.#options
    const reader = openFileReader(this.#path, this.#head, this.#place, takesTail)
    this.#readBytes = reader.readBytes
    let end: FilePlace | undefined
    let problem: ReceiptFileMalformedError | undefined
    try {
      while (end === undefined) {
        const next = await reader.items.next()
        if (next.done === true) end = next.value
        else for (const item of next.value) await this.#queue.submit(item)
        await this.#stepWhenDue()
        if (surroundings.signal.aborted) break
      }
      await this.#queue.drain()
    } catch (error) {
      if (!(error instanceof ReceiptFileMalformedError)) throw error
      problem = error
      await this.#queue.drain()
    } finally {
      await reader.items.return({ position: 0, line: 0 })
    }
    this.#note(this.#queue.takeSettled())
    if (end !== undefined) this.#place = end
    const state = problem === undefined ? (end === undefined ? 'reading' : 'done') : 'malformed'
    await this.#step(state)
    return problem === undefined ? this.report(state) : { ...this.report(state), problem }
  }

  report(state: FileState): FileReport {
    return {
      path: this.#path,
      state,
      size: this.#head.size,
      readBytes: state === 'reading' ? this.#readBytes() : this.#head.size,
      linesBefore: this.#linesBefore,
      line: this.#place.line,
      codes: this.#codes,
      rejectedCount: this.#rejectedCount,
    }
  }

  async #stepWhenDue(): Promise<void> {
    this.#note(this.#queue.takeSettled())
    const { surroundings, stepMs } = this.#options
    const isDue = surroundings.nowMs() - this.#steppedAtMs >= (stepMs ?? STEP_MS)
    if (isDue || this.#refused.length >= REFUSED_PER_STEP_MAX) await this.#step('reading')
  }

  #note(settled: readonly SettledItem[]): void {
    for (const { item, outcome } of settled) {
      const { code, status, message } = outcome
      this.#stepCodes.set(code, (this.#stepCodes.get(code) ?? 0) + 1)
      this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1)
      this.#place = { position: item.position, line: item.line }
      if (status === 'rejected') this.#rejectedCount += 1
      if (status === 'rejected' || status === 'quarantined') {
        this.#refused.push({ line: item.line, code, reason: message })
      }
    }
  }

  /** The outcomes are on disk already: from here on they are not asked for again. */
  async #step(state: FileState): Promise<void> {
    const headLength = this.#head.bytes.length
    await writeStep(this.#options.client, {
      path: this.#path,
      sequence: this.#sequence,
      head: headHash(this.#head, headLength),
      headLength,
      size: this.#head.size,
      state,
      ...this.#place,
      codes: this.#stepCodes,
      refused: this.#refused,
    })
    this.#sequence += 1
    this.#stepCodes = new Map()
    this.#refused = []
    this.#steppedAtMs = this.#options.surroundings.nowMs()
    this.#options.onStep(this.report(state))
  }
}
