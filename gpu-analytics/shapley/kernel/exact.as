// AssemblyScript. The exact Shapley value of one receipt with synergies, as parts of 720720; the same
// rearranged sum as exact-game.ts. All arithmetic is modulo 2^64: a numerator lies in 0 .. 720720 · 2^42
// < 2^62, because with more players no coalition is worth less, so what comes out is the number itself.

/**
 * `factorsAt` has the 64-bit factors of coalition sizes 0 .. playerCount, `tableAt` room for
 * `2^playerCount` 64-bit words. Writes one numerator per receipt and player.
 */
export function exactSynergies(
  receiptCount: u32,
  playerCount: u32,
  weightsAt: usize,
  synergiesAt: usize,
  capsAt: usize,
  factorsAt: usize,
  tableAt: usize,
  numeratorsAt: usize,
): void {
  const rowBytes = <usize>playerCount << 2
  for (let receipt: usize = 0; receipt < receiptCount; receipt++) {
    fillRaw(playerCount, weightsAt, synergiesAt, tableAt)
    const base = weigh(playerCount, load<u64>(capsAt + (receipt << 3)), factorsAt, tableAt)
    foldByPlayer(playerCount, tableAt, base, numeratorsAt)
    weightsAt += rowBytes
    synergiesAt += rowBytes * <usize>playerCount
    numeratorsAt += rowBytes << 1
  }
}

/** Per player the sum over the coalitions with it; halves the table from the last player down. */
function foldByPlayer(playerCount: u32, tableAt: usize, base: u64, numeratorsAt: usize): void {
  for (let player: i32 = playerCount - 1; player >= 0; player--) {
    const half: usize = <usize>8 << player
    let upperSum: u64 = 0
    for (let at = tableAt; at < tableAt + half; at += 8) {
      const upper = load<u64>(at + half)
      upperSum += upper
      store<u64>(at, load<u64>(at) + upper)
    }
    store<u64>(numeratorsAt + (<usize>player << 3), upperSum - base)
  }
}

/** The worth of each coalition before the cap: quadratic, so that two smaller ones give it. */
function fillRaw(playerCount: u32, weightsAt: usize, synergiesAt: usize, tableAt: usize): void {
  store<u64>(tableAt, 0)
  for (let last: usize = 0; last < playerCount; last++) {
    const alone = <u64>load<u32>(weightsAt + (last << 2))
    const row = synergiesAt + ((last * <usize>playerCount) << 2)
    const bit: usize = <usize>1 << last
    // What `last` adds to a coalition, from what it adds to the coalition without its first member.
    store<u64>(tableAt + (bit << 3), alone)
    for (let others: usize = 1; others < bit; others++) {
      const rest = others & (others - 1)
      const synergy = <u64>load<u32>(row + (ctz<usize>(others) << 2))
      const added = load<u64>(tableAt + ((bit | rest) << 3)) - load<u64>(tableAt + (rest << 3))
      store<u64>(
        tableAt + ((bit | others) << 3),
        load<u64>(tableAt + (others << 3)) + added + synergy,
      )
    }
  }
}

/** Caps and weighs the table in place; returns what no player's sum may keep. */
function weigh(playerCount: u32, cap: u64, factorsAt: usize, tableAt: usize): u64 {
  let base: u64 = 0
  const count: usize = <usize>1 << playerCount
  for (let coalition: usize = 1; coalition < count; coalition++) {
    const at = tableAt + (coalition << 3)
    const raw = load<u64>(at)
    const worth = raw < cap ? raw : cap
    const factorAt = factorsAt + (popcnt<usize>(coalition) << 3)
    const factor = load<u64>(factorAt)
    base += factor * worth
    store<u64>(at, (load<u64>(factorAt - 8) + factor) * worth)
  }
  return base
}
