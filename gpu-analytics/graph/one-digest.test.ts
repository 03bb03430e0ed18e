import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { createWasmEngine } from '../cpu/wasm-engine.ts'
import type { RankProblem } from '../engine.ts'
import { rankDigest } from '../rank-digest.ts'
import { rankReference } from '../reference/rank.ts'
import { buildCsr } from './build-csr.ts'
import { buildGraph } from './build-graph.ts'
import type { EdgeColumns } from './edge-columns.ts'
import type { EdgeTable } from './edge-table.ts'
import { extendCsr } from './extend-csr.ts'
import { buildGraphFolder } from './folder/build-graph-folder.ts'
import { openGraphFolder, readGraphFolder } from './folder/open-graph-folder.ts'
import { generateUsageGraph } from './generate/usage-graph.ts'
import { normaliseWeights } from './normalise-weights.ts'
import { decodeGraph } from './packed/decode-graph.ts'
import { encodeGraph } from './packed/encode-graph.ts'

const folder = mkdtempSync(join(tmpdir(), 'foggara-one-digest-'))

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const { nodeCount, edges, passThroughQ32 } = generateUsageGraph({
  assetCount: 300,
  consumerCount: 900,
  receiptCount: 9000,
})
const rules = {
  passThroughQ32,
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'delta', deltaMax: 1n << 32n, iterationCountMax: 60 },
} as const

function between(first: number, end: number): EdgeColumns {
  return {
    sources: edges.sources.slice(first, end),
    targets: edges.targets.slice(first, end),
    weights: edges.weights?.slice(2 * first, 2 * end) ?? new BigUint64Array(),
  }
}

function fromBigints(): RankProblem {
  const idOf = (node: number) => String(node).padStart(5, '0')
  const weights = edges.weights ?? new BigUint64Array()
  const rows = [...edges.sources].map((source, row) => ({
    from: idOf(source),
    to: idOf(edges.targets[row] ?? 0),
    weight: (weights[2 * row] ?? 0n) + ((weights[2 * row + 1] ?? 0n) << 64n),
  }))
  const extraNodes = Array.from({ length: nodeCount }, (_, node) => idOf(node))
  const graph = buildGraph(rows, { extraNodes })
  return { ...rules, graph, weights: normaliseWeights(graph) }
}

function fromTable({ graph, weights }: EdgeTable): RankProblem {
  return { ...rules, graph, weights }
}

test('whichever way a graph takes, its rank has one digest', async () => {
  const expected = rankDigest(rankReference(fromBigints()))
  const table = await buildCsr(edges, nodeCount)
  const half = edges.sources.length >> 1
  const extended = await extendCsr(
    await buildCsr(between(0, half), nodeCount),
    between(half, edges.sources.length),
  )
  await buildGraphFolder([between(0, half), between(half, edges.sources.length)], folder, {
    nodeCount,
    slabEdgeCount: 500,
  })
  await using onDisk = await openGraphFolder(folder)
  const engine = await createWasmEngine()
  const problems = {
    columns: fromTable(table),
    extended: fromTable(extended),
    folder: { ...rules, ...(await readGraphFolder(onDisk)) },
    packed: decodeGraph(encodeGraph(fromTable(table))),
  }
  for (const [way, problem] of Object.entries(problems)) {
    expect([way, rankDigest(await engine.rank(problem))]).toEqual([way, expected])
  }
  expect(rankDigest(await engine.rankStreamed({ ...rules, ...onDisk }))).toBe(expected)
})
