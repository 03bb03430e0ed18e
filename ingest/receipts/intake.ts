import type { ClickHouseClient } from '@foggara/database'
import {
  type Deployment,
  type Hex,
  type Rate,
  type RateLimit,
  RetryableError,
  openRateLimit,
} from '@foggara/schema'

import type { Surroundings } from '../surroundings.ts'
import { Facts } from './facts.ts'
import {
  type JudgedGroup,
  type Submission,
  assetsOf,
  isKnownGood,
  judgeGroup,
} from './judge-group.ts'
import { Quarantine, type Waiter } from './quarantine.ts'
import { type ReceiptStore, openReceiptStore } from './receipt-store.ts'
import { Turns } from './turns.ts'
import { type VerifyPool, openVerifyPool } from './verify/verify-pool.ts'

/** What became of a submitted receipt, or of a batch as a whole. */
export type ReceiptOutcome = {
  /**
   * accepted: it is stored. late: so it is, and it counts in a later epoch than that of its usage.
   * duplicate: it was stored before. quarantined: it is kept until the fact that it lacks arrives.
   * rejected: it never counts.
   */
  readonly status: 'accepted' | 'late' | 'duplicate' | 'quarantined' | 'rejected'
  /** The receipt's or the batch's id; absent when the bytes are neither. */
  readonly digest: Hex | undefined
  /** `ACCEPTED`, `LATE`, `DUPLICATE` or the stable code of what is wrong. */
  readonly code: string
  readonly message: string
}

export type ReceiptIntakeOptions = Surroundings & {
  /** A client of the user who may write. */
  readonly client: ClickHouseClient
  readonly deployment: Deployment
  /** Threads that verify signatures; 1 by default. */
  readonly threadCount?: number
  /** How far the clocks of providers and chain may be apart; 300 by default. Unit: seconds. */
  readonly driftSeconds?: number
  /** How long after its end a receipt may arrive; 30 days by default. Unit: seconds. */
  readonly ageSecondsMax?: number
  /** How long after a key's withdrawal its receipts may arrive; a day by default. Unit: seconds. */
  readonly graceSeconds?: number
  /** How long a receipt may wait in quarantine; a day by default. Unit: seconds. */
  readonly quarantineSeconds?: number
  /**
   * How old keys, assets and closed epochs may be by which a receipt is found good; 1 000 by default.
   * Whatever they do not suffice for is judged by new ones. Unit: milliseconds.
   */
  readonly factsMsMax?: number
  /** How many receipts may come that one key of a provider signed; see docs/receipts.md. */
  readonly keyRate?: Rate
}

/** Takes receipts in over HTTP or from files. The only writer of the receipt stream. */
export type ReceiptIntake = {
  /**
   * Checks one receipt as JSON text and stores it. Resolves when the outcome is on disk; sending a
   * receipt again changes nothing.
   *
   * Raises what may pass, and then nothing is stored: `RECEIPTS_BUSY`, `KEY_RATE_LIMITED`,
   * `QUARANTINE_FULL`, `VERIFIER_LOST`, `BLOCK_NOT_INDEXED` and the codes of `databaseError`.
   */
  readonly accept: (text: string | Uint8Array) => Promise<ReceiptOutcome>
  /**
   * As {@link ReceiptIntake.accept} for a signed batch (docs/receipts.md): all of it or nothing. Batches are
   * judged in the order of the calls, so the next may be given before there is an outcome.
   */
  readonly acceptBatch: (bytes: Uint8Array) => Promise<ReceiptOutcome>
  /** Judges again what waits for a fact that has arrived meanwhile; call it now and then. */
  readonly revisit: () => Promise<void>
  /** Resolves when everything taken in so far has its outcome. */
  readonly settle: () => Promise<void>
}

