import { SCORE_MASS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compareRanks } from './compare-results.ts'
import type { RankEngine } from './engine.ts'
import { EngineUnavailableError, EngineUnknownError, engineOf } from './engines.ts'
import { buildGraph } from './graph/build-graph.ts'
import { type RankRules, rank, rankProblemOf } from './rank.ts'
import { rankReference } from './reference/rank.ts'
import { RulesMalformedError } from './rules.ts'
import { RunAbortedError } from './run-aborted.ts'

const node = fc.nat(9).map((number) => `n${number}`)
const weight = fc.bigInt(1n, 1n << 90n)
const rows = fc.array(fc.record({ from: node, to: node, weight }), { minLength: 1, maxLength: 30 })

const RULES: RankRules = {
  weights: 'weighted',
  passThroughQ32: 3_650_722_202,
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: 12 },
}
const CHAIN = buildGraph([
  { from: 'c', to: 'b', weight: 3n },
  { from: 'b', to: 'a', weight: 2n },
])

test('scores by id are those of the definition, and the scale of the teleport does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.bigInt(1n, 1n << 70n), async (list, scale) => {
      const graph = buildGraph(list)
      const teleport = new Map(graph.ids.map((id, index) => [id, BigInt(index % 3) + 1n]))
      const scaled = new Map([...teleport].map(([id, share]) => [id, share * scale]))
      const found = await rank(graph, { ...RULES, teleport })
      const expected = rankReference(rankProblemOf(graph, { ...RULES, teleport: scaled }))
      expect(compareRanks(found, expected)).toEqual({ type: 'equal' })
      expect([...found.scoreById.keys()]).toEqual(graph.ids)
      expect(sum(found.scoreById.values()) + found.dust).toBe(SCORE_MASS)
    }),
    { seed: 20_261_101, numRuns: 40 },
  )
})

test('a node that a map of pass-throughs does not name passes nothing on', async () => {
  const passThroughQ32 = new Map([['c', 2 ** 31]])
  const { scoreById } = await rank(CHAIN, { ...RULES, passThroughQ32 })
  const teleported = scoreById.get('a')
  expect(scoreById.get('c')).toBe(teleported)
  expect(scoreById.get('b')).toBeGreaterThan(teleported ?? 0n)
})

test('an empty graph has no scores, and all of the mass is dust', async () => {
  const found = await rank(buildGraph([]), { ...RULES, teleport: new Map() })
  expect(found).toMatchObject({ scoreById: new Map(), dust: SCORE_MASS, delta: 0n })
})

test('two results that differ name the first place where they do', async () => {
  const left = await rank(CHAIN, RULES)
  const right = await rank(CHAIN, { ...RULES, stop: { type: 'count', iterationCount: 11 } })
  expect(compareRanks(left, right)).toMatchObject({ type: 'different', field: 'iterationCount' })
  const shifted = { ...left, scores: left.scores.map((score, index) => score + BigInt(index)) }
  expect(compareRanks(left, shifted)).toMatchObject({ field: 'scores', index: 1 })
})

test.each([
  ['a damping factor that is a fraction', { passThroughQ32: 0.85 }],
  ['a pass-through of 2^32', { passThroughQ32: 2 ** 32 }],
  ['an id that the graph lacks', { teleport: new Map([['x', 1n]]) }],
  ['a negative teleport', { teleport: new Map([['a', -1n]]) }],
  ['a count that is no number', { stop: { type: 'count', iterationCount: Number.NaN } }],
  ['a negative delta', { stop: { type: 'delta', deltaMax: -1n, iterationCountMax: 9 } }],
] as const)('%s is refused with a typed error', async (_, change) => {
  await expect(rank(CHAIN, { ...RULES, ...change })).rejects.toThrow(RulesMalformedError)
})

test('a teleport without any weight is refused', async () => {
  await expect(rank(CHAIN, { ...RULES, teleport: new Map() })).rejects.toMatchObject({
    code: 'SPLIT_WITHOUT_WEIGHT',
  })
})

test('an engine by name is made once, and an unknown name says which there are', async () => {
  expect(await engineOf('wasm')).toBe(await engineOf('wasm'))
  const unknown: string = 'cuda'
  const refused = rank(CHAIN, RULES, { engine: unknown as 'wasm' })
  await expect(refused).rejects.toThrow(EngineUnknownError)
  await expect(refused).rejects.toThrow(/reference.*wasm.*found cuda/)
})

test('an engine that cannot start says why and what to take instead', () => {
  const error = new EngineUnavailableError('wasm', new Error('no SIMD'))
  expect(error).toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringMatching('SIMD'),
  })
  expect(error.hint).toContain('reference')
})

test.each(['reference', 'wasm'] as const)(
  'a run on %s tells its progress and stops when its signal says so',
  async (engine) => {
    const counts: number[] = []
    const onProgress = ({ count }: { count: number }) => counts.push(count)
    await rank(CHAIN, RULES, { engine, onProgress })
    expect(counts.at(-1)).toBe(12)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    const stop = new AbortController()
    const endless = { ...RULES, stop: { type: 'count', iterationCount: 1_000_000_000 } } as const
    const stopped = rank(CHAIN, endless, {
      engine,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(stopped).rejects.toThrow(RunAbortedError)
    const before = rank(CHAIN, RULES, { engine, signal: AbortSignal.abort() })
    await expect(before).rejects.toThrow(RunAbortedError)
  },
)

test('an engine of the caller computes what is asked of it', async () => {
  const mine: RankEngine = {
    name: 'reference',
    rank: async (problem) => ({
      ...rankReference(problem),
      execution: { engine: 'reference', notes: ['mine'] },
    }),
    flow: () => Promise.reject(new Error('unused')),
  }
  expect((await rank(CHAIN, RULES, { engine: mine })).execution.notes).toEqual(['mine'])
})
