import {
  type RankEngine,
  type RunOptions,
  allocationTree,
  computeEpoch,
  computeRewardsSql,
  computeScoresSql,
  headerFromManifest,
  scoresToLines,
  sha256OfLines,
  snapshotFromLines,
} from '@foggara/gpu-analytics'
import type { EpochResult, Hex, Pin } from '@foggara/schema'

import type { Rows } from '../score/rows.ts'
import { type Difference, firstDifference } from './first-difference.ts'
import {
  type StoredEpoch,
  type StoredResults,
  linesRelation,
  scoresRelation,
} from './read-epoch.ts'

/** What one engine found out about an epoch. */
export type EngineVerdict = {
  readonly scoresSha256: Hex
  readonly root: Hex
  readonly difference: Difference | undefined
}

/** Recomputes an epoch from its stored lines with a rank engine and compares every row. */
export async function verifyWithEngine(
  stored: StoredEpoch,
  results: StoredResults,
  engine: RankEngine,
  run: RunOptions = {},
): Promise<EngineVerdict> {
  const header = headerFromManifest(stored.manifest, stored.rulesetJson)
  const computed = await computeEpoch(snapshotFromLines(header, stored.lines), engine, run)
  const { scoresSha256, root } = computed.manifest
  const difference =
    scoreDifference(computed, results) ??
    rewardDifference(computed, results) ??
    digestDifference(stored, scoresSha256, root)
  return { scoresSha256, root, difference }
}

/** Recomputes an epoch from its stored lines in ClickHouse SQL and compares every row. */
export async function verifyWithSql(
  stored: StoredEpoch,
  results: StoredResults,
  rows: Rows,
  pin: Pin,
): Promise<EngineVerdict> {
  const header = headerFromManifest(stored.manifest, stored.rulesetJson)
  const lines = linesRelation(pin, stored.epoch)
  const scores = await computeScoresSql(rows, lines, header.ruleset)
  const scoresSha256 = sha256OfLines(scoresToLines(scores))
  const different = scoreDifference({ scores }, results)
  if (different !== undefined) {
    return { scoresSha256, root: stored.manifest.root, difference: different }
  }
  const rewards = await computeRewardsSql(rows, lines, scoresRelation(pin, stored.epoch), header)
  const { root } = allocationTree(header.ruleset.token, rewards.allocations)
  const difference =
    rewardDifference(rewards, results) ?? digestDifference(stored, scoresSha256, root)
  return { scoresSha256, root, difference }
}

function scoreDifference(
  computed: Pick<EpochResult, 'scores'>,
  results: StoredResults,
): Difference | undefined {
  return firstDifference({
    table: 'score',
    expected: computed.scores,
    found: results.scores,
    keyOf: ({ measure, id }) => `${measure} ${id}`,
  })
}

function rewardDifference(
  computed: Pick<EpochResult, 'pools' | 'parts' | 'withheld' | 'allocations'>,
  results: StoredResults,
): Difference | undefined {
  const parts = [
    ...computed.parts.map((part) => ({ ...part, withheldReason: '' as string })),
    ...computed.withheld.map(({ reason, ...part }) => ({ ...part, withheldReason: reason })),
  ]
  const partKey = (part: (typeof parts)[number]) =>
    `${part.account} ${part.pool} ${part.sourceId} ${part.withheldReason}`.trimEnd()
  return (
    firstDifference({
      table: 'epoch_pool',
      expected: computed.pools,
      found: results.pools,
      keyOf: ({ pool }) => pool,
    }) ??
    firstDifference({
      table: 'allocation_part',
      expected: parts.toSorted((a, b) => (partKey(a) < partKey(b) ? -1 : 1)),
      found: results.parts.toSorted((a, b) => (partKey(a) < partKey(b) ? -1 : 1)),
      keyOf: partKey,
    }) ??
    firstDifference({
      table: 'allocation',
      expected: computed.allocations,
      found: results.allocations.map(({ token: _token, proof: _proof, ...row }) => row),
      keyOf: ({ account }) => account,
    })
  )
}

function digestDifference(
  { manifest }: StoredEpoch,
  scoresSha256: Hex,
  root: Hex,
): Difference | undefined {
  const fields = { scoresSha256, root }
  return firstDifference({
    table: 'manifest',
    expected: [fields],
    found: [{ scoresSha256: manifest.scoresSha256, root: manifest.root }],
    keyOf: () => 'digests',
  })
}
