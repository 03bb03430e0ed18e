import {
  type RankEngine,
  buildGraph,
  createWasmEngine,
  referenceEngine,
} from '@foggara/gpu-analytics'
import { expect, test } from 'vitest'

import { publishedText, skipReason } from './published.ts'

const FOLDER = 'graph-golden/ldbc/example'
const DAMPING = 0.85
const DAMPING_Q32 = Math.round(DAMPING * 2 ** 32)
/** LDBC Graphalytics' validation runs of the examples use two iterations. */
const ITERATION_COUNT = 2

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
      const engines: RankEngine[] = [referenceEngine, await createWasmEngine()]
      for (const engine of engines) {
        const { scores } = await engine.rank({
          graph,
          weights: 'equal',
          passThroughQ32: new Uint32Array(graph.ids.length).fill(DAMPING_Q32),
          teleport: 'uniform',
          start: 'uniform',
          stop: { type: 'count', iterationCount: ITERATION_COUNT },
        })
        const distance = graph.ids.reduce(
          (total, id, node) =>
            total + Math.abs(Number(scores[node]) / 2 ** 62 - (published.get(id) ?? Number.NaN)),
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
