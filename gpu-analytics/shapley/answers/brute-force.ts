import { at } from '../../graph/at.ts'
import type { CoalitionWorth } from '../exact-game.ts'

/** Sums of marginal worths, and over how many orders they were taken. */
export type BruteForce = { readonly sums: readonly bigint[]; readonly orderCount: bigint }

/** The Shapley value from its definition: the mean marginal worth over every order of the players. */
export function bruteForce(playerCount: number, worthOf: CoalitionWorth): BruteForce {
  return overOrders(playerCount, worthOf, () => true)
}

/** Owen's value from its definition: only orders in which each block's players come together. */
export function bruteForceOwen(blocks: readonly number[], worthOf: CoalitionWorth): BruteForce {
  return overOrders(blocks.length, worthOf, (order) => {
    const seen = order.map((player) => at(blocks, player))
    const starts = seen.filter((block, place) => place === 0 || seen[place - 1] !== block)
    return starts.length === new Set(seen).size
  })
}

function overOrders(
  playerCount: number,
  worthOf: CoalitionWorth,
  counts: (order: readonly number[]) => boolean,
): BruteForce {
  const sums = Array.from<bigint>({ length: playerCount }).fill(0n)
  let orderCount = 0n
  for (const order of ordersOf(Array.from({ length: playerCount }, (_, player) => player))) {
    if (!counts(order)) continue
    orderCount += 1n
    const isMember = new Uint8Array(playerCount)
    let before = worthOf(isMember)
    for (const player of order) {
      isMember[player] = 1
      const worth = worthOf(isMember)
      sums[player] = at(sums, player) + worth - before
      before = worth
    }
  }
  return { sums, orderCount }
}

function* ordersOf(players: readonly number[]): Generator<readonly number[]> {
  if (players.length === 0) yield []
  for (const first of players) {
    for (const rest of ordersOf(players.filter((player) => player !== first))) {
      yield [first, ...rest]
    }
  }
}
