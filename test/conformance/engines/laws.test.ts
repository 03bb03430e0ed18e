import {
  type Graph,
  type RankProblem,
  type RankRules,
  buildGraph,
  normaliseWeights,
  outWeights,
  rank,
  rankProblemOf,
  referenceEngine,
} from '@foggara/gpu-analytics'
import { SCORE_MASS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ENGINES_UNDER_TEST, type OpenedEngine } from './engines-under-test.ts'
import { type ExactWeights, exactRank } from './exact-rank.ts'
import { RANK_CASES } from './rank-cases.ts'
import { relabelled, shuffledNumbers } from './relabelled.ts'

const RENUMBERED = [
  '257 nodes, equal and personalised',
  'uint256 weights',
  'self loops',
  'directed RMAT, weighted',
  'usage graph, personalised',
]
const FOLLOWED = ['65 nodes', 'all dangling, personalised', 'uint256 weights']

describe.each(ENGINES_UNDER_TEST)('$name', ({ name, open, skip }) => {
  let engine: OpenedEngine
  beforeAll(async () => {
    if (skip({ measure: 'rank', size: 'small' }) === undefined) engine = await open()
  })
  afterAll(async () => {
    await engine?.close?.()
  })

  for (const rankCase of RANK_CASES.filter((one) => RENUMBERED.includes(one.name))) {
    const reason = skip({ measure: 'rank', size: rankCase.size })
    const why = reason === undefined ? '' : ` (skipped: ${reason})`
    test.skipIf(reason !== undefined)(
      `numbering the nodes another way moves no score of ${rankCase.name}${why}`,
      async () => {
        const problem = rankCase.problem()
        const numbers = shuffledNumbers(problem.graph.nodeCount)
        const before = await engine.rank(problem)
        const after = await engine.rank(relabelled(problem, numbers))
        expect(Array.from(numbers, (number) => after.scores[number])).toEqual([...before.scores])
        expect(after.dust).toBe(before.dust)
        expect(after.delta).toBe(before.delta)
      },
    )
  }

  for (const rankCase of RANK_CASES.filter((one) => FOLLOWED.includes(one.name))) {
    const reason = skip({ measure: 'rank', size: rankCase.size })
    const why = reason === undefined ? '' : ` (skipped: ${reason})`
    test.skipIf(reason !== undefined)(
      `scores and dust are the whole mass after every iteration of ${rankCase.name}${why}`,
      async () => {
        const problem = rankCase.problem()
        for (let iterationCount = 0; iterationCount < 6; iterationCount++) {
          const stop = { type: 'count', iterationCount } as const
          const { scores, dust } = await engine.rank({ ...problem, stop })
          expect(sum(scores) + dust).toBe(SCORE_MASS)
          expect(dust >= 0n).toBe(true)
          const expected = await referenceEngine.rank({ ...problem, stop })
          expect(scores, `${name}, iteration ${iterationCount}`).toEqual(expected.scores)
        }
      },
    )
  }
})

describe.each(ENGINES_UNDER_TEST)('$name', ({ open, skip }) => {
  const reason = skip({ measure: 'rank', size: 'medium' })
  const why = reason === undefined ? '' : ` (skipped: ${reason})`
  test.skipIf(reason !== undefined)(
    `a run hears in its midst that it shall stop, and the engine runs on${why}`,
    async () => {
      const engine: OpenedEngine = await open()
      const problem = (
        RANK_CASES.find(({ name }) => name === 'Kronecker, equal') ?? RANK_CASES[0]
      )?.problem()
      if (problem === undefined) throw new Error('expected a case')
      const stop = { type: 'count', iterationCount: 1_000_000 } as const
      const abort = new AbortController()
      setTimeout(() => abort.abort(), 100)
      const run = engine.rank({ ...problem, stop }, { signal: abort.signal })
      await expect(run).rejects.toMatchObject({ code: 'RUN_ABORTED' })
      const once = { ...problem, stop: { ...stop, iterationCount: 1 } }
      expect((await engine.rank(once)).iterationCount).toBe(1)
      await engine.close?.()
    },
  )
})

const node = fc.nat(6).map((number) => `n${number}`)
const weight = fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 1n << 120n))
const rows = fc.array(fc.record({ from: node, to: node, weight }), { minLength: 1, maxLength: 16 })
const rankRules = fc.record({
  seeds: fc.option(fc.array(fc.bigInt(1n, 1000n), { minLength: 7, maxLength: 7 })),
  fractions: fc.array(fc.nat(3_865_470_566), { minLength: 7, maxLength: 7 }),
})
/** `2·0.9^600·2^62` is below one unit: what stopping costs cannot be seen. */
const SETTLED = { type: 'count', iterationCount: 600 } as const

