import { type Hex, NO_PREVIOUS_BATCH } from '@foggara/schema'

import type { Facts } from './facts.ts'
import type { VerifiedBatch } from './verify/verify-batch.ts'
import type { VerifiedReceipt } from './verify/verify-text.ts'

/** A fact for which a receipt or a batch waits in quarantine. */
export type AwaitedFact =
  | { readonly type: 'key'; readonly provider: Hex; readonly signer: Hex }
  | { readonly type: 'assets'; readonly ids: readonly Hex[] }
  | {
      readonly type: 'batch'
      readonly provider: Hex
      readonly signer: Hex
      readonly sequence: bigint
    }

/** What a receipt or a batch is found to be. */
export type Judgement =
  | { readonly type: 'valid'; readonly signer: Hex }
  | { readonly type: 'duplicate'; readonly message: string }
  | { readonly type: 'rejected'; readonly code: string; readonly message: string }
  | {
      readonly type: 'quarantined'
      readonly code: string
      readonly message: string
      readonly awaits: AwaitedFact
    }

/** How times are judged. */
export type TimeRules = {
  /** The present: the wall's or the chain's, whichever is later. Unit: seconds. */
  readonly nowSeconds: number
  /** How far the clocks of provider and chain may be apart. Unit: seconds. */
  readonly driftSeconds: number
  /** How long after its end a receipt may arrive, by the chain's time. Unit: seconds. */
  readonly ageSecondsMax: number
  /** How long after a key is withdrawn receipts that it signed before may arrive. Unit: seconds. */
  readonly graceSeconds: number
}

/** Judges a receipt that has its own signature. What is stored already was looked at before. */
export function judgeReceipt(
  { receipt, signer }: VerifiedReceipt,
  facts: Facts,
  rules: TimeRules,
): Judgement {
  const { provider, finishedAtSeconds: finished } = receipt
  const problem = timeProblem([finished, finished], facts, rules)
  if (problem !== undefined) return problem
  if (signer === undefined) return SIGNATURE_INVALID
  const used = receipt.assets.map((id) => ({ id, usedAtSeconds: finished }))
  return (
    keyProblem(provider, signer, [finished, finished], { facts, rules }) ??
    assetProblem(used, facts, rules) ?? { type: 'valid', signer }
  )
}

/**
 * Judges a batch as a whole: it is stored with all its receipts or not at all. The signer's batches
 * follow each other by number and digest, so one that is missing, altered or signed twice shows.
 */
export function judgeBatch(
  batch: VerifiedBatch,
  facts: Facts,
  rules: TimeRules,
  storedDigest: Hex | undefined,
): Judgement {
  const { header, digest, signer, finishedSeconds } = batch
  const problem = timeProblem(finishedSeconds, facts, rules)
  if (problem !== undefined) return problem
  if (signer === undefined) return SIGNATURE_INVALID
  if (storedDigest === digest) {
    return { type: 'duplicate', message: `batch ${digest} is stored already` }
  }
  const { provider } = header
  return (
    keyProblem(provider, signer, finishedSeconds, { facts, rules }) ??
    orderProblem(batch, signer, facts, storedDigest) ??
    assetProblem(batch.assets, facts, rules) ?? { type: 'valid', signer }
  )
}

const SIGNATURE_INVALID: Judgement = {
  type: 'rejected',
  code: 'SIGNATURE_INVALID',
  message: 'expected 65 bytes with v 27 or 28 and the lower s, found one that recovers none',
}

function timeProblem(
  [first, last]: readonly [bigint, bigint],
  facts: Facts,
  { nowSeconds, driftSeconds, ageSecondsMax }: TimeRules,
): Judgement | undefined {
  const latest = BigInt(nowSeconds + driftSeconds)
  if (last > latest) {
    const found = `${last}, which is later than ${latest}`
    const message = `finishedAtSeconds: expected a time that has passed, found ${found}`
    return { type: 'rejected', code: 'FINISHED_IN_FUTURE', message }
  }
  const earliest = BigInt(facts.chainSeconds - ageSecondsMax)
  if (first < earliest) {
    const found = `${first}, which is before ${earliest}`
    const message = `finishedAtSeconds: expected a receipt that arrives in time, found ${found}`
    return { type: 'rejected', code: 'FINISHED_TOO_LONG_AGO', message }
  }
  return undefined
}

