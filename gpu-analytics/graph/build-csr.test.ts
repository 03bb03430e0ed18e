import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type DrawnRows, columnsOf, drawnRows, pairsOf } from './arbitrary-rows.ts'
import { at } from './at.ts'
import { buildCsr } from './build-csr.ts'
import { buildGraph, outWeights } from './build-graph.ts'
import { compileGraphKernel, graphKernelModuleText } from './build-kernel.ts'
import { BUILD_WASM_BASE64 } from './build.wasm.ts'
import { groupRows } from './edge-rows.ts'
import { generateDirectedRmat, generateKronecker } from './generate/kronecker.ts'
import { type EdgeSink, GraphKernel } from './graph-kernel.ts'
import { normaliseWeights } from './normalise-weights.ts'
import { splitBucket } from './split-bucket.ts'

const SEED = 20_260_804

function expectedOf({ nodeCount, rows }: DrawnRows) {
  const idOf = (node: number) => `n${String(node).padStart(4, '0')}`
  const graph = buildGraph(
    rows.map((row) => ({ from: idOf(row.source), to: idOf(row.target), weight: row.weight })),
    { extraNodes: Array.from({ length: nodeCount }, (_, node) => idOf(node)) },
  )
  const { inOffsets, sources, outDegrees } = graph
  const totals = outWeights(graph)
  const largest = totals.map(() => 0n)
  for (const [edge, weight] of graph.weights.entries()) {
    const source = at(graph.sources, edge)
    if (weight > at(largest, source)) largest[source] = weight
  }
  return {
    graph: { nodeCount, inOffsets, sources, outDegrees },
    weights: normaliseWeights(graph),
    edgeWeights: limbsOfAll(graph.weights),
    sourceTotals: limbsOfAll(totals.flatMap((total, node) => [total, at(largest, node)])),
    mergedRowCount: graph.mergedRowCount,
    selfLoopCount: graph.selfLoopCount,
    zeroWeightRowCount: graph.zeroWeightRowCount,
  }
}

function limbsOfAll(weights: readonly bigint[]) {
  return columnsOf(weights.map((weight) => ({ source: 0, target: 0, weight }))).weights
}

