import { FatalError, type Hex, type WithheldReason, compareIds } from '@foggara/schema'

/** A share that was computed but not paid, and waits for a decision. Unit: token base units. */
export type FrozenShare = {
  readonly epoch: number
  readonly reason: WithheldReason
  readonly account: Hex
  /** The asset, provider or account that the share belongs to. */
  readonly sourceId: Hex
  readonly pool: string
  readonly amount: bigint
}

/** What a proposal decided about the frozen shares of a source: whoever is named gets them. */
export type EscrowDecision = {
  readonly reason: WithheldReason
  readonly sourceId: Hex
  readonly proposalId: bigint
  /** Release to the accounts that they were frozen for, or give them to somebody else. */
  readonly outcome: 'release' | { readonly reallocateTo: Hex }
}

/** A frozen share that a decision made somebody's earning. */
export type ReleasedShare = {
  readonly share: FrozenShare
  readonly account: Hex
  readonly proposalId: bigint
}

export type EscrowEntry = {
  /** Still frozen, in canonical order. */
  readonly open: readonly FrozenShare[]
  /** In canonical order of the shares. */
  readonly released: readonly ReleasedShare[]
}

/**
 * Books an epoch on the escrow: what was frozen joins what is open, and decisions take out every
 * share of their source. Nobody else's share moves: `open before + frozen = open after + released`.
 *
 * @throws {EscrowError} for a share twice, a negative amount, or decisions that disagree or decide
 * about nothing.
 */
export function bookEscrow(
  open: readonly FrozenShare[],
  frozen: readonly FrozenShare[],
  decisions: readonly EscrowDecision[],
): EscrowEntry {
  const shares = [...open, ...frozen].toSorted(compareShares)
  for (const [place, share] of shares.entries()) {
    const next = shares[place + 1]
    if (share.amount < 0n) {
      throw new EscrowError(`${share.sourceId}: expected at least 0, found ${share.amount}`)
    }
    if (next !== undefined && compareShares(share, next) === 0) {
      throw new EscrowError(`expected every share once, found two of ${share.account}`)
    }
  }
  const decided = new Map<string, EscrowDecision>()
  for (const decision of decisions) {
    const key = `${decision.reason} ${decision.sourceId}`
    if (decided.has(key)) throw new EscrowError(`expected one decision on ${key}, found two`)
    decided.set(key, decision)
  }
  const stillOpen: FrozenShare[] = []
  const released: ReleasedShare[] = []
  const applied = new Set<EscrowDecision>()
  for (const share of shares) {
    const decision = decided.get(`${share.reason} ${share.sourceId}`)
    if (decision === undefined) {
      stillOpen.push(share)
      continue
    }
    applied.add(decision)
    const { outcome, proposalId } = decision
    const account = outcome === 'release' ? share.account : outcome.reallocateTo
    released.push({ share, account, proposalId })
  }
  const idle = decisions.find((decision) => !applied.has(decision))
  if (idle !== undefined) {
    throw new EscrowError(`expected a frozen share of ${idle.sourceId}, found none`)
  }
  return { open: stillOpen, released }
}

function compareShares(a: FrozenShare, b: FrozenShare): number {
  return (
    a.epoch - b.epoch ||
    compareIds(a.reason, b.reason) ||
    compareIds(a.account, b.account) ||
    compareIds(a.pool, b.pool) ||
    compareIds(a.sourceId, b.sourceId)
  )
}

/** Frozen shares and the decisions about them do not fit together. */
export class EscrowError extends FatalError {
  constructor(detail: string) {
    super('ESCROW_INCONSISTENT', detail)
  }
}
