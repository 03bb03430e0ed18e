import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type FlowRules, flowProblemOf } from '../flow.ts'
import { at } from '../graph/at.ts'
import { type GraphRow, buildGraph } from '../graph/build-graph.ts'
import { type RankRules, rankProblemOf } from '../rank.ts'
import { flowReference } from '../reference/flow.ts'
import { rankReference } from '../reference/rank.ts'
import { RunAbortedError } from '../run-aborted.ts'
import { type Explanation, explainFlow, explainRank } from './explain-node.ts'
import { RecordTooLargeError, recordFlow, recordRank } from './record-run.ts'
import { NodeUnknownError, topPaths } from './top-paths.ts'

const node = fc.nat(6).map((number) => `n${number}`)
const rows = fc.array(fc.record({ from: node, to: node, weight: fc.bigInt(1n, 40n) }), {
  minLength: 1,
  maxLength: 14,
})
const amounts = fc.array(fc.bigInt(0n, 1n << 70n), { minLength: 7, maxLength: 7 })
const count = fc.integer({ min: 0, max: 12 })

const RANK_RULES: RankRules = {
  weights: 'weighted',
  passThroughQ32: 3_000_000_000,
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: 9 },
}

function flowRules(ids: readonly string[], drawn: readonly bigint[]): FlowRules {
  const inflow = new Map(
    ids.map((id, index) => [id, drawn[Number(id.slice(-1))] ?? at(drawn, index)]),
  )
  return { inflow, keepFingers: { restOf: 100n }, stepCountMax: 12 }
}

async function explainAll(
  list: readonly GraphRow[],
  drawn: readonly bigint[],
  pathCount: number,
): Promise<Map<string, readonly Explanation[]>> {
  const graph = buildGraph(list)
  const explained = new Map<string, readonly Explanation[]>()
  for (const id of graph.ids) {
    explained.set(id, [
      await explainRank(graph, RANK_RULES, id, { count: pathCount }),
      await explainFlow(graph, flowRules(graph.ids, drawn), id, { count: pathCount }),
    ])
  }
  return explained
}

test('paths and remainder sum to the score and to what was kept, to the unit', async () => {
  await fc.assert(
    fc.asyncProperty(rows, amounts, count, async (list, drawn, pathCount) => {
      const graph = buildGraph(list)
      const { scores } = rankReference(rankProblemOf(graph, RANK_RULES))
      const { kept } = flowReference(flowProblemOf(graph, flowRules(graph.ids, drawn)))
      for (const [id, explanations] of await explainAll(list, drawn, pathCount)) {
        const index = graph.indexById.get(id) ?? -1
        expect(explanations.map((one) => one.total)).toEqual([scores[index], kept[index]])
        for (const { total, paths, remainder, isComplete } of explanations) {
          expect(sum(paths.map((path) => path.amount)) + remainder).toBe(total)
          expect(remainder >= 0n).toBe(true)
          expect(paths.length).toBeLessThanOrEqual(pathCount)
          expect(isComplete).toBe(true)
        }
      }
    }),
    { seed: 20_261_110, numRuns: 60 },
  )
})

test('fewer paths are the first of more, and none is larger than the one before', async () => {
  await fc.assert(
    fc.asyncProperty(rows, amounts, count, async (list, drawn, pathCount) => {
      const more = await explainAll(list, drawn, 30)
      for (const [id, explanations] of await explainAll(list, drawn, pathCount)) {
        for (const [index, { paths }] of explanations.entries()) {
          const longer = more.get(id)?.[index]?.paths ?? []
          expect(paths).toEqual(longer.slice(0, pathCount))
          for (const [place, path] of longer.slice(1).entries()) {
            expect(path.amount <= at(longer, place).amount).toBe(true)
          }
        }
      }
    }),
    { seed: 20_261_111, numRuns: 30 },
  )
})

test('every path follows edges of the graph and begins where something entered', async () => {
  await fc.assert(
    fc.asyncProperty(rows, amounts, async (list, drawn) => {
      const edges = new Set(list.map((row) => `${row.from} ${row.to}`))
      for (const [id, explanations] of await explainAll(list, drawn, 20)) {
        for (const { ids, origin } of explanations.flatMap((one) => one.paths)) {
          expect(ids.at(-1)).toBe(id)
          expect(['inflow', 'teleport', 'start']).toContain(origin)
          for (const [place, from] of ids.slice(0, -1).entries()) {
            expect(edges).toContain(`${from} ${at(ids, place + 1)}`)
          }
        }
      }
    }),
    { seed: 20_261_112, numRuns: 30 },
  )
})

test('the order of rows changes nothing, and other names change no amount', async () => {
  await fc.assert(
    fc.asyncProperty(rows, amounts, count, async (list, drawn, pathCount) => {
      const before = await explainAll(list, drawn, pathCount)
      expect(await explainAll(list.toReversed(), drawn, pathCount)).toEqual(before)
      const rename = (id: string) => `x${(Number(id.slice(1)) * 3 + 2) % 7}`
      const renamed = list.map((row) => ({ ...row, from: rename(row.from), to: rename(row.to) }))
      const moved = drawn.map((_, index) => at(drawn, ((index + 5) * 5) % 7))
      const after = await explainAll(renamed, moved, pathCount)
      const amountsOf = (explanations: readonly Explanation[] | undefined) =>
        explanations?.map(({ paths, remainder }) => [
          ...paths.map((path) => path.amount),
          remainder,
        ])
      for (const [id, explanations] of before) {
        expect(amountsOf(after.get(rename(id)))).toEqual(amountsOf(explanations))
      }
    }),
    { seed: 20_261_113, numRuns: 40 },
  )
})