/** What waits in memory; beyond it the sender has to come again later. */
const WAITING_MAX = 20_000
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** What one key may have waiting of that, verified. */
const KEY_BYTES_MAX = 24 * 1024 * 1024
const KEY_RATE: Rate = { perSecond: 50_000, burst: 200_000 }
/** Looks of one visit to the quarantine: each may release what the one before made judgeable. */
const LOOKS_MAX = 50
/** What one commit takes. */
const GROUP_MAX = 5_000
const GROUP_BYTES_MAX = 24 * 1024 * 1024
/**
 * When several wait, a group begins so long after the one before it began: a commit costs the database some
 * 50 ms of processor time, whatever it holds.
 */
const GROUP_MS_MIN = 200
const FACTS_MS_MAX = 1_000
/** Failed attempts are rare: their rows may stay until some have gathered. */
const COLLECT_RULES = { delayMs: 60_000, countMin: 16 }

/** Opens the intake: takes over the receipt stream from an earlier process. */
export async function openReceiptIntake(options: ReceiptIntakeOptions): Promise<ReceiptIntake> {
  const store = await openReceiptStore(options)
  const intake = new Intake(options, store)
  await intake.load()
  return {
    accept: (text) => intake.accept(typeof text === 'string' ? Buffer.from(text) : text),
    acceptBatch: (bytes) => intake.acceptBatch(bytes),
    revisit: () => intake.revisit(),
    settle: () => intake.settle(),
  }
}

type Waiting = PromiseWithResolvers<ReceiptOutcome> & {
  readonly submission: Submission
  readonly byteLength: number
}
type Unverified = PromiseWithResolvers<ReceiptOutcome> & { readonly bytes: Uint8Array }

class Intake {
  readonly #options: ReceiptIntakeOptions
  readonly #store: ReceiptStore
  readonly #pool: VerifyPool
  readonly #facts: Facts
  readonly #quarantine: Quarantine
  #unverified: Unverified[] = []
  readonly #verified = new Turns<Waiting>()
  readonly #keyRate: RateLimit
  #waitingCount = 0
  #waitingBytes = 0
  #visits: PromiseWithResolvers<void>[] = []
  #isVerifying = false
  #inOrder: Promise<void> = Promise.resolve()
  #groupAtMs = Number.NEGATIVE_INFINITY
  #working: Promise<void> | undefined

  constructor(options: ReceiptIntakeOptions, store: ReceiptStore) {
    this.#options = options
    this.#store = store
    this.#pool = openVerifyPool(options.deployment, options.threadCount ?? 1)
    this.#facts = new Facts(options.client)
    this.#quarantine = new Quarantine(options.client)
    this.#keyRate = openRateLimit(options.keyRate ?? KEY_RATE, () => performance.now())
  }

  load(): Promise<void> {
    return this.#quarantine.load()
  }

  accept(bytes: Uint8Array): Promise<ReceiptOutcome> {
    return this.#admit(bytes, (answer) => {
      this.#unverified.push({ ...answer, bytes })
      if (this.#isVerifying) return
      this.#isVerifying = true
      // What arrives in the same turn is verified together.
      setImmediate(() => this.#verifyTexts())
    })
  }