/** The key has to sign at the time of the usage; one that is withdrawn since, to arrive soon after. */
function keyProblem(
  provider: Hex,
  signer: Hex,
  [first, last]: readonly [bigint, bigint],
  { facts, rules }: { readonly facts: Facts; readonly rules: TimeRules },
): Judgement | undefined {
  const rejected = (code: string, message: string): Judgement => {
    return { type: 'rejected', code, message }
  }
  if (!facts.knowsProvider(provider)) {
    const message = `expected a provider with a signing key, found ${provider}`
    return rejected('PROVIDER_UNKNOWN', message)
  }
  // A block is older than its events look, and a provider's clock may be behind as well.
  const early = BigInt(2 * rules.driftSeconds)
  const states = [first, last].map((seconds) => {
    const state = facts.keyAt(provider, signer, seconds)
    return state.type === 'not yet' ? facts.keyAt(provider, signer, seconds + early) : state
  })
  const [then, later] = states
  const expected = `expected a key of ${provider} that signed at ${first}`
  if (then?.type === 'unknown') {
    const message = `${expected}, found a signature of ${signer}`
    const awaits = { type: 'key', provider, signer } as const
    return { type: 'quarantined', code: 'SIGNER_UNKNOWN', message, awaits }
  }
  if (then?.type === 'not yet' || later?.type === 'not yet') {
    return rejected('SIGNER_NOT_YET_VALID', `${expected}, found ${signer}, which was set later`)
  }
  if (then?.type !== 'active' || later?.type !== 'active') {
    return rejected('SIGNER_REVOKED', `${expected}, found ${signer}, which was withdrawn before`)
  }
  const until = later.untilSeconds
  if (until !== undefined && facts.chainSeconds > until + rules.graceSeconds) {
    const found = `${signer}, which was withdrawn at ${until}`
    return rejected('SIGNER_REVOKED', `expected its receipts within the grace, found ${found}`)
  }
  return undefined
}

function assetProblem(
  used: readonly { readonly id: Hex; readonly usedAtSeconds: bigint }[],
  facts: Facts,
  { driftSeconds }: TimeRules,
): Judgement | undefined {
  const unknown = used.filter(({ id }) => facts.assetSince(id) === undefined)
  const [first] = unknown
  if (first !== undefined) {
    const message = `expected registered assets, found ${first.id}`
    const awaits = { type: 'assets', ids: unknown.map(({ id }) => id) } as const
    return { type: 'quarantined', code: 'ASSET_UNKNOWN', message, awaits }
  }
  const early = used.find(({ id, usedAtSeconds }) => {
    return usedAtSeconds + BigInt(2 * driftSeconds) < BigInt(facts.assetSince(id) ?? 0)
  })
  if (early === undefined) return undefined
  const found = `${early.id}, which was registered later than ${early.usedAtSeconds}`
  const message = `expected assets that existed when they were used, found ${found}`
  return { type: 'rejected', code: 'ASSET_NOT_YET_REGISTERED', message }
}

function orderProblem(
  { header, digest }: VerifiedBatch,
  signer: Hex,
  facts: Facts,
  storedDigest: Hex | undefined,
): Judgement | undefined {
  const { provider, sequence, previous } = header
  if (sequence === 0n) {
    const message = 'expected batches to be numbered from 1, found 0'
    return { type: 'rejected', code: 'SEQUENCE_REUSED', message }
  }
  const head = facts.headOf(provider, signer)
  const last = head?.sequence ?? 0n
  if (sequence <= last) {
    const message = `expected an unused sequence, found ${sequence} of ${storedDigest}, not ${digest}`
    return { type: 'rejected', code: 'SEQUENCE_REUSED', message }
  }
  if (sequence > last + 1n) {
    const message = `expected batch ${last + 1n} of ${signer} first, found ${sequence}`
    const awaits = { type: 'batch', provider, signer, sequence: sequence - 1n } as const
    return { type: 'quarantined', code: 'GAP_BEFORE', message, awaits }
  }
  const expected = head?.digest ?? NO_PREVIOUS_BATCH
  if (previous !== expected) {
    const message = `expected the batch after ${expected}, found one after ${previous}`
    return { type: 'rejected', code: 'PREVIOUS_MISMATCH', message }
  }
  return undefined
}