test('columns give the bits of the graph that bigints give', async () => {
  await fc.assert(
    fc.asyncProperty(drawnRows, async (drawn) => {
      const table = await buildCsr(columnsOf(drawn.rows), drawn.nodeCount)
      expect(table).toEqual(expectedOf(drawn))
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('rows without weights count every pair once', async () => {
  await fc.assert(
    fc.asyncProperty(drawnRows, async ({ nodeCount, rows }) => {
      const ones = rows.map((row) => ({ ...row, weight: 1n }))
      const {
        edgeWeights: _weights,
        sourceTotals: _totals,
        ...expected
      } = expectedOf({ nodeCount, rows: ones })
      const table = await buildCsr(pairsOf(rows), nodeCount)
      expect(table).toEqual({ ...expected, weights: 'equal' })
    }),
    { seed: SEED },
  )
})

test('buckets that are too large are sorted in parts, whatever the bucket and the part', async () => {
  await fc.assert(
    fc.asyncProperty(
      drawnRows,
      fc.nat(6),
      fc.integer({ min: 1, max: 9 }),
      async (drawn, shift, rowCountMax) => {
        const { nodeCount, rows } = drawn
        const grouped = groupRows(columnsOf(rows), nodeCount, shift)
        const kernel = await GraphKernel.create(nodeCount, true)
        const sink: EdgeSink = {
          sources: new Uint32Array(rows.length),
          weights: new BigUint64Array(2 * rows.length),
          inOffsets: new Uint32Array(nodeCount + 1),
          edgeCount: 0,
        }
        for (const bucket of grouped.buckets) {
          for (const part of splitBucket(bucket, 6, nodeCount, rowCountMax)) {
            kernel.mergeBucket(part, sink)
          }
        }
        const expected = expectedOf(drawn)
        expect(sink.sources.slice(0, sink.edgeCount)).toEqual(expected.graph.sources)
        expect(sink.weights?.slice(0, 2 * sink.edgeCount)).toEqual(expected.edgeWeights)
      },
    ),
    { seed: SEED },
  )
})

test('large graphs ascend by target and source and keep every weight', async () => {
  const columns = generateKronecker({ scale: 13, weights: 'fees' })
  const { graph, weights, edgeWeights } = await buildCsr(columns, 2 ** 13)
  const equal = await buildCsr({ sources: columns.sources, targets: columns.targets }, 2 ** 13)
  expect(equal.graph).toEqual(graph)
  for (let node = 0; node < graph.nodeCount; node++) {
    const row = graph.sources.subarray(at(graph.inOffsets, node), at(graph.inOffsets, node + 1))
    expect(row.every((source, place) => place === 0 || source > at(row, place - 1))).toBe(true)
  }
  const totalOf = (limbs: BigUint64Array, rows: Iterable<number>) => {
    let total = 0n
    for (const row of rows) total += at(limbs, 2 * row) + (at(limbs, 2 * row + 1) << 64n)
    return total
  }
  expect(totalOf(edgeWeights ?? new BigUint64Array(), graph.sources.keys())).toBe(
    totalOf(
      columns.weights ?? new BigUint64Array(),
      [...columns.sources.keys()].filter((row) => columns.sources[row] !== columns.targets[row]),
    ),
  )
  expect(weights === 'equal' ? 0 : weights.mantissas.length).toBe(graph.sources.length)
})

test('mantissas are floors where the quotient is whole or nearly so', async () => {
  const totals = [2n, 3n, (1n << 64n) - 1n, 1n << 64n, (1n << 64n) + 1n, 1n << 126n, 10n ** 30n]
  const rows = totals.flatMap((total, source) =>
    [1n, 2n, total >> 1n, (total >> 1n) + 1n, total - 1n, total >> 20n]
      .filter((weight) => weight > 0n && weight < total)
      .flatMap((weight, place) => {
        const rest = total - weight
        return [
          { source: source * 8 + place, target: 60, weight },
          { source: source * 8 + place, target: 61, weight: rest },
        ]
      }),
  )
  const drawn = { nodeCount: 62, rows }
  expect(await buildCsr(columnsOf(rows), 62)).toEqual(expectedOf(drawn))
})

test('graphs of no node, one node and no row are built', async () => {
  for (const nodeCount of [0, 1, 5]) {
    const table = await buildCsr(columnsOf([]), nodeCount)
    expect(table).toEqual(expectedOf({ nodeCount, rows: [] }))
  }
})

test('wrong columns are refused by name', async () => {
  const row = { source: 0, target: 1, weight: 1n }
  const huge = { ...row, weight: (1n << 126n) + 1n }
  const code = async (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error: Error) => `${'code' in error ? String(error.code) : ''} ${error.message}`,
    )
  const sources = Uint32Array.of(0, 1)
  expect([
    await code(buildCsr(columnsOf([row, { ...row, target: 7 }]), 7)),
    await code(buildCsr(columnsOf([{ ...row, source: 2 ** 32 - 1 }]), 7)),
    await code(buildCsr({ sources, targets: Uint32Array.of(1) }, 7)),
    await code(buildCsr({ sources, targets: sources, weights: BigUint64Array.of(1n) }, 7)),
    await code(buildCsr(columnsOf([huge, huge]), 7)),
    await code(buildCsr(columnsOf([huge, { ...huge, target: 2, weight: 1n << 126n }]), 7)),
    await code(buildCsr(columnsOf([{ ...row, weight: 1n << 127n }]), 7)),
    await code(buildCsr(columnsOf([huge]), 7)),
    await code(buildCsr(columnsOf([row]), -1)),
    await code(buildCsr(columnsOf([row]), 2 ** 32)),
    await code(buildCsr(columnsOf([row]), 2 ** 28)),
    await code(buildCsr(columnsOf([row]), 7, { signal: AbortSignal.abort() })),
  ]).toMatchInlineSnapshot(`
    [
      "NODE_OUT_OF_RANGE row 1: expected a node below 7, found 7",
      "NODE_OUT_OF_RANGE row 0: expected a node below 7, found 4294967295",
      "EDGE_COLUMNS_MISMATCHED expected 2 targets, found 1",
      "EDGE_COLUMNS_MISMATCHED expected 4 weight limbs, found 1",
      "EDGE_WEIGHT_TOO_LARGE node 0: expected outgoing weights below 2^127 in all, found more",
      "EDGE_WEIGHT_TOO_LARGE node 0: expected outgoing weights below 2^127 in all, found more",
      "EDGE_WEIGHT_TOO_LARGE node 0: expected outgoing weights below 2^127 in all, found more",
      "none",
      "NODE_COUNT_MALFORMED expected a whole number of nodes below 2^32, found -1",
      "NODE_COUNT_MALFORMED expected a whole number of nodes below 2^32, found 4294967296",
      "GRAPH_TOO_LARGE expected a graph within the 4 GiB of the kernels, found 17448354816 bytes",
      "RUN_ABORTED expected the run to end, found it stopped after sorting 1 rows",
    ]
  `)
})

test('a build can be stopped while it runs', async () => {
  const stop = new AbortController()
  const columns = generateDirectedRmat({ scale: 17, edgeFactor: 17 })
  const running = buildCsr(columns, 2 ** 17, {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  await expect(running).rejects.toMatchObject({ code: 'RUN_ABORTED' })
})

test('the committed kernels are what their sources compile to', async () => {
  expect(graphKernelModuleText(await compileGraphKernel())).toContain(BUILD_WASM_BASE64)
})
