import { createHash } from 'node:crypto'

import { type Hex, RetryableError } from '@foggara/schema'

import type { Facts, NonceRange } from './facts.ts'
import type { ReceiptOutcome } from './intake.ts'
import { type Judgement, type TimeRules, judgeBatch, judgeReceipt } from './judge-submission.ts'
import type { Refused } from './parse-receipt.ts'
import type { Quarantine, Waiter } from './quarantine.ts'
import type { ReceiptCommit } from './receipt-store.ts'
import {
  type SignedConflict,
  quarantinedRow,
  rejectedRow,
  releaseRow,
  signedBatchRow,
  signedConflictRow,
  submittedRow,
} from './rows.ts'
import { type VerifiedBatch, blockWithout } from './verify/verify-batch.ts'
import type { VerifiedReceipt } from './verify/verify-text.ts'

/** Something that arrived and is verified as far as it can be without the database. */
export type Submission = { readonly bytes: Uint8Array; readonly release: Waiter | undefined } & (
  | { readonly kind: 'receipt'; readonly item: VerifiedReceipt | Refused }
  | { readonly kind: 'batch'; readonly item: VerifiedBatch | Refused }
)

/** What becomes of a group that is stored by one commit. */
export type JudgedGroup = {
  /** One per submission; `later`: it depends on another of the group, so on what that leaves behind. */
  readonly outcomes: readonly (ReceiptOutcome | RetryableError | 'later')[]
  readonly commit: ReceiptCommit
  /** To be called once the commit is done. */
  readonly apply: () => void
}

export type GroupRules = TimeRules & {
  readonly wallSeconds: number
  readonly expireBeforeSeconds: number
}

/** Judges what arrived together. The facts then count valid ones as stored. */
export async function judgeGroup(
  submissions: readonly Submission[],
  facts: Facts,
  quarantine: Quarantine,
  rules: GroupRules,
): Promise<JudgedGroup> {
  const stored = await lookUp(submissions, facts)
  const group = new Group(facts, quarantine, rules, stored)
  const outcomes = submissions.map((submission) => group.take(submission))
  return { outcomes, commit: group.commit(), apply: () => group.apply() }
}

/** The assets that something names. */
export function assetsOf(item: Submission['item']): readonly Hex[] {
  if (item.type === 'refused') return []
  return item.type === 'batch' ? item.assets.map(({ id }) => id) : item.receipt.assets
}

/** Whether facts that are there show a good key and known assets; what was stored is another matter. */
export function isKnownGood(item: Submission['item'], facts: Facts): boolean {
  if (item.type === 'refused') return true
  const { signer } = item
  if (signer === undefined) return true
  const isActive = (provider: Hex, seconds: bigint): boolean => {
    return facts.keyAt(provider, signer, seconds).type === 'active'
  }
  const isSigner =
    item.type === 'batch'
      ? item.finishedSeconds.every((seconds) => isActive(item.header.provider, seconds))
      : isActive(item.receipt.provider, item.receipt.finishedAtSeconds)
  return isSigner && assetsOf(item).every((id) => facts.assetSince(id) !== undefined)
}

type Stored = {
  /** Digests by `provider nonce`. */
  readonly receipts: ReadonlyMap<string, Hex>
  /** Digests by `provider signer sequence`. */
  readonly batches: Map<string, Hex>
}

/** Only what may be there already is looked up: numbers above the highest stored are new. */
async function lookUp(submissions: readonly Submission[], facts: Facts): Promise<Stored> {
  await facts.learnAssets(submissions.flatMap(({ item }) => assetsOf(item)))
  const ranges: NonceRange[] = []
  const nonces = new Map<Hex, bigint[]>()
  const batches = new Map<string, Hex>()
  for (const { kind, item } of submissions) {
    if (item.type === 'refused') continue
    if (kind === 'receipt') {
      const { provider, nonce } = item.receipt
      if (nonce > facts.ceilingOf(provider)) continue
      const others = nonces.get(provider)
      if (others === undefined) nonces.set(provider, [nonce])
      else others.push(nonce)
      continue
    }
    const { provider, sequence } = item.header
    const [from, to] = item.nonceRange
    if (from <= facts.ceilingOf(provider)) ranges.push({ provider, from, to })
    const { signer } = item
    if (signer === undefined) continue
    if (sequence > (facts.headOf(provider, signer)?.sequence ?? 0n)) continue
    const digest = await facts.batchAt(provider, signer, sequence)
    if (digest !== undefined) batches.set(`${provider} ${signer} ${sequence}`, digest)
  }
  for (const [provider, some] of nonces) ranges.push(...rangesOf(provider, some))
  return { receipts: await facts.storedIn(ranges), batches }
}

/** Nonces that are read as one range with those between: they mostly come almost in order. */
const NONCE_GAP_MAX = 64n