type Drawn = { readonly seeds: readonly bigint[] | null; readonly fractions: readonly number[] }

function rulesOf(graph: Graph, { seeds, fractions }: Drawn, weights: RankRules['weights']) {
  const teleport =
    seeds === null ? 'uniform' : new Map(graph.ids.map((id, at) => [id, seeds[at] ?? 0n]))
  const passThroughQ32 = new Map(graph.ids.map((id, at) => [id, fractions[at] ?? 0]))
  return { weights, passThroughQ32, teleport, start: 'uniform', stop: SETTLED } as const
}

/** `Σ |score − exact·2^62|` and the bound on it, both over the same positive denominator. */
function errorOf(problem: RankProblem, scores: BigUint64Array, exact: ExactWeights) {
  const { numerators, denominator } = exactRank(problem, exact)
  const error = sum(
    Array.from(scores, (score, at) => {
      const distance = score * denominator - (numerators[at] ?? 0n) * SCORE_MASS
      return distance < 0n ? -distance : distance
    }),
  )
  return { error, denominator }
}

/** The largest pass-through of a problem's nodes, as parts of 2^32. */
function largestOf({ passThroughQ32 }: RankProblem): bigint {
  return BigInt(Math.max(...passThroughQ32))
}

test('equal edges: the error is below 2(m + 2n)/(1 − d) units, against exact fractions', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rankRules, async (list, drawn) => {
      const graph = buildGraph(list)
      const rules = rulesOf(graph, drawn, 'equal')
      const problem = rankProblemOf(graph, rules)
      const { scores } = await rank(graph, rules)
      const { error, denominator } = errorOf(problem, scores, {
        weights: graph.weights.map(() => 1n),
        totals: Array.from(graph.outDegrees, BigInt),
      })
      const units = BigInt(graph.sources.length + 2 * graph.nodeCount)
      const rest = (1n << 32n) - largestOf(problem)
      expect(error * rest <= ((2n * units) << 32n) * denominator + rest * denominator).toBe(true)
    }),
    { seed: 20_261_103, numRuns: 60 },
  )
})

test('weighted edges: the same with 2m + 2n, and the mantissas cost what is stated', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rankRules, async (list, drawn) => {
      const graph = buildGraph(list)
      const rules = rulesOf(graph, drawn, 'weighted')
      const problem = rankProblemOf(graph, rules)
      const { scores } = await rank(graph, rules)
      const units = BigInt(2 * graph.sources.length + 2 * graph.nodeCount)
      const largest = largestOf(problem)
      const rest = (1n << 32n) - largest

      const { mantissas, shifts } = normaliseWeights(graph)
      const rounded = errorOf(problem, scores, {
        weights: Array.from(mantissas, BigInt),
        totals: Array.from(shifts, (shift) => 1n << BigInt(31 + shift)),
      })
      const floors = (2n * units) << 32n
      expect(rounded.error * rest <= (floors + rest) * rounded.denominator).toBe(true)

      const exact = errorOf(problem, scores, { weights: graph.weights, totals: outWeights(graph) })
      const ofMantissas = (2n * largest * SCORE_MASS) >> 31n
      const allowed = floors + ofMantissas + rest
      expect(exact.error * rest <= allowed * exact.denominator).toBe(true)
    }),
    { seed: 20_261_104, numRuns: 60 },
  )
})

test('other names and another order of rows change no score', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rankRules, fc.nat(1000), async (list, { fractions }, salt) => {
      const graph = buildGraph(list)
      const renamed = (id: string) => `x${(Number(id.slice(1)) * 5 + salt) % 7}`
      const shuffled = list
        .map((row) => ({ ...row, from: renamed(row.from), to: renamed(row.to) }))
        .toReversed()
      const seed = graph.ids[salt % graph.nodeCount] ?? ''
      const rules = {
        ...rulesOf(graph, { seeds: null, fractions }, 'weighted'),
        stop: { type: 'count', iterationCount: 20 },
      } as const
      const byOther = <Value>(values: ReadonlyMap<string, Value>) =>
        new Map([...values].map(([id, value]) => [renamed(id), value]))
      const passThroughQ32 = byOther(rules.passThroughQ32)
      for (const teleport of ['uniform', new Map([[seed, 1n]])] as const) {
        const before = await rank(graph, { ...rules, teleport })
        const after = await rank(buildGraph(shuffled), {
          ...rules,
          passThroughQ32,
          teleport: teleport === 'uniform' ? teleport : byOther(teleport),
        })
        expect(after.scoreById).toEqual(byOther(before.scoreById))
      }
    }),
    { seed: 20_261_105, numRuns: 30 },
  )
})
