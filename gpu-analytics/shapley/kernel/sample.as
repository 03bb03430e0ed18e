// AssemblyScript. Random walks over one receipt with synergies; synergy-receipts.ts defines the
// columns and their bounds, sampling.ts what is added up. Addresses are laid out by the host.
import { philox } from './philox'

const PLAYERS_MAX = 32
const ORDER = memory.data(PLAYERS_MAX * 4, 16)
const WORDS = memory.data(PLAYERS_MAX * 4, 16)
const MARGINALS = memory.data(PLAYERS_MAX * 8, 16)

/** Adds the walks over every drawn order of every receipt to the sums, which the host has cleared. */
export function sampleSynergies(
  receiptCount: u32,
  playerCount: u32,
  receiptNumbersAt: usize,
  weightsAt: usize,
  synergiesAt: usize,
  capsAt: usize,
  epochKey: u64,
  permutationCount: u32,
  walksBack: u32,
  sumsAt: usize,
  squareSumsAt: usize,
): void {
  const rowBytes = <usize>playerCount << 2
  for (let receipt: usize = 0; receipt < receiptCount; receipt++) {
    const receiptNumber = load<u64>(receiptNumbersAt + (receipt << 3))
    const cap = load<u64>(capsAt + (receipt << 3))
    for (let sample: u32 = 0; sample < permutationCount; sample++) {
      drawOrder(playerCount, receiptNumber, epochKey, sample)
      memory.fill(MARGINALS, 0, <usize>playerCount << 3)
      walk(playerCount, weightsAt, synergiesAt, cap)
      if (walksBack) {
        reverseOrder(playerCount)
        walk(playerCount, weightsAt, synergiesAt, cap)
      }
      addMarginals(playerCount, sumsAt, squareSumsAt)
    }
    weightsAt += rowBytes
    synergiesAt += rowBytes * <usize>playerCount
    sumsAt += rowBytes << 1
    squareSumsAt += rowBytes << 2
  }
}

function drawOrder(playerCount: u32, receiptNumber: u64, epochKey: u64, sample: u32): void {
  for (let player: u32 = 0; player < playerCount; player++) {
    store<u32>(ORDER + (<usize>player << 2), player)
  }
  for (let block: u32 = 0; block << 2 < playerCount; block++) {
    const at = WORDS + (<usize>block << 4)
    philox(<u32>receiptNumber, <u32>(receiptNumber >> 32), sample, block, epochKey, at)
  }
  for (let last: u32 = playerCount - 1; last > 0; last--) {
    const word = <u64>load<u32>(WORDS + (<usize>last << 2))
    const other = <usize>((word * <u64>(last + 1)) >> 32)
    const moved = load<u32>(ORDER + (<usize>last << 2))
    store<u32>(ORDER + (<usize>last << 2), load<u32>(ORDER + (other << 2)))
    store<u32>(ORDER + (other << 2), moved)
  }
}

function reverseOrder(playerCount: u32): void {
  let low = ORDER
  let high = ORDER + (<usize>(playerCount - 1) << 2)
  while (low < high) {
    const moved = load<u32>(low)
    store<u32>(low, load<u32>(high))
    store<u32>(high, moved)
    low += 4
    high -= 4
  }
}

function walk(playerCount: u32, weightsAt: usize, synergiesAt: usize, cap: u64): void {
  let raw: u64 = 0
  let before: u64 = 0
  const end = ORDER + (<usize>playerCount << 2)
  for (let at = ORDER; at < end; at += 4) {
    const player = <usize>load<u32>(at)
    const row = synergiesAt + ((player * <usize>playerCount) << 2)
    raw += <u64>load<u32>(weightsAt + (player << 2))
    for (let joined = ORDER; joined < at; joined += 4) {
      raw += <u64>load<u32>(row + ((<usize>load<u32>(joined)) << 2))
    }
    const worth = raw < cap ? raw : cap
    const marginalAt = MARGINALS + (player << 3)
    store<u64>(marginalAt, load<u64>(marginalAt) + worth - before)
    before = worth
  }
}

function addMarginals(playerCount: u32, sumsAt: usize, squareSumsAt: usize): void {
  for (let player: usize = 0; player < playerCount; player++) {
    const marginal = load<u64>(MARGINALS + (player << 3))
    const sumAt = sumsAt + (player << 3)
    store<u64>(sumAt, load<u64>(sumAt) + marginal)
    addSquare(squareSumsAt + (player << 4), marginal)
  }
}

/** Adds `value²` to two words. With value < 2^43 the cross product is below 2^44, the rest fits. */
function addSquare(at: usize, value: u64): void {
  const low = value & 0xffffffff
  const high = value >> 32
  const cross = (low * high) << 1
  const lowSquare = low * low
  const lowPart = lowSquare + (cross << 32)
  const sum = load<u64>(at) + lowPart
  const carries = <u64>(lowPart < lowSquare) + <u64>(sum < lowPart)
  store<u64>(at, sum)
  store<u64>(at, load<u64>(at, 8) + high * high + (cross >> 32) + carries, 8)
}