  acceptBatch(bytes: Uint8Array): Promise<ReceiptOutcome> {
    return this.#admit(bytes, (answer) => {
      const verified = this.#verifyBatch(bytes)
      // In the order in which they came, whichever thread is done first: a batch waits for the one before.
      this.#inOrder = this.#inOrder
        .then(() => verified)
        .then(
          (submission) => this.#enqueue([{ ...answer, submission, byteLength: bytes.length }]),
          answer.reject,
        )
    })
  }

  /** Between two groups: the stream has one writer, and under load there is no pause to wait for. */
  revisit(): Promise<void> {
    const visit = Promise.withResolvers<void>()
    this.#visits.push(visit)
    this.#working ??= this.#work()
    return visit.promise
  }

  async settle(): Promise<void> {
    while (this.#waitingCount > 0 || this.#working !== undefined) {
      await (this.#working ?? new Promise((resolve) => setImmediate(resolve)))
    }
  }

  /** Counts what waits, until it has its outcome, so that memory stays bounded. */
  async #admit(
    bytes: Uint8Array,
    begin: (answer: PromiseWithResolvers<ReceiptOutcome>) => void,
  ): Promise<ReceiptOutcome> {
    const isBusy =
      this.#waitingCount >= WAITING_MAX || this.#waitingBytes + bytes.length > WAITING_BYTES_MAX
    if (isBusy) throw new ReceiptsBusyError(`${WAITING_MAX} receipts to wait`)
    this.#waitingCount += 1
    this.#waitingBytes += bytes.length
    const answer = Promise.withResolvers<ReceiptOutcome>()
    begin(answer)
    try {
      return await answer.promise
    } finally {
      this.#waitingCount -= 1
      this.#waitingBytes -= bytes.length
    }
  }

  #verifyTexts(): void {
    this.#isVerifying = false
    const group = this.#unverified
    this.#unverified = []
    this.#pool.verifyTexts(group.map(({ bytes }) => bytes)).then(
      (items) =>
        this.#enqueue(
          group.flatMap((waiting, index) => {
            const item = items[index]
            if (item === undefined) return []
            const { bytes } = waiting
            const submission = { kind: 'receipt', item, bytes, release: undefined } as const
            return [{ ...waiting, submission, byteLength: bytes.length }]
          }),
        ),
      (error: unknown) => {
        for (const { reject } of group) reject(error)
      },
    )
  }

  async #verifyBatch(bytes: Uint8Array, release?: Waiter): Promise<Submission> {
    const receivedAtSeconds = Math.floor(this.#options.nowMs() / 1000)
    const lateUpToSeconds = this.#facts.closedUpToSeconds
    const stamp = { receivedAtSeconds, lateUpToSeconds }
    const item = await this.#pool.verifyBatch(bytes, stamp)
    return { kind: 'batch', item, bytes, release }
  }

  #enqueue(items: readonly Waiting[]): void {
    for (const waiting of items) {
      const key = this.#keyOf(waiting.submission)
      try {
        if (key !== NO_KEY) this.#checkShare(key, waiting.submission)
        this.#verified.push(key, waiting)
      } catch (error) {
        waiting.reject(error)
      }
    }
    this.#working ??= this.#work()
  }

  /** Who sends: a key that the provider did set, so that nobody can send in another's name. */
  #keyOf({ item }: Submission): string {
    if (item.type === 'refused' || item.signer === undefined) return NO_KEY
    const { provider } = item.type === 'batch' ? item.header : item.receipt
    return this.#facts.knowsKey(provider, item.signer) ? `${provider} ${item.signer}` : NO_KEY
  }

  #checkShare(key: string, { item, bytes }: Submission): void {
    if (this.#verified.byteLengthOf(key) + bytes.length > KEY_BYTES_MAX) {
      throw new ReceiptsBusyError(`${KEY_BYTES_MAX} bytes of one key to wait`)
    }
    const waitSeconds = this.#keyRate.take(key, item.type === 'batch' ? item.header.count : 1)
    if (waitSeconds > 0) throw new KeyRateLimitedError(waitSeconds)
  }

  /** One group after the other: what waits meanwhile shares the next group's reads and commit. */
  async #work(): Promise<void> {
    while (this.#verified.length > 0 || this.#visits.length > 0) {
      const visits = this.#visits.splice(0)
      if (visits.length > 0) {
        const ended = await this.#revisit().catch((error: unknown) => ({ error }))
        for (const { resolve, reject } of visits) {
          if (ended === undefined) resolve()
          else reject(ended.error)
        }
        continue
      }
      await this.#gather()
      const group = this.#verified.take(GROUP_MAX, GROUP_BYTES_MAX)
      try {
        const judged = await this.#storeGroup(group.map(({ submission }) => submission))
        // What depends on others of its group goes first in the next.
        for (const waiting of group.filter((_, index) => judged[index] === 'later').toReversed()) {
          this.#verified.putBack(this.#keyOf(waiting.submission), waiting)
        }
        for (const [index, { resolve, reject }] of group.entries()) {
          const outcome = judged[index]
          if (outcome instanceof RetryableError) reject(outcome)
          else if (outcome !== 'later' && outcome !== undefined) resolve(outcome)
        }
        await this.#store.collectGarbage(COLLECT_RULES)
      } catch (error) {
        // After a failed collection everybody has an answer already: rejecting changes nothing.
        for (const { reject } of group) reject(error)
      }
    }
    this.#working = undefined
  }

  /** Waits for others to come, but for one that is alone. */
  async #gather(): Promise<void> {
    const pauseMs = this.#groupAtMs + GROUP_MS_MIN - performance.now()
    if (pauseMs > 0 && this.#waitingCount > 1 && this.#verified.length < GROUP_MAX) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    this.#groupAtMs = performance.now()
  }

  async #storeGroup(submissions: readonly Submission[]): Promise<JudgedGroup['outcomes']> {
    try {
      await this.#facts.refresh(this.#options.factsMsMax ?? FACTS_MS_MAX)
      await this.#facts.learnAssets(submissions.flatMap(({ item }) => assetsOf(item)))
      const areKnown = submissions.every(({ item }) => isKnownGood(item, this.#facts))
      if (!areKnown) await this.#facts.refresh()
      const judged = await judgeGroup(submissions, this.#facts, this.#quarantine, this.#rules())
      await this.#store.commit(judged.commit)
      judged.apply()
      return judged.outcomes
    } catch (error) {
      // What the facts took for stored is not.
      this.#facts.forget()
      throw error
    }
  }

  async #revisit(): Promise<void> {
    await this.#facts.refresh()
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const { expireBeforeSeconds } = this.#rules()
      const due = await this.#quarantine.due(this.#facts, expireBeforeSeconds)
      if (due.length === 0) return
      const bodies = await this.#quarantine.bodies(due)
      const submissions: Submission[] = []
      for (const [index, release] of due.entries()) {
        const bytes = bodies[index] ?? new Uint8Array(0)
        if (release.kind === 'batch') submissions.push(await this.#verifyBatch(bytes, release))
        else {
          const [item] = await this.#pool.verifyTexts([bytes])
          if (item !== undefined) submissions.push({ kind: 'receipt', item, bytes, release })
        }
      }
      // One after the other: the second of two batches in a row is judged after the first.
      for (const submission of submissions) await this.#storeGroup([submission])
    }
  }

  #rules() {
    const { nowMs, driftSeconds, ageSecondsMax, graceSeconds, quarantineSeconds } = this.#options
    const wallSeconds = Math.floor(nowMs() / 1000)
    return {
      wallSeconds,
      // A devnet's chain may run ahead of the wall.
      nowSeconds: Math.max(wallSeconds, this.#facts.chainSeconds),
      driftSeconds: driftSeconds ?? 300,
      ageSecondsMax: ageSecondsMax ?? 30 * DAY_SECONDS,
      graceSeconds: graceSeconds ?? DAY_SECONDS,
      expireBeforeSeconds: wallSeconds - (quarantineSeconds ?? DAY_SECONDS),
    }
  }
}

const DAY_SECONDS = 86_400

/** Of whom it is not known who sends: all of them share one turn. */
const NO_KEY = ''

/** Too many receipts wait already; nothing of this one was stored. */
export class ReceiptsBusyError extends RetryableError {
  constructor(most: string) {
    super('RECEIPTS_BUSY', `expected at most ${most}, found more`, {
      hint: 'Send the receipt again in a moment.',
    })
  }
}

/** One key signed more than it may in so short a time; nothing of this was stored. */
export class KeyRateLimitedError extends RetryableError {
  /** After so many seconds there is room for it. */
  readonly waitSeconds: number
  constructor(waitSeconds: number) {
    const found = `more; come again in ${waitSeconds} s`
    super('KEY_RATE_LIMITED', `expected fewer receipts of one signing key, found ${found}`)
    this.waitSeconds = waitSeconds
  }
}
