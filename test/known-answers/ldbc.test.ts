import { buildGraph, rank } from '@foggara/gpu-analytics'
import { expect, test } from 'vitest'

import { publishedText, skipReason } from './published.ts'

const FOLDER = 'graph-golden/ldbc/example'
const DAMPING = 0.85
const RULES = {
  weights: 'equal',
  passThroughQ32: Math.round(DAMPING * 2 ** 32),
  teleport: 'uniform',
  start: 'uniform',
  // LDBC Graphalytics' validation runs of the examples use two iterations.
  stop: { type: 'count', iterationCount: 2 },
} as const

for (const kind of ['directed', 'undirected']) {
  test.skipIf(skipReason(`${FOLDER}/example-${kind}-PR`) !== '')(
    `PageRank of LDBC's ${kind} example is within the stated bound on every engine${skipReason(`${FOLDER}/example-${kind}-PR`)}`,
    async () => {
      const rows = textRows(`${FOLDER}/example-${kind}.e`).flatMap(([from = '', to = '']) => [
        { from, to, weight: 1n },
        ...(kind === 'undirected' ? [{ from: to, to: from, weight: 1n }] : []),
      ])
      const extraNodes = textRows(`${FOLDER}/example-${kind}.v`).flat()
      const graph = buildGraph(rows, { extraNodes, parallelEdges: 'reject' })
      const published = new Map(
        textRows(`${FOLDER}/example-${kind}-PR`).map(([id = '', score]) => [id, Number(score)]),
      )
      for (const engine of ['reference', 'wasm', 'auto'] as const) {
        const { scoreById } = await rank(graph, RULES, { engine })
        const distance = [...scoreById].reduce(
          (total, [id, score]) =>
            total + Math.abs(Number(score) / 2 ** 62 - (published.get(id) ?? Number.NaN)),
          0,
        )
        expect(distance).toBeLessThanOrEqual(statedBound(rows.length, graph.ids.length))
      }
    },
  )
}

/** docs/attribution.md, section 2, with the rounding of the damping factor to 32 bits. */
function statedBound(edgeCount: number, nodeCount: number): number {
  return (
    (2 * (edgeCount + 2 * nodeCount)) / ((1 - DAMPING) * 2 ** 62) + 2 / ((1 - DAMPING) * 2 ** 33)
  )
}

function textRows(path: string): string[][] {
  return publishedText(path)
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
}