function rangesOf(provider: Hex, nonces: readonly bigint[]): readonly NonceRange[] {
  const ranges: NonceRange[] = []
  for (const nonce of BigUint64Array.from(nonces).toSorted()) {
    const last = ranges.at(-1)
    if (last === undefined || nonce - last.to > NONCE_GAP_MAX) {
      ranges.push({ provider, from: nonce, to: nonce })
    } else ranges[ranges.length - 1] = { ...last, to: nonce }
  }
  return ranges
}

class Group {
  readonly #facts: Facts
  readonly #quarantine: Quarantine
  readonly #rules: GroupRules
  readonly #stored: Stored
  /** Receipts of this group that came alone, by `provider nonce`. */
  readonly #taken = new Map<string, Hex>()
  /** Providers of whom this group stores something; and those of whom it stores a batch. */
  readonly #providers = new Set<Hex>()
  readonly #batchProviders = new Set<Hex>()
  readonly #rows = {
    submitted_receipt: [] as ReturnType<typeof submittedRow>[],
    signed_batch: [] as ReturnType<typeof signedBatchRow>[],
    rejected_receipt: [] as ReturnType<typeof rejectedRow>[],
    quarantined_receipt: [] as ReturnType<typeof quarantinedRow>[],
    quarantine_release: [] as ReturnType<typeof releaseRow>[],
    signed_conflict: [] as ReturnType<typeof signedConflictRow>[],
  }
  readonly #blocks: VerifiedBatch['block'][] = []
  readonly #waiters: Waiter[] = []
  readonly #released: Hex[] = []

  constructor(facts: Facts, quarantine: Quarantine, rules: GroupRules, stored: Stored) {
    this.#facts = facts
    this.#quarantine = quarantine
    this.#rules = rules
    this.#stored = stored
  }

  take(submission: Submission): ReceiptOutcome | RetryableError | 'later' {
    const { item } = submission
    if (item.type === 'refused') {
      const { code, message } = item
      return this.#conclude(submission, { type: 'rejected', code, message }, undefined)
    }
    return submission.kind === 'receipt'
      ? this.#takeReceipt(submission, submission.item as VerifiedReceipt)
      : this.#takeBatch(submission, submission.item as VerifiedBatch)
  }

  commit(): ReceiptCommit {
    return { rowsByTable: new Map(Object.entries(this.#rows)), blocks: this.#blocks }
  }

  apply(): void {
    for (const waiter of this.#waiters) this.#quarantine.add(waiter)
    for (const id of this.#released) this.#quarantine.remove(id)
  }

  #takeReceipt(submission: Submission, item: VerifiedReceipt) {
    const { receipt, digest } = item
    const { provider, nonce } = receipt
    const key = `${provider} ${nonce}`
    const before = this.#stored.receipts.get(key) ?? this.#taken.get(key)
    if (before === digest) {
      const message = `receipt ${digest} is stored already`
      return this.#conclude(submission, { type: 'duplicate', message }, digest)
    }
    if (before !== undefined) {
      const message = `expected an unused nonce, found ${nonce} of ${before}`
      const judgement = judgeReceipt(item, this.#facts, this.#rules)
      if (judgement.type === 'valid') {
        const { signer } = judgement
        const conflict = { provider, signer, digest, storedDigest: before, nonce }
        this.#witness(submission, { code: 'NONCE_REUSED', ...conflict })
      }
      return this.#conclude(submission, { type: 'rejected', code: 'NONCE_REUSED', message }, digest)
    }
    if (this.#batchProviders.has(provider) && nonce <= this.#facts.ceilingOf(provider)) {
      return 'later'
    }
    const judgement = judgeReceipt(item, this.#facts, this.#rules)
    if (judgement.type !== 'valid') return this.#conclude(submission, judgement, digest)
    const isLate = receipt.finishedAtSeconds <= BigInt(this.#facts.closedUpToSeconds)
    const { wallSeconds } = this.#rules
    this.#rows.submitted_receipt.push(submittedRow(item, judgement.signer, wallSeconds, isLate))
    this.#taken.set(key, digest)
    this.#providers.add(provider)
    this.#facts.raiseCeiling(provider, nonce)
    return this.#conclude(submission, judgement, digest, isLate)
  }

  #takeBatch(submission: Submission, item: VerifiedBatch) {
    const { header, digest, signer } = item
    const { provider, sequence } = header
    const [lowest, highest] = item.nonceRange
    if (this.#providers.has(provider) && lowest <= this.#facts.ceilingOf(provider)) return 'later'
    const key = `${provider} ${signer ?? ''} ${sequence}`
    const stored = this.#stored.batches.get(key)
    const judgement = judgeBatch(item, this.#facts, this.#rules, stored)
    if (judgement.type === 'rejected' && signer !== undefined && isOrderCode(judgement.code)) {
      const head = this.#facts.headOf(provider, signer)?.digest
      const storedDigest = judgement.code === 'SEQUENCE_REUSED' ? stored : head
      const conflict = { provider, signer, digest, storedDigest, sequence }
      this.#witness(submission, { code: judgement.code, ...conflict })
    }
    if (judgement.type !== 'valid') return this.#conclude(submission, judgement, digest)
    const overlap = this.#overlap(item)
    if (overlap.reused !== undefined) {
      const message = `expected unused nonces, found ${overlap.reused.nonce}`
      const conflict = { provider, signer: judgement.signer, ...overlap.reused }
      this.#witness(submission, { code: 'NONCE_REUSED', ...conflict })
      return this.#conclude(submission, { type: 'rejected', code: 'NONCE_REUSED', message }, digest)
    }
    const { wallSeconds } = this.#rules
    this.#rows.signed_batch.push(signedBatchRow(item, judgement.signer, wallSeconds))
    const block = blockWithout(submission.bytes, item, overlap.same)
    if (block.rowCount > 0) this.#blocks.push(block)
    this.#stored.batches.set(key, digest)
    this.#providers.add(provider)
    this.#batchProviders.add(provider)
    this.#facts.raiseCeiling(provider, highest)
    this.#facts.moveHead(provider, judgement.signer, { sequence, digest })
    return this.#conclude(submission, judgement, digest, block.lateCount > 0)
  }

  /** Keeps both sides of what a valid key signed twice: the refused one's bytes, the other's digest. */
  #witness({ kind, bytes }: Submission, conflict: SignedConflict): void {
    const row = signedConflictRow(conflict, kind, bytes, this.#rules.wallSeconds)
    this.#rows.signed_conflict.push(row)
  }

  /** Receipts of a batch that are stored already, and the first nonce that another one has. */
  #overlap({ header, nonces, digests }: VerifiedBatch) {
    const same = new Set<number>()
    let reused: (Pick<SignedConflict, 'digest' | 'storedDigest'> & { nonce: bigint }) | undefined
    if (this.#stored.receipts.size === 0) return { same, reused }
    for (const [index, nonce] of nonces.entries()) {
      const before = this.#stored.receipts.get(`${header.provider} ${nonce}`)
      if (before === undefined) continue
      const bytes = Buffer.from(digests.subarray(32 * index, 32 * index + 32))
      const digest: Hex = `0x${bytes.toString('hex')}`
      if (before === digest) same.add(index)
      else reused ??= { nonce, digest, storedDigest: before }
    }
    return { same, reused }
  }

  /** Writes down what is not valid, and how a wait ended. */
  #conclude(
    { kind, bytes, item, release }: Submission,
    judgement: Judgement,
    digest: Hex | undefined,
    isLate = false,
  ): ReceiptOutcome | RetryableError {
    const { wallSeconds, expireBeforeSeconds } = this.#rules
    const outcome = outcomeOf(kind, judgement, digest, isLate)
    const isOver = release !== undefined && release.receivedAtSeconds < expireBeforeSeconds
    if (judgement.type === 'quarantined' && !isOver && item.type !== 'refused') {
      const id: Hex = `0x${createHash('sha256').update(bytes).digest('hex')}`
      const provider = item.type === 'batch' ? item.header.provider : item.receipt.provider
      const waiter = {
        id,
        kind,
        provider,
        byteLength: bytes.length,
        receivedAtSeconds: wallSeconds,
        code: judgement.code,
        awaits: judgement.awaits,
      }
      if (release !== undefined) this.#waiters.push({ ...release, awaits: judgement.awaits })
      if (release !== undefined || this.#quarantine.get(id) !== undefined) return outcome
      try {
        this.#quarantine.check(provider, bytes.length)
      } catch (error) {
        if (error instanceof RetryableError) return error
        throw error
      }
      this.#waiters.push(waiter)
      this.#rows.quarantined_receipt.push(
        quarantinedRow(waiter, item.digest, outcome.message, bytes),
      )
      return outcome
    }
    if (release !== undefined) {
      const final = judgement.type === 'quarantined' ? 'rejected' : outcome.status
      this.#rows.quarantine_release.push(releaseRow(release, final, outcome.code, wallSeconds))
      this.#released.push(release.id)
    }
    if (judgement.type === 'rejected') {
      this.#rows.rejected_receipt.push(rejectedRow(kind, bytes, judgement, wallSeconds))
    }
    return outcome
  }
}

/** Codes of batches that were signed by a valid key and stand against another one of the signer. */
function isOrderCode(code: string): code is 'SEQUENCE_REUSED' | 'PREVIOUS_MISMATCH' {
  return code === 'SEQUENCE_REUSED' || code === 'PREVIOUS_MISMATCH'
}

function outcomeOf(
  kind: Submission['kind'],
  judgement: Judgement,
  digest: Hex | undefined,
  isLate: boolean,
): ReceiptOutcome {
  switch (judgement.type) {
    case 'valid': {
      const message = `${kind} ${digest} is stored`
      return isLate
        ? { status: 'late', digest, code: 'LATE', message }
        : { status: 'accepted', digest, code: 'ACCEPTED', message }
    }
    case 'duplicate':
      return { status: 'duplicate', digest, code: 'DUPLICATE', message: judgement.message }
    case 'rejected':
    case 'quarantined':
      return { status: judgement.type, digest, code: judgement.code, message: judgement.message }
  }
}
