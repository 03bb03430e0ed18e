import { keccak256, stringToBytes } from 'viem'
import { z } from 'zod'

import { FatalError } from './errors.ts'
import { type Hex, parseAddress } from './hex.ts'
import { BPS_WHOLE } from './numbers.ts'
import { POOLS, type Pool } from './words.ts'

/**
 * The rules of an epoch's reward, every parameter of every step. A ruleset is published on chain as
 * canonical JSON with its hash and is never edited; a past epoch replays under its own.
 */
export type Ruleset = {
  readonly version: number
  /** The first block of epoch 1. */
  readonly firstBlock: number
  /** Epoch e covers `epochBlockCount` blocks; its cutoff is the last of them. */
  readonly epochBlockCount: number
  readonly rank: {
    /** Fixed number of iterations; the start vector is the teleport vector scaled to the mass. */
    readonly iterationCount: number
    /** Pass-through of a consumer, as u32 / 2^32. */
    readonly consumerPassThroughQ32: number
    /** The most that an asset passes to its parents, as u32 / 2^32. */
    readonly assetPassThroughMaxQ32: number
  }
  readonly flow: {
    /** Bound on the steps of the absorbing flow; what is still in flight then stays where it is. */
    readonly stepCountMax: number
  }
  /** Basis points of the budget per pool; they sum to 10 000. */
  readonly pools: Readonly<Record<Pool, number>>
  /** The most one payee may take of a pool, in basis points of that pool; the treasury is exempt. */
  readonly payeeCapBps: number
  /** Below this a payee is paid nothing and the amount is carried. Unit: token base units. */
  readonly payoutMin: bigint
  /** The ERC-20 that rewards are paid in. */
  readonly token: Hex
  readonly treasury: Hex
}

const u32 = z.int().min(0).max(0xffff_ffff)

const rulesetJson = z.strictObject({
  version: z.int().min(1).max(0xffff_ffff),
  firstBlock: z.int().min(0),
  epochBlockCount: z.int().min(1).max(10_000_000),
  rank: z.strictObject({
    iterationCount: z.int().min(1).max(1000),
    consumerPassThroughQ32: u32,
    assetPassThroughMaxQ32: u32,
  }),
  flow: z.strictObject({ stepCountMax: z.int().min(1).max(100_000) }),
  pools: z.strictObject(
    Object.fromEntries(POOLS.map((pool) => [pool, z.int().min(0).max(10_000)])) as Record<
      Pool,
      z.ZodInt
    >,
  ),
  payeeCapBps: z.int().min(1).max(10_000),
  payoutMin: z.string().regex(/^(0|[1-9][0-9]{0,28})$/),
  token: z.string(),
  treasury: z.string(),
})

/**
 * Decodes a ruleset from its JSON text; unknown keys are refused.
 *
 * @throws {RulesetMalformedError}
 */
export function parseRuleset(text: string): Ruleset {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new RulesetMalformedError('expected JSON', cause)
  }
  const parsed = rulesetJson.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new RulesetMalformedError(`${issue?.path.join('.') || 'ruleset'}: ${issue?.message}`)
  }
  const poolSum = POOLS.reduce((total, pool) => total + parsed.data.pools[pool], 0)
  if (BigInt(poolSum) !== BPS_WHOLE) {
    throw new RulesetMalformedError(`pools: expected a sum of 10000 basis points, found ${poolSum}`)
  }
  return {
    ...parsed.data,
    payoutMin: BigInt(parsed.data.payoutMin),
    token: parseAddress(parsed.data.token, 'token'),
    treasury: parseAddress(parsed.data.treasury, 'treasury'),
  }
}

/** The canonical JSON of a ruleset: fixed key order, no white space, integers of money as text. */
export function rulesetToJson(ruleset: Ruleset): string {
  return JSON.stringify({
    version: ruleset.version,
    firstBlock: ruleset.firstBlock,
    epochBlockCount: ruleset.epochBlockCount,
    rank: {
      iterationCount: ruleset.rank.iterationCount,
      consumerPassThroughQ32: ruleset.rank.consumerPassThroughQ32,
      assetPassThroughMaxQ32: ruleset.rank.assetPassThroughMaxQ32,
    },
    flow: { stepCountMax: ruleset.flow.stepCountMax },
    pools: Object.fromEntries(POOLS.map((pool) => [pool, ruleset.pools[pool]])),
    payeeCapBps: ruleset.payeeCapBps,
    payoutMin: ruleset.payoutMin.toString(),
    token: ruleset.token,
    treasury: ruleset.treasury,
  })
}

/** keccak256 of the canonical JSON. */
export function rulesetHash(ruleset: Ruleset): Hex {
  return keccak256(stringToBytes(rulesetToJson(ruleset)))
}

/** The first and the last block of an epoch (numbered from 1). */
export function epochBlocks(
  ruleset: Ruleset,
  epoch: number,
): { firstBlock: number; cutoffBlock: number } {
  const firstBlock = ruleset.firstBlock + (epoch - 1) * ruleset.epochBlockCount
  return { firstBlock, cutoffBlock: firstBlock + ruleset.epochBlockCount - 1 }
}

/** A ruleset's JSON is not one. */
export class RulesetMalformedError extends FatalError {
  constructor(detail: string, cause?: unknown) {
    super('RULESET_MALFORMED', `ruleset ${detail}`, { cause })
  }
}
