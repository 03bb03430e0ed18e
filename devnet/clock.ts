/** The timestamp of the genesis block: 2026-01-05T00:00:00Z. Unit: seconds since 1970. */
export const GENESIS_SECONDS = 1_767_571_200

/** How far apart blocks are on chain, whenever they are mined. Unit: seconds. */
export const BLOCK_STEP_SECONDS = 600

/** The timestamp of a block of the devnet: a function of its number, never of a clock. */
export function blockSeconds(blockNumber: number): number {
  return GENESIS_SECONDS + blockNumber * BLOCK_STEP_SECONDS
}
