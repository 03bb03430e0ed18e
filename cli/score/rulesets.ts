import {
  FatalError,
  type Relations,
  type Ruleset,
  epochBlocks,
  parseRuleset,
  rulesetHash,
} from '@foggara/schema'
import { z } from 'zod'

import { type Rows, hexText, readRows, smallNumber } from './rows.ts'

/** A ruleset with how it was published. */
export type PublishedRuleset = {
  readonly ruleset: Ruleset
  /** The text on chain. */
  readonly json: string
  readonly activeFromEpoch: number
  readonly block: number
}

const rulesetRow = z.object({
  version: smallNumber,
  activeFromEpoch: smallNumber,
  hash: hexText,
  json: z.string(),
  block: smallNumber,
})

/**
 * Every published ruleset, newest version first.
 *
 * @throws {RulesetMalformedError | RulesetHashError}
 */
export async function readRulesets(rows: Rows, from: Relations): Promise<PublishedRuleset[]> {
  const published = await readRows(
    rows,
    rulesetRow,
    `select source.version as "version", source.active_from_epoch as "activeFromEpoch",
      concat('0x', lower(hex(source.hash))) as "hash", source.json as "json",
      source.block as "block"
    from ${from.relation('ruleset')} as source
    order by source.version desc`,
  )
  return published.map(({ version, hash, json, activeFromEpoch, block }) => {
    const ruleset = parseRuleset(json)
    const found = rulesetHash(ruleset)
    if (found !== hash) throw new RulesetHashError(version, hash, found)
    return { ruleset, json, activeFromEpoch, block }
  })
}

/**
 * The ruleset of an epoch: the newest that is active from it or earlier and was published by the
 * epoch's last block, so that nothing published later can change a closed epoch.
 */
export function rulesetOf(
  rulesets: readonly PublishedRuleset[],
  epoch: number,
): PublishedRuleset | undefined {
  return rulesets.find(
    ({ ruleset, activeFromEpoch, block }) =>
      activeFromEpoch <= epoch && block <= epochBlocks(ruleset, epoch).cutoffBlock,
  )
}

/** A ruleset's text does not have the hash that the chain recorded. */
export class RulesetHashError extends FatalError {
  constructor(version: number, expected: string, found: string) {
    super(
      'RULESET_HASH_MISMATCH',
      `ruleset ${version}: expected canonical JSON with hash ${expected}, found ${found}`,
    )
  }
}
