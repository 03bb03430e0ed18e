import { type Hex, checkAmount, divFloor, sum } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { compareIdBytes } from '../graph/id-order.ts'
import { type CoalitionWorth, EXACT_PLAYERS_DEFAULT_MAX, exactGame } from './exact-game.ts'
import {
  EXACT_PLAYERS_MAX,
  SHAPLEY_DENOMINATOR,
  type ShapleyGame,
  type ShapleyShares,
  type UsedTogether,
  checkAssets,
  checkEmptyWorth,
} from './game.ts'
import {
  type SampledSums,
  type Sampling,
  type StartWalk,
  checkSampling,
  sampleSums,
  sampledDenominatorOf,
  spreadOf,
  walkCountOf,
} from './sampling.ts'
import { leastCommonMultiple } from './shapley-of-receipts.ts'

/** The most assets that a sampled receipt may have. */
export const SAMPLED_PLAYERS_MAX = 1024

/** How receipts of a sampled game are drawn. */
export type SampledGameOptions<Receipt> = {
  readonly sampling: Sampling
  /** 64 bits that belong to the receipt and not to its row: see {@link receiptNumberOfDigest}. */
  readonly receiptNumberOf: (receipt: Receipt) => bigint
}

/** The first 8 bytes of a receipt's digest. */
export function receiptNumberOfDigest(digest: Hex): bigint {
  return BigInt(digest.slice(0, 18))
}

/**
 * Any integer game, estimated over random orders, for up to 1024 assets a receipt. Shares sum to the
 * worth exactly; {@link shapleyStandardErrors} says how far each may be off. Neither the order of the
 * receipts nor that of a receipt's assets changes a bit.
 */
export function sampledGame<Receipt extends UsedTogether>(
  worthOf: (receipt: Receipt) => CoalitionWorth,
  { sampling, receiptNumberOf }: SampledGameOptions<Receipt>,
): ShapleyGame<Receipt> {
  checkSampling(sampling)
  return {
    denominator: walkCountOf(sampling),
    sampled: sampledDenominatorOf(sampling),
    sharesOf: (receipt) => {
      const { assets } = receipt
      checkAssets(assets, SAMPLED_PLAYERS_MAX)
      const places = canonicalPlaces(assets)
      const startWalk = coalitionWalk(worthOf(receipt), places)
      const drawn = sampleSums(assets.length, receiptNumberOf(receipt), startWalk, sampling)
      return atPlaces(sampledShares(drawn, sampling), places)
    },
  }
}

/** Exact up to `exactPlayerCountMax` assets (12, at most 16), estimated above. */
export function exactOrSampledGame<Receipt extends UsedTogether>(
  worthOf: (receipt: Receipt) => CoalitionWorth,
  options: SampledGameOptions<Receipt> & { readonly exactPlayerCountMax?: number },
): ShapleyGame<Receipt> {
  const allowedMax = options.exactPlayerCountMax ?? EXACT_PLAYERS_DEFAULT_MAX
  const playerCountMax = Math.min(allowedMax, EXACT_PLAYERS_MAX)
  const exact = exactGame(worthOf, { playerCountMax })
  const sampled = sampledGame(worthOf, options)
  const denominator = leastCommonMultiple([SHAPLEY_DENOMINATOR, sampled.denominator])
  return {
    denominator,
    sampled: sampled.sampled,
    sharesOf: (receipt) => {
      const game = receipt.assets.length <= playerCountMax ? exact : sampled
      const shares = game.sharesOf(receipt)
      const scale = divFloor(denominator, game.denominator)
      return { ...shares, numerators: shares.numerators.map((numerator) => numerator * scale) }
    },
  }
}

/** What was drawn for one receipt, as shares over the walk count. */
export function sampledShares(
  { sums, squareSums }: SampledSums,
  sampling: Sampling,
): ShapleyShares {
  return {
    worth: checkAmount(divFloor(sum(sums), walkCountOf(sampling)), 'worth of a receipt'),
    numerators: sums,
    spreads: sums.map((value, index) => spreadOf(sampling, value, at(squareSums, index))),
  }
}

/** Per player of the draw, ascending by id, the place of its asset in the receipt. */
function canonicalPlaces(assets: readonly string[]): readonly number[] {
  return assets
    .map((_, place) => place)
    .toSorted((a, b) => compareIdBytes(at(assets, a), at(assets, b)))
}

function coalitionWalk(worthOf: CoalitionWorth, places: readonly number[]): StartWalk {
  const isMember = new Uint8Array(places.length)
  checkEmptyWorth(worthOf(isMember))
  return () => {
    isMember.fill(0)
    return (player) => {
      isMember[at(places, player)] = 1
      return worthOf(isMember)
    }
  }
}

function atPlaces(
  { worth, numerators, spreads }: ShapleyShares,
  places: readonly number[],
): ShapleyShares {
  const placed = (values: readonly bigint[]) => {
    const byPlace = values.slice()
    for (const [player, place] of places.entries()) byPlace[place] = at(values, player)
    return byPlace
  }
  return {
    worth,
    numerators: placed(numerators),
    spreads: spreads === 'exact' ? spreads : placed(spreads),
  }
}
