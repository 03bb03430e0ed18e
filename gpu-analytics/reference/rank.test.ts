import { SCORE_MASS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { RankProblemError } from '../check-problem.ts'
import type { RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { type Graph, type GraphRow, buildGraph } from '../graph/build-graph.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { largestRemainder } from '../split/largest-remainder.ts'
import { rankReference } from './rank.ts'

const node = fc.nat(12).map((number) => `n${number}`)
const weight = fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 1n << 90n))
const rows = fc.array(fc.record({ from: node, to: node, weight }), { minLength: 1, maxLength: 50 })

type NamedProblem = RankProblem & { readonly graph: Graph }

function problemOf(
  list: readonly GraphRow[],
  change: Partial<Omit<RankProblem, 'graph'>> = {},
): NamedProblem {
  const graph = buildGraph(list)
  return {
    graph,
    weights: normaliseWeights(graph),
    passThroughQ32: new Uint32Array(graph.ids.length).fill(Math.round(0.85 * 2 ** 32)),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount: 20 },
    ...change,
  }
}

function scoresById(problem: NamedProblem): Map<string, bigint> {
  const { scores } = rankReference(problem)
  return new Map(problem.graph.ids.map((id, index) => [id, at(scores, index)]))
}

test('scores and dust are the whole mass', () => {
  fc.assert(
    fc.property(rows, fc.boolean(), (list, isEqual) => {
      const problem = problemOf(list, isEqual ? { weights: 'equal' } : {})
      const { scores, dust } = rankReference(problem)
      expect(sum(scores) + dust).toBe(SCORE_MASS)
      expect(dust < BigInt(scores.length)).toBe(true)
    }),
    { seed: 20_260_806 },
  )
})

test('renaming the nodes moves no score', () => {
  fc.assert(
    fc.property(rows, (list) => {
      const rename = (id: string) => `x${99 - Number(id.slice(1))}`
      const renamed = list.map((row) => ({ ...row, from: rename(row.from), to: rename(row.to) }))
      const before = scoresById(problemOf(list))
      const after = scoresById(problemOf(renamed))
      expect(after).toEqual(new Map([...before].map(([id, score]) => [rename(id), score])))
    }),
    { seed: 20_260_807 },
  )
})

/** Floating-point power iteration, written apart from the engine. */
function floatRank(problem: NamedProblem, damping: number, iterationCount: number): number[] {
  const { graph } = problem
  const n = graph.ids.length
  const totals = Array.from({ length: n }, () => 0)
  for (const [edge, source] of graph.sources.entries()) {
    totals[source] = at(totals, source) + Number(graph.weights[edge])
  }
  let scores = Array.from({ length: n }, () => 1 / n)
  for (let iteration = 0; iteration < iterationCount; iteration++) {
    const next = Array.from({ length: n }, () => 0)
    for (const [edge, source] of graph.sources.entries()) {
      const target = at(graph.targets, edge)
      const share = Number(graph.weights[edge]) / at(totals, source)
      next[target] = at(next, target) + damping * at(scores, source) * share
    }
    const rest = 1 - next.reduce((left, right) => left + right, 0)
    scores = next.map((score) => score + rest / n)
  }
  return scores
}

test('scores are those of floating-point PageRank to nine digits', () => {
  fc.assert(
    fc.property(rows, (list) => {
      const problem = problemOf(list)
      const { scores } = rankReference(problem)
      for (const [index, expected] of floatRank(problem, 0.85, 20).entries()) {
        expect(Number(at(scores, index)) / 2 ** 62).toBeCloseTo(expected, 8)
      }
    }),
    { seed: 20_260_808 },
  )
})

// networkx, networkx/algorithms/link_analysis/tests/test_pagerank.py (BSD-3-Clause): the graph of
// Langville and Meyer, and the vectors of its tests.
const LANGVILLE_MEYER = ['12', '13', '31', '32', '35', '45', '46', '54', '56', '64']

test("networkx's vector of the Langville-Meyer graph, damping 0.9", () => {
  const list = LANGVILLE_MEYER.map((pair) => ({ from: at(pair, 0), to: at(pair, 1), weight: 1n }))
  const problem = problemOf(list, {
    weights: 'equal',
    passThroughQ32: new Uint32Array(6).fill(Math.round(0.9 * 2 ** 32)),
    stop: { type: 'delta', deltaMax: 1n << 20n, iterationCountMax: 500 },
  })
  const published = [0.03721197, 0.05395735, 0.04150565, 0.37508082, 0.20599833, 0.28624589]
  for (const [index, score] of rankReference(problem).scores.entries()) {
    expect(Math.abs(Number(score) / 2 ** 62 - at(published, index))).toBeLessThan(1e-8)
  }
})

test("networkx's vector of a multigraph, whose parallel edges are summed", () => {
  const pairs = ['ab', 'ab', 'ab', 'bc', 'bc', 'dc', 'dc']
  const list = pairs.flatMap((pair) => [
    { from: at(pair, 0), to: at(pair, 1), weight: 1n },
    { from: at(pair, 1), to: at(pair, 0), weight: 1n },
  ])
  const published = [
    0.21066048614468322, 0.3395308825985378, 0.28933951385531687, 0.16046911740146227,
  ]
  const problem = problemOf(list, { stop: { type: 'count', iterationCount: 200 } })
  for (const [index, score] of rankReference(problem).scores.entries()) {
    expect(Math.abs(Number(score) / 2 ** 62 - at(published, index))).toBeLessThan(1e-6)
  }
})

test('a personalised teleport starts from its own vector and feeds only its nodes', () => {
  const list = [
    { from: 'a', to: 'b', weight: 1n },
    { from: 'c', to: 'b', weight: 1n },
  ]
  const teleport = BigUint64Array.from(
    largestRemainder(SCORE_MASS, [
      { id: 'a', weight: 1n },
      { id: 'b', weight: 0n },
      { id: 'c', weight: 0n },
    ]),
  )
  const half = new Uint32Array(3).fill(2 ** 31)
  const problem = problemOf(list, { teleport, start: 'teleport', passThroughQ32: half })
  const still = { ...problem, stop: { type: 'count', iterationCount: 0 } } as const
  expect(rankReference(still).scores).toEqual(teleport)
  const { scores, dust } = rankReference(problem)
  expect([...scores].map((score) => score !== 0n)).toEqual([true, true, false])
  expect(sum(scores) + dust).toBe(SCORE_MASS)
})

test('a stop rule ends the run at the first small step', () => {
  const list = [
    { from: 'a', to: 'b', weight: 1n },
    { from: 'b', to: 'a', weight: 1n },
    { from: 'c', to: 'a', weight: 1n },
  ]
  const deltaMax = 1n << 40n
  const result = rankReference(
    problemOf(list, { stop: { type: 'delta', deltaMax, iterationCountMax: 1000 } }),
  )
  expect(result.delta <= deltaMax).toBe(true)
  expect(result.iterationCount).toBeGreaterThan(1)
  expect(result.iterationCount).toBeLessThan(1000)
})

test('vectors that do not fit the graph are refused', () => {
  const problem = problemOf([{ from: 'a', to: 'b', weight: 1n }])
  const short = { ...problem, passThroughQ32: new Uint32Array(1) }
  expect(() => rankReference(short)).toThrow(RankProblemError)
  const heavy = { ...problem, teleport: BigUint64Array.of(SCORE_MASS, 1n) }
  expect(() => rankReference(heavy)).toThrow(RankProblemError)
})
