import { buildGraph, compareRanks, rank } from '@foggara/gpu-analytics'
import { expect, test } from 'vitest'

import { publishedText, skipReason } from './published.ts'

const FILE = 'graph-golden/networkx/langville-meyer.json'

type Vectors = {
  readonly edges: readonly (readonly [number, number])[]
  readonly pagerank: readonly number[]
  readonly dangling_vector: Readonly<Record<string, number>>
  readonly dangling_pagerank: readonly number[]
  readonly personalization_complete4: {
    readonly weights: readonly number[]
    readonly alpha: number
    readonly expect: readonly number[]
  }
}

test.skipIf(skipReason(FILE) !== '')(
  `networkx's Langville-Meyer vectors come out to their precision${skipReason(FILE)}`,
  async () => {
    const { edges, pagerank, dangling_vector, dangling_pagerank } = vectors()
    const rows = edges.map(([from, to]) => edge(from, to, 1))
    expect(largestDistance(await rankOf(rows, 0.9), pagerank)).toBeLessThan(1e-8)

    // With a vector of its own, networkx uses its default damping and its tolerance of 1e-6.
    const dangling = Object.entries(dangling_vector).map(([to, weight]) =>
      edge(2, Number(to), weight),
    )
    expect(
      largestDistance(await rankOf([...rows, ...dangling], 0.85), dangling_pagerank),
    ).toBeLessThan(1e-6)
  },
)

test.skipIf(skipReason(FILE) !== '')(
  `networkx's personalised vector comes out within its own tolerance${skipReason(FILE)}`,
  async () => {
    const { weights, alpha, expect: published } = vectors().personalization_complete4
    const rows = [1, 2, 3, 4].flatMap((from) =>
      [1, 2, 3, 4].filter((to) => to !== from).map((to) => edge(from, to, 1)),
    )
    expect(largestDistance(await rankOf(rows, alpha, weights), published)).toBeLessThan(1e-6)
  },
)

function largestDistance(found: readonly number[], published: readonly number[]): number {
  expect(found.length).toBe(published.length)
  return Math.max(
    ...published.map((value, index) => Math.abs(value - (found[index] ?? Number.NaN))),
  )
}

function vectors(): Vectors {
  return JSON.parse(publishedText(FILE)) as Vectors
}

function edge(from: number, to: number, weight: number) {
  return { from: `${from}`, to: `${to}`, weight: BigInt(weight) }
}

async function rankOf(
  rows: readonly ReturnType<typeof edge>[],
  alpha: number,
  teleportWeights?: readonly number[],
): Promise<number[]> {
  const graph = buildGraph(rows, { selfLoops: 'keep' })
  const rules = {
    weights: 'weighted',
    passThroughQ32: Math.round(alpha * 2 ** 32),
    teleport:
      teleportWeights === undefined
        ? 'uniform'
        : new Map(graph.ids.map((id, node) => [id, BigInt(teleportWeights[node] ?? 0)])),
    start: 'uniform',
    stop: { type: 'count', iterationCount: 300 },
  } as const
  const found = await rank(graph, rules)
  const expected = await rank(graph, rules, { engine: 'reference' })
  expect(compareRanks(found, expected)).toEqual({ type: 'equal' })
  return [...found.scoreById.values()].map((score) => Number(score) / 2 ** 62)
}
