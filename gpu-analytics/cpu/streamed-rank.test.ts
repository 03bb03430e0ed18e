import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'

import type { RankProblem } from '../engine.ts'
import { buildGraph } from '../graph/build-graph.ts'
import type { EdgeSlab } from '../graph/edge-slab.ts'
import { rankReference } from '../reference/rank.ts'
import { arbitraryRank, bitsOf, streamedFrom } from './arbitrary-problem.ts'
import type { WasmEngine } from './engine-on.ts'
import { piecesOf } from './slab-pieces.ts'
import type { RankCheckpoint } from './streamed-problem.ts'
import { createWasmEngine } from './wasm-engine.ts'

const SEED = 20_261_122
let engine: WasmEngine
beforeAll(async () => {
  engine = await createWasmEngine({ threads: 1 })
})

test('slabs of any size give the bits of the reference', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryRank,
      fc.integer({ min: 1, max: 130 }),
      async (problem, edgeCount) => {
        const result = await engine.rankStreamed(streamedFrom(problem, edgeCount))
        expect(bitsOf(result)).toEqual(bitsOf(rankReference(problem)))
      },
    ),
    { seed: SEED, numRuns: 300 },
  )
})

test('slabs give the same bits on two threads', async () => {
  const threaded = await createWasmEngine({ threads: 2 })
  await fc.assert(
    fc.asyncProperty(
      arbitraryRank,
      fc.integer({ min: 1, max: 130 }),
      async (problem, edgeCount) => {
        const result = await threaded.rankStreamed(streamedFrom(problem, edgeCount))
        expect(bitsOf(result)).toEqual(bitsOf(rankReference(problem)))
      },
    ),
    { seed: SEED, numRuns: 8 },
  )
})

test('a run that goes on from any checkpoint ends with the same bits', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryRank, fc.integer({ min: 1, max: 40 }), async (problem, edgeCount) => {
      const streamed = streamedFrom(problem, edgeCount)
      const checkpoints: RankCheckpoint[] = []
      const whole = await engine.rankStreamed(streamed, {
        onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
      })
      expect(checkpoints.length).toBe(whole.iterationCount)
      for (const resumeFrom of checkpoints) {
        expect(await engine.rankStreamed(streamed, { resumeFrom })).toEqual(whole)
      }
    }),
    { seed: SEED, numRuns: 50 },
  )
})

test('pieces of a slab hold each edge once, in order, and the row that it reaches', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (degrees, edgeCount, rowCount) => {
        const inOffsets = Uint32Array.from([0, ...degrees])
        for (let row = 0; row < degrees.length; row++) {
          inOffsets[row + 1] = (inOffsets[row] ?? 0) + (degrees[row] ?? 0)
        }
        const sources = new Uint32Array(inOffsets.at(-1) ?? 0)
        const slab: EdgeSlab = { firstRow: 7, inOffsets, sources }
        let next = 0
        for (const piece of piecesOf(slab, { edgeCount, rowCount })) {
          expect(piece.begin).toBe(next)
          expect(piece.end).toBeGreaterThan(piece.begin)
          expect(piece.end - piece.begin).toBeLessThanOrEqual(edgeCount)
          expect(piece.rowCount).toBeLessThanOrEqual(rowCount)
          expect(piece.firstRow).toBe(7 + piece.slabRow)
          expect(inOffsets[piece.slabRow]).toBeLessThanOrEqual(piece.begin)
          expect(inOffsets[piece.slabRow + piece.rowCount]).toBeGreaterThanOrEqual(piece.end)
          next = piece.end
        }
        expect(next).toBe(sources.length)
      },
    ),
    { seed: SEED, numRuns: 500 },
  )
})

const graph = buildGraph([
  { from: 'a', to: 'b', weight: 1n },
  { from: 'c', to: 'b', weight: 2n },
  { from: 'b', to: 'd', weight: 3n },
])
const problem: RankProblem = {
  graph,
  weights: 'equal',
  passThroughQ32: new Uint32Array(4).fill(1 << 31),
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: 3 },
}
const row = (firstRow: number, sources: readonly number[]): EdgeSlab => ({
  firstRow,
  inOffsets: Uint32Array.of(0, sources.length),
  sources: Uint32Array.from(sources),
})

test.each([
  { name: 'edges are missing', slabs: [row(1, [0, 2])] },
  { name: 'a source is not a node', slabs: [row(1, [0, 4]), row(3, [1])] },
  { name: 'rows go back', slabs: [row(3, [1]), row(1, [0, 2])] },
  { name: 'rows go too far', slabs: [row(1, [0, 2]), row(4, [1])] },
  {
    name: 'offsets do not fit',
    slabs: [{ ...row(1, [0, 2]), inOffsets: Uint32Array.of(0, 1) }, row(3, [1])],
  },
])('a stream is refused when $name', async ({ slabs }) => {
  const streamed = streamedFrom(problem, 10)
  const run = engine.rankStreamed({
    ...streamed,
    slabs: async function* () {
      yield* slabs
    },
  })
  await expect(run).rejects.toMatchObject({ code: 'EDGE_SLAB_MALFORMED' })
})

test('a failing stream ends the run with its own error', async () => {
  const run = engine.rankStreamed({
    ...streamedFrom(problem, 10),
    slabs: async function* () {
      yield row(1, [0, 2])
      throw new Error('the disk is gone')
    },
  })
  await expect(run).rejects.toThrow('the disk is gone')
})

test('a checkpoint of another problem is refused', async () => {
  const checkpoints: RankCheckpoint[] = []
  await engine.rankStreamed(streamedFrom(problem, 2), {
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
  })
  const [resumeFrom] = checkpoints
  if (resumeFrom === undefined) throw new Error('expected a checkpoint')
  const other = { ...problem, passThroughQ32: new Uint32Array(4).fill(7) }
  const run = engine.rankStreamed(streamedFrom(other, 2), { resumeFrom })
  await expect(run).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' })
})

test('a streamed run stops between two slabs when the signal says so', async () => {
  const controller = new AbortController()
  const streamed = streamedFrom({ ...problem, stop: { type: 'count', iterationCount: 1e9 } }, 1)
  const run = engine.rankStreamed(streamed, {
    signal: controller.signal,
    onProgress: ({ count }) => {
      if (count === 3) controller.abort()
    },
  })
  await expect(run).rejects.toMatchObject({ code: 'RUN_ABORTED' })
})