test('without a cycle, all paths together miss only what floors left of many units', async () => {
  await fc.assert(
    fc.asyncProperty(rows, amounts, async (list, drawn) => {
      const downward = list.filter((row) => row.from > row.to)
      for (const [, [, kept]] of await explainAll(downward, drawn, 10_000)) {
        expect((kept?.remainder ?? -1n) < 1000n).toBe(true)
      }
    }),
    { seed: 20_261_115, numRuns: 40 },
  )
})

test('a diamond is explained by its paths where everything divides', async () => {
  const diamond = buildGraph([
    { from: 'd', to: 'b', weight: 10n },
    { from: 'd', to: 'c', weight: 20n },
    { from: 'b', to: 'a', weight: 10n },
    { from: 'c', to: 'a', weight: 10n },
  ])
  const rules: FlowRules = {
    inflow: new Map([
      ['d', 10_000n],
      ['c', 500n],
    ]),
    keepFingers: { restOf: 100n },
    stepCountMax: 9,
  }
  expect(await explainFlow(diamond, rules, 'a', { count: 9 })).toEqual({
    total: 350n,
    paths: [
      { ids: ['d', 'c', 'a'], origin: 'inflow', amount: 200n },
      { ids: ['d', 'b', 'a'], origin: 'inflow', amount: 100n },
      { ids: ['c', 'a'], origin: 'inflow', amount: 50n },
    ],
    remainder: 0n,
    isComplete: true,
  })
})

test("a rank's paths begin at the teleport, and a pass-through of a half halves them", async () => {
  const chain = buildGraph([
    { from: 'c', to: 'b', weight: 1n },
    { from: 'b', to: 'a', weight: 1n },
  ])
  const teleport = new Map([['c', 1n]])
  const rules = { ...RANK_RULES, passThroughQ32: 2 ** 31, teleport, start: 'teleport' } as const
  const { total, paths, remainder } = await explainRank(chain, rules, 'a', { count: 1 })
  expect(paths).toMatchObject([{ ids: ['c', 'b', 'a'], origin: 'teleport' }])
  expect(total - (paths[0]?.amount ?? 0n)).toBe(remainder)
  expect(remainder < 4n).toBe(true)
})

test("each edge's recorded amounts sum to its total, and each iteration to the scores", async () => {
  await fc.assert(
    fc.asyncProperty(rows, amounts, async (list, drawn) => {
      const graph = buildGraph(list)
      const flow = await recordFlow(flowProblemOf(graph, flowRules(graph.ids, drawn)))
      for (const [edge, total] of flow.result.edgeTotals.entries()) {
        expect(sum(flow.steps.map((step) => at(step.edgeAmounts, edge)))).toBe(total)
      }
      const rank = await recordRank(rankProblemOf(graph, RANK_RULES))
      expect(rank.steps.length).toBe(9)
      for (const { edgeAmounts, shares, scores } of rank.steps) {
        expect(sum(edgeAmounts) + sum(shares)).toBe(sum(scores))
      }
      expect(rank.steps.at(-1)?.scores).toEqual([...rank.result.scores])
    }),
    { seed: 20_261_114, numRuns: 40 },
  )
})

test('a record of the last steps names what was there before them', async () => {
  const circle = buildGraph([
    { from: 'a', to: 'b', weight: 1n },
    { from: 'b', to: 'a', weight: 1n },
  ])
  const { total, paths, remainder } = await explainRank(circle, RANK_RULES, 'a', {
    count: 9,
    recordedCountMax: 1,
  })
  expect(paths.map(({ ids, origin }) => [ids.join(' '), origin])).toEqual([
    ['b a', 'earlier'],
    ['a', 'teleport'],
  ])
  expect(remainder).toBe(0n)
  expect(total).toBe(sum(paths.map((path) => path.amount)))
})

test('a search that meets its bound says so and still sums', async () => {
  const nodes = Array.from({ length: 8 }, (_, index) => `n${index}`)
  const all = buildGraph(
    nodes.flatMap((from) => nodes.map((to) => ({ from, to, weight: 1n }))),
    { selfLoops: 'keep' },
  )
  const record = await recordRank(rankProblemOf(all, RANK_RULES))
  const found = topPaths(record, 3, { count: 100_000, candidateCountMax: 500 })
  expect(found.isComplete).toBe(false)
  expect(sum(found.paths.map((path) => path.amount)) + found.remainder).toBe(found.total)
})

test('unknown nodes, records too large and aborted runs are typed errors', async () => {
  const graph = buildGraph([{ from: 'a', to: 'b', weight: 1n }])
  const unknown = explainRank(graph, RANK_RULES, 'z', { count: 1 })
  await expect(unknown).rejects.toThrow(NodeUnknownError)
  const record = await recordRank(rankProblemOf(graph, RANK_RULES))
  expect(() => topPaths(record, 2, { count: 1 })).toThrow(NodeUnknownError)
  const endless = { ...RANK_RULES, stop: { type: 'count', iterationCount: 1e9 } } as const
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 5)
  const stopped = explainRank(graph, endless, 'a', { count: 1, signal: abort.signal })
  await expect(stopped).rejects.toThrow(RunAbortedError)
  expect(new RecordTooLargeError(5_000_000)).toMatchObject({ code: 'RECORD_TOO_LARGE' })
})
