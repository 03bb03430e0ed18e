import { FatalError } from '@foggara/schema'

import { at } from '../graph/at.ts'
import type { CoalitionWorth } from './exact-game.ts'
import { sampledShares } from './sampled-game.ts'
import { type Sampling, sampledDenominatorOf, walkCountOf } from './sampling.ts'
import { type ShapleyTotals, totalsOfShares } from './shapley-of-receipts.ts'

/** The most players of a receipt with synergies: the kernels keep them in registers. */
export const SYNERGY_PLAYERS_MAX = 32

/**
 * Many receipts of the same size in columns, for the kernels. A coalition is worth
 * `min(cap, Σ weights + Σ synergies of its pairs)`: below `32·2^32 + 496·2^32 < 2^42`.
 */
export type SynergyReceipts = {
  /** 1 to 32; player p of every receipt is its p-th asset, ascending by id. */
  readonly playerCount: number
  /** Per receipt, the 64 bits that choose its random orders. */
  readonly receiptNumbers: BigUint64Array
  /** Per receipt, per player. */
  readonly weights: Uint32Array
  /** Per receipt, per pair of players: symmetric, 0 for a player with itself. */
  readonly synergies: Uint32Array
  /** Per receipt, the most that any coalition is worth. */
  readonly caps: BigUint64Array
}

/** Per receipt and player what the walks added up to; see `SampledSums`. */
export type SynergySums = {
  /** Below 2^63: 2^20 orders of two walks, each below 2^42. */
  readonly sums: BigUint64Array
  /** Two words each, the low one first. Below 2^106: 2^20 squares below 2^86. */
  readonly squareSums: BigUint64Array
}

/** Something that adds up random walks over receipts with synergies. Every one gives the same bits. */
export type SynergySampler = {
  readonly name: 'reference' | 'wasm' | 'webgpu'
  /**
   * @throws {SynergyReceiptsError | SamplingError} before anything is computed.
   * @throws {RunAbortedError} when the signal says so.
   */
  readonly sample: (
    receipts: SynergyReceipts,
    sampling: Sampling,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<SynergySums>
}

/**
 * The values of sampled receipts, by asset; `assetsOf` has the players of each receipt in order.
 *
 * @throws {SynergyReceiptsError} when it does not.
 */
export function shapleyOfSynergySums(
  { sums, squareSums }: SynergySums,
  assetsOf: readonly (readonly string[])[],
  sampling: Sampling,
): ShapleyTotals {
  const playerCount = sums.length / assetsOf.length
  const entries = assetsOf.map((assets, receipt) => {
    if (assets.length !== playerCount) {
      throw new SynergyReceiptsError(`expected ${playerCount} assets, found ${assets.length}`)
    }
    const first = receipt * playerCount
    const drawn = {
      sums: assets.map((_, player) => at(sums, first + player)),
      squareSums: assets.map((_, player) => squareSumAt(squareSums, first + player)),
    }
    return [assets, sampledShares(drawn, sampling)] as const
  })
  return totalsOfShares(entries, {
    denominator: walkCountOf(sampling),
    sampled: sampledDenominatorOf(sampling),
  })
}

/** The receipts from `first` up to `end`, as views. */
export function sliceSynergyReceipts(
  receipts: SynergyReceipts,
  first: number,
  end: number,
): SynergyReceipts {
  const { playerCount, receiptNumbers, weights, synergies, caps } = receipts
  const rowLength = playerCount * playerCount
  return {
    playerCount,
    receiptNumbers: receiptNumbers.subarray(first, end),
    weights: weights.subarray(first * playerCount, end * playerCount),
    synergies: synergies.subarray(first * rowLength, end * rowLength),
    caps: caps.subarray(first, end),
  }
}

/** Reads a two-word sum of squares. */
export function squareSumAt(squareSums: BigUint64Array, index: number): bigint {
  return (at(squareSums, 2 * index + 1) << 64n) | at(squareSums, 2 * index)
}

/** What a coalition of one receipt's players is worth, from its definition. */
export function synergyWorth(receipts: SynergyReceipts, receipt: number): CoalitionWorth {
  const { playerCount, weights, synergies, caps } = receipts
  const cap = at(caps, receipt)
  return (isMember) => {
    let raw = 0
    for (let player = 0; player < playerCount; player++) {
      if (isMember[player] !== 1) continue
      const row = receipt * playerCount + player
      raw += at(weights, row)
      for (let other = 0; other < player; other++) {
        if (isMember[other] === 1) raw += at(synergies, row * playerCount + other)
      }
    }
    return BigInt(raw) < cap ? BigInt(raw) : cap
  }
}

/** Checks the shape of the columns, and that synergies make a set function. */
export function checkSynergyReceipts(receipts: SynergyReceipts): void {
  const { playerCount, receiptNumbers, weights, synergies, caps } = receipts
  if (!Number.isInteger(playerCount) || playerCount < 1 || playerCount > SYNERGY_PLAYERS_MAX) {
    throw new SynergyReceiptsError(`playerCount: expected 1 to 32, found ${playerCount}`)
  }
  const receiptCount = receiptNumbers.length
  checkLength('weights', weights.length, receiptCount * playerCount)
  checkLength('synergies', synergies.length, receiptCount * playerCount * playerCount)
  checkLength('caps', caps.length, receiptCount)
  for (let row = 0; row < receiptCount * playerCount; row++) {
    const player = row % playerCount
    for (let other = 0; other <= player; other++) {
      const synergy = at(synergies, row * playerCount + other)
      const mirrored = at(synergies, (row - player + other) * playerCount + player)
      if (synergy !== mirrored || (other === player && synergy !== 0)) {
        throw new SynergyReceiptsError(
          `synergies: expected them symmetric and 0 on the diagonal, found players ${player} and ${other} of receipt ${(row - player) / playerCount}`,
        )
      }
    }
  }
}

function checkLength(what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new SynergyReceiptsError(`${what}: expected ${expected} values, found ${found}`)
  }
}

/** The columns of receipts with synergies do not fit each other. */
export class SynergyReceiptsError extends FatalError {
  constructor(detail: string) {
    super('SHAPLEY_SYNERGIES_MALFORMED', detail)
  }
}
