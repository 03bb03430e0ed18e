import { buildGraph, compareRanks, rank } from '@foggara/gpu-analytics'
import { expect, test } from 'vitest'

import { publishedText, skipReason } from './published.ts'

const FOLDER = 'graph-golden/cugraph'
const DAMPING = 0.85
const RULES = {
  weights: 'weighted',
  passThroughQ32: Math.round(DAMPING * 2 ** 32),
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: 40 },
} as const

/** As networkx prints them, which stops at the first L1 step below a millionth per node. */
const KARATE = {
  '0': 0.09700181758983709,
  '1': 0.05287839103742701,
  '2': 0.057078423047636745,
  '3': 0.03586064322306479,
  '32': 0.07169213006588289,
  '33': 0.1009179167487121,
}

test.skipIf(skipReason(`${FOLDER}/karate.csv`) !== '')(
  `networkx's PageRank of Zachary's karate club comes out to nine digits, at its own stop${skipReason(`${FOLDER}/karate.csv`)}`,
  async () => {
    const graph = buildGraph(edgesOf('karate'))
    const deltaMax = (BigInt(graph.nodeCount) << 62n) / 1_000_000n
    const stop = { type: 'delta', deltaMax, iterationCountMax: 100 } as const
    const { scoreById } = await rank(graph, { ...RULES, stop })
    for (const [id, published] of Object.entries(KARATE)) {
      expect(Math.abs(Number(scoreById.get(id)) / 2 ** 62 - published), id).toBeLessThan(1e-9)
    }
  },
)

for (const name of ['karate', 'dolphins', 'polbooks', 'netscience', 'email-Eu-core']) {
  test.skipIf(skipReason(`${FOLDER}/${name}.csv`) !== '')(
    `cuGraph's graph ${name} has the floating-point scores to the stated bound${skipReason(`${FOLDER}/${name}.csv`)}`,
    async () => {
      const rows = edgesOf(name)
      const graph = buildGraph(rows, { selfLoops: 'keep' })
      const found = await rank(graph, RULES)
      const checked = await rank(graph, RULES, { engine: 'reference' })
      expect(compareRanks(found, checked)).toEqual({ type: 'equal' })
      const expected = floatScores(rows, RULES.stop.iterationCount)
      const distance = [...found.scoreById].reduce(
        (total, [id, score]) =>
          total + Math.abs(Number(score) / 2 ** 62 - (expected.get(id) ?? Number.NaN)),
        0,
      )
      expect(distance).toBeLessThan(statedBound(graph.sources.length, graph.nodeCount))
    },
  )
}

type Row = { readonly from: string; readonly to: string; readonly weight: bigint }

/** Weights are decimals: parts of a millionth. A pair that stands twice counts once, as a graph's edge. */
function edgesOf(name: string): Row[] {
  const lines = publishedText(`${FOLDER}/${name}.csv`).trim().split('\n')
  const rows = lines.map((line): [string, Row] => {
    const [from = '', to = '', weight = '1'] = line.trim().split(/\s+/)
    return [`${from} ${to}`, { from, to, weight: BigInt(Math.round(Number(weight) * 1e6)) }]
  })
  return [...new Map(rows).values()]
}

/** Floating-point power iteration over rows, written apart from every engine. */
function floatScores(rows: readonly Row[], iterationCount: number): Map<string, number> {
  const totals = new Map<string, number>()
  for (const { from, to, weight } of rows) {
    totals.set(from, (totals.get(from) ?? 0) + Number(weight))
    totals.set(to, totals.get(to) ?? 0)
  }
  const nodeCount = totals.size
  let scores = new Map([...totals.keys()].map((id) => [id, 1 / nodeCount]))
  for (let iteration = 0; iteration < iterationCount; iteration++) {
    const next = new Map([...totals.keys()].map((id) => [id, 0]))
    let rest = 1
    for (const { from, to, weight } of rows) {
      const passed = (DAMPING * (scores.get(from) ?? 0) * Number(weight)) / (totals.get(from) ?? 1)
      next.set(to, (next.get(to) ?? 0) + passed)
      rest -= passed
    }
    scores = new Map([...next].map(([id, score]) => [id, score + rest / nodeCount]))
  }
  return scores
}

/** docs/attribution.md, section 2: floors, mantissas and the rounding of the damping factor. */
function statedBound(edgeCount: number, nodeCount: number): number {
  const floors = (2 * (2 * edgeCount + 2 * nodeCount)) / 2 ** 62
  const mantissas = (2 * DAMPING) / 2 ** 31
  return (floors + mantissas + 2 / 2 ** 33) / (1 - DAMPING)
}
