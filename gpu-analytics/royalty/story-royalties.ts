import { FatalError, type Hex, SHARE_WHOLE_E8, invariant, mulDivFloor, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { type RoyaltyGraph, placeOfAsset } from './royalty-graph.ts'

/** How one payment is divided where it arrives. The parts sum to the payment. */
export type StoryPayment = {
  readonly fee: bigint
  /** For the policy of absolute shares, to be handed on to ancestors later. */
  readonly absolute: bigint
  /** For the policy of relative shares. */
  readonly relative: bigint
  readonly vault: bigint
}

/**
 * Divides a payment as Story's RoyaltyModule does: the fee first, then each policy's stack of what is
 * left, rounded down payment by payment; the rest is the vault's. Shares are parts per hundred million.
 *
 * @throws {StoryPaymentError} where the contract reverts: a fee that rounds to 0, stacks above the whole.
 */
export function storyPayment(
  amount: bigint,
  shares: { readonly feeE8: bigint; readonly lapStackE8: bigint; readonly lrpStackE8: bigint },
): StoryPayment {
  const { feeE8, lapStackE8, lrpStackE8 } = shares
  if (amount < 0n || feeE8 < 0n || lapStackE8 < 0n || lrpStackE8 < 0n) {
    throw new StoryPaymentError('expected an amount and shares of at least 0, found a negative one')
  }
  if (feeE8 > SHARE_WHOLE_E8 || lapStackE8 + lrpStackE8 > SHARE_WHOLE_E8) {
    throw new StoryPaymentError('expected shares of at most 1e8, found more')
  }
  const fee = mulDivFloor(amount, feeE8, SHARE_WHOLE_E8)
  if (feeE8 > 0n && fee === 0n) {
    throw new StoryPaymentError(`expected a payment whose fee is not 0, found ${amount}`)
  }
  const afterFee = amount - fee
  const absolute = mulDivFloor(afterFee, lapStackE8, SHARE_WHOLE_E8)
  const relative = mulDivFloor(afterFee, lrpStackE8, SHARE_WHOLE_E8)
  return { fee, absolute, relative, vault: afterFee - absolute - relative }
}

/**
 * What Story's RoyaltyPolicyLAP still hands to an ancestor: its share of all that an asset was ever
 * paid after fees, less what was handed over before.
 */
export function storyLapTransfer(
  accounted: bigint,
  rateE8: bigint,
  alreadyTransferred: bigint,
): bigint {
  return mulDivFloor(accounted, rateE8, SHARE_WHOLE_E8) - alreadyTransferred
}

/**
 * What Story's RoyaltyPolicyLRP still hands to an ancestor: its part of all that an asset was ever
 * paid after fees, less what the ancestor passes on to its own parents.
 */
export function storyLrpTransfer(
  accounted: bigint,
  rateE8: bigint,
  ancestorStackE8: bigint,
  alreadyTransferred: bigint,
): bigint {
  const part = mulDivFloor(accounted, rateE8, SHARE_WHOLE_E8)
  return part - mulDivFloor(part, ancestorStackE8, SHARE_WHOLE_E8) - alreadyTransferred
}

/**
 * What part of an asset's payments reaches each ancestor relatively, as Story's chain computes it: on
 * the scale of parts per hundred million, rounded down link by link. The rounding leaves a remainder
 * in the policy contract that nobody can take; `royaltyFlow` leaves none.
 *
 * @throws {RoyaltyAssetError} when the asset is not in the graph.
 */
export function storyLrpRatesOf(graph: RoyaltyGraph, assetId: Hex): ReadonlyMap<Hex, bigint> {
  const start = placeOfAsset(graph, assetId)
  const rates = graph.assetIds.map((_, place): bigint => (place === start ? SHARE_WHOLE_E8 : 0n))
  for (let child = start; child >= 0; child--) {
    const rate = at(rates, child)
    if (rate === 0n) continue
    for (const { parent, isAbsolute, rateE8 } of at(graph.outLinks, child)) {
      if (isAbsolute) continue
      rates[parent] = at(rates, parent) + mulDivFloor(rate, rateE8, SHARE_WHOLE_E8)
    }
  }
  const reached = graph.assetIds.flatMap((id, place) => {
    const rate = at(rates, place)
    return place === start || rate === 0n ? [] : [[id, rate] as const]
  })
  return new Map(reached)
}

/** The sum of an asset's own relative shares: Story's LRP stack. Parts per hundred million. */
export function lrpStackOf(graph: RoyaltyGraph, assetId: Hex): bigint {
  const links = at(graph.outLinks, placeOfAsset(graph, assetId))
  const stack = sum(links.map((link) => (link.isAbsolute ? 0n : link.rateE8)))
  invariant(stack <= SHARE_WHOLE_E8, `expected a stack of at most the whole, found ${stack}`)
  return stack
}

/** A payment that Story's RoyaltyModule would revert. */
export class StoryPaymentError extends FatalError {
  constructor(detail: string) {
    super('STORY_PAYMENT_REFUSED', detail)
  }
}
