import { buildGraph, cappedSplit, largestRemainderByKey, rank } from '@foggara/gpu-analytics'
import { divFloor, sum } from '@foggara/schema'
import { expect, test } from 'vitest'

import { publishedRows, skipReason } from './published.ts'
import { LINK_TYPES, type LinkType, prepareRetroFunding } from './retro-funding-preparation.ts'

const FOLDER = 'retro-funding/S7-M6'
const MASS = 1n << 62n
/** Amounts are computed in OP's base units. */
const OP = 10n ** 18n
const BUDGET = 1_300_000n * OP
const REWARD_MIN = 200n * OP
const SHARE_MAX_PERCENT = 6n
/** `alpha_onchain` and `alpha_devtooling` of the round's parameters. */
const PASS_THROUGH_Q32 = { PACKAGE_DEPENDENCY: 2 ** 31, DEVELOPER_TO_DEVTOOLING_PROJECT: 2 ** 30 }

test.skipIf(skipReason(`${FOLDER}/expected__op_reward.csv`) !== '')(
  `Optimism Retro Funding S7/M6 comes out within 0.10 OP per project and sums to its budget${skipReason(`${FOLDER}/expected__op_reward.csv`)}`,
  async () => {
    const round = prepareRetroFunding(FOLDER)
    const scores = new Map<string, bigint>()
    for (const linkType of LINK_TYPES) {
      for (const [id, score] of await linkScores(round, linkType)) {
        scores.set(id, (scores.get(id) ?? 0n) + score)
      }
    }
    const eligible = [...scores]
      .filter(([id]) => round.eligibleIds.has(id))
      .map(([id, weight]) => ({ id, weight }))
    const rewards = divideBudget(eligible)

    expect(sum(rewards.values())).toBe(BUDGET)
    const published = publishedRows(`${FOLDER}/expected__op_reward.csv`)
    expect(published.length).toBe(258)
    for (const row of published) {
      const id = row.get('oso_project_id') ?? ''
      const found = Number(rewards.get(id) ?? 0n) / 1e18
      expect(Math.abs(found - Number(row.get('op_reward'))), id).toBeLessThanOrEqual(0.1)
    }
  },
)

/** One pass of the round: the score that a kind of link gives each developer tool. */
async function linkScores(
  round: ReturnType<typeof prepareRetroFunding>,
  linkType: LinkType,
): Promise<Map<string, bigint>> {
  // The published pipeline lets a later edge replace an earlier one of the same pair.
  const graph = buildGraph(round.edges[linkType], { parallelEdges: 'last' })
  const { scoreById } = await rank(graph, {
    weights: 'weighted',
    passThroughQ32: PASS_THROUGH_Q32[linkType],
    teleport: new Map(graph.ids.map((id) => [id, round.trust.get(id) ?? 0n])),
    start: 'teleport',
    stop: { type: 'count', iterationCount: 80 },
  })
  const ofTools = [...scoreById].filter(([id]) => round.toolIds.has(id))
  return largestRemainderByKey(MASS, new Map(ofTools))
}

/** The round's rule: rewards below the minimum are dropped and the rest divided again, capped. */
function divideBudget(claims: readonly { id: string; weight: bigint }[]): Map<string, bigint> {
  const cap = divFloor(BUDGET * SHARE_MAX_PERCENT, 100n)
  const first = cappedSplit(BUDGET, cap, claims)
  const kept = claims.filter((_, index) => (first.amounts[index] ?? 0n) >= REWARD_MIN)
  const second = cappedSplit(BUDGET, cap, kept)
  expect(second.unallocated).toBe(0n)
  return new Map(kept.map((claim, index) => [claim.id, second.amounts[index] ?? 0n]))
}
