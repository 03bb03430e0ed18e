import fc from 'fast-check'
import { expect, test } from 'vitest'

import { columnsOf, drawnRows, pairsOf } from './arbitrary-rows.ts'
import { buildCsr } from './build-csr.ts'
import type { EdgeColumns } from './edge-columns.ts'
import { extendCsr } from './extend-csr.ts'
import { generateKronecker } from './generate/kronecker.ts'
import { generateUsageGraph } from './generate/usage-graph.ts'

const SEED = 20_260_807

test('a graph that is extended is the graph of all rows, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(
      drawnRows,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      fc.nat(3),
      async ({ nodeCount, rows }, part, isWeighted, moreNodes) => {
        const toColumns = isWeighted ? columnsOf : pairsOf
        const cut = Math.floor(part * rows.length)
        const inFirst = rows.slice(0, cut)
        const first = await buildCsr(toColumns(inFirst), nodeCount)
        const formerly = structuredClone(first)
        const nodesAfter = nodeCount + moreNodes
        const extended = await extendCsr(first, toColumns(rows.slice(cut)), {
          nodeCount: nodesAfter,
        })
        expect(extended).toEqual(await buildCsr(toColumns(rows), nodesAfter))
        expect(first).toEqual(formerly)
      },
    ),
    { seed: SEED, numRuns: 400 },
  )
})

test('an economy that grows by many small epochs is the economy', async () => {
  const { nodeCount, edges } = generateUsageGraph({
    assetCount: 100,
    consumerCount: 400,
    receiptCount: 6000,
  })
  const weights = edges.weights ?? new BigUint64Array()
  const between = (first: number, end: number) => ({
    sources: edges.sources.subarray(first, end),
    targets: edges.targets.subarray(first, end),
    weights: weights.subarray(2 * first, 2 * end),
  })
  let table = await buildCsr(between(0, 0), nodeCount)
  for (let first = 0; first < edges.sources.length; first += 700) {
    table = await extendCsr(table, between(first, first + 700))
  }
  expect(table).toEqual(await buildCsr(edges, nodeCount))
})

test.each([
  ['few additions', 0.9],
  ['more additions than edges', 0.1],
  ['additions to nothing', 0],
])('a graph of many pieces is extended to the bit: %s', async (_, part) => {
  const nodeCount = 2 ** 12
  const { sources, targets, weights } = generateKronecker({ scale: 12, weights: 'fees' })
  if (weights === undefined) throw new Error('expected weighted rows')
  const cut = Math.floor(part * sources.length)
  for (const isWeighted of [true, false]) {
    const between = (first: number, end: number): EdgeColumns => ({
      sources: sources.subarray(first, end),
      targets: targets.subarray(first, end),
      ...(isWeighted ? { weights: weights.subarray(2 * first, 2 * end) } : {}),
    })
    const whole = await buildCsr(between(0, sources.length), nodeCount)
    const first = await buildCsr(between(0, cut), nodeCount)
    const additions = between(cut, sources.length)
    expect(await extendCsr(first, additions)).toEqual(whole)
  }
})

test('additions that do not fit are refused', async () => {
  const row = { source: 0, target: 1, weight: 1n << 126n }
  const table = await buildCsr(columnsOf([row]), 3)
  await expect(extendCsr(table, pairsOf([row]))).rejects.toMatchObject({
    code: 'EDGE_COLUMNS_MISMATCHED',
  })
  await expect(extendCsr(table, columnsOf([]), { nodeCount: 2 })).rejects.toMatchObject({
    code: 'EDGE_COLUMNS_MISMATCHED',
  })
  for (const target of [1, 2]) {
    await expect(extendCsr(table, columnsOf([{ ...row, target }]))).rejects.toMatchObject({
      code: 'EDGE_WEIGHT_TOO_LARGE',
    })
  }
  await expect(extendCsr(table, columnsOf([{ ...row, target: 3 }]))).rejects.toMatchObject({
    code: 'NODE_OUT_OF_RANGE',
  })
})
