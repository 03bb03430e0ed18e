import { SAMPLE_SNAPSHOT, computeEpoch, referenceEngine } from '@foggara/gpu-analytics'
import type { Hex, Snapshot } from '@foggara/schema'

/** The last block of the economy; blocks up to {@link SETTLED_BLOCK} are in the settled tables. */
export const HEAD_BLOCK = 140
export const SETTLED_BLOCK = 10

/** Accounts of the economy. */
export const ALICE = account(0xa11ce)
export const BOB = account(0xb0b)
export const CAROL = account(0xca401)
export const PROVIDER = account(0x9709)

/** Assets registered by Alice, numbered from 1. */
export function asset(number: number): Hex {
  return `0x${(0xa55e7000 + number).toString(16).padStart(64, '0')}`
}

/** The hash of a block of the economy. */
export function blockHash(block: number): Hex {
  return `0x${(0xb10c0000 + block).toString(16).padStart(64, '0')}`
}

/** The epoch that the economy has closed, computed by the engine's reference. */
export const EPOCH_SNAPSHOT: Snapshot = { ...SAMPLE_SNAPSHOT, balances: [] }
export const EPOCH_RESULT = await computeEpoch(EPOCH_SNAPSHOT, referenceEngine)

/** Who claimed the whole allocation, and when. */
export const CLAIMER = account(0xa1)
export const CLAIM_BLOCK = 120

/** How many payments there are: many with equal amounts, some above 2^199. */
export const PAYMENT_COUNT = 60

/** A receipt's id. */
export function digest(number: number): Hex {
  return `0x${(0xd19e0000 + number).toString(16).padStart(64, '0')}`
}

/** An account by number. */
export function account(number: number): Hex {
  return `0x${number.toString(16).padStart(40, '0')}`
}
