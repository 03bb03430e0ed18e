import { expect, test } from 'vitest'

import { type LineageAnswer, lineageGraph } from './lineage-graph.ts'

function lineage(nodes: Readonly<Record<string, number>>, edges: readonly string[]): LineageAnswer {
  return {
    isTruncated: false,
    nodes: Object.entries(nodes).map(([assetId, depth]) => ({ assetId, depth, asset: null })),
    edges: edges.map((text) => {
      const [childId = '', parentId = ''] = text.split('<')
      return { childId, parentId, relation: 'MERGED_FROM', shareE8: 0, fromBlock: 1, toBlock: null }
    }),
  }
}

const up = lineage({ root: 0, a: 1, b: 2 }, ['root<a', 'a<b'])
const down = lineage({ root: 0, c: 1, a: 2 }, ['c<root', 'root<a'])

test('both directions make one graph, each asset and edge once', () => {
  const graph = lineageGraph(up, down, 10)
  expect(graph.assets.map(({ assetId }) => assetId)).toEqual(['root', 'a', 'c', 'b'])
  expect(graph.edges.map(({ childId, parentId }) => `${childId}<${parentId}`)).toEqual([
    'root<a',
    'a<b',
    'c<root',
  ])
  expect(graph.hiddenCount).toBe(0)
})

test('a large graph keeps what is nearest and says how much is left out', () => {
  const graph = lineageGraph(up, down, 2)
  expect(graph.assets.map(({ assetId }) => assetId)).toEqual(['root', 'a'])
  expect(graph.edges).toHaveLength(1)
  expect(graph.hiddenCount).toBe(2)
})
