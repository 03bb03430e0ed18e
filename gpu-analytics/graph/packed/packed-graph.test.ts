import { FoggaraError } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RankProblem } from '../../engine.ts'
import { columnsOf, drawnRows, pairsOf } from '../arbitrary-rows.ts'
import { buildCsr } from '../build-csr.ts'
import { generateKronecker } from '../generate/kronecker.ts'
import { decodeGraph, decodeGraphStream } from './decode-graph.ts'
import { encodeGraph } from './encode-graph.ts'
import { xxhash32 } from './xxhash32.ts'

const SEED = 20_260_805

const drawnProblem = fc.record({
  drawn: drawnRows,
  isWeighted: fc.boolean(),
  isUniform: fc.boolean(),
  start: fc.constantFrom('teleport' as const, 'uniform' as const),
  stop: fc.oneof(
    fc.record({ type: fc.constant('count' as const), iterationCount: fc.nat(0xffff_ffff) }),
    fc.record({
      type: fc.constant('delta' as const),
      deltaMax: fc.bigInt(0n, (1n << 64n) - 1n),
      iterationCountMax: fc.nat(100),
    }),
  ),
})

async function problemOf(drawn: typeof drawnProblem extends fc.Arbitrary<infer T> ? T : never) {
  const { nodeCount, rows } = drawn.drawn
  const columns = drawn.isWeighted ? columnsOf(rows) : pairsOf(rows)
  const { graph, weights } = await buildCsr(columns, nodeCount)
  const teleport = BigUint64Array.from({ length: nodeCount }, (_, node) => BigInt(node) << 40n)
  return {
    graph,
    weights,
    passThroughQ32: Uint32Array.from({ length: nodeCount }, (_, node) => node * 99_999_989),
    teleport: drawn.isUniform ? ('uniform' as const) : teleport,
    start: drawn.start,
    stop: drawn.stop,
  }
}

async function* cut(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let index = 0; at < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? 1
    yield bytes.slice(at, at + length)
    at += length
  }
}

async function kroneckerProblem(scale: number): Promise<RankProblem> {
  const nodeCount = 2 ** scale
  const columns = generateKronecker({ scale, weights: 'fees' })
  const { graph, weights } = await buildCsr(columns, nodeCount)
  return {
    graph,
    weights,
    passThroughQ32: new Uint32Array(nodeCount).fill(3_650_722_201),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount: 20 },
  }
}

test('what is packed comes out as it went in, in one piece or in chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      drawnProblem,
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
      async (drawn, lengths) => {
        const problem = await problemOf(drawn)
        const bytes = encodeGraph(problem)
        expect(decodeGraph(bytes)).toEqual(problem)
        expect(await decodeGraphStream(cut(bytes, lengths))).toEqual(problem)
      },
    ),
    { seed: SEED },
  )
})

test('a graph of many blocks comes out as it went in, and its ids take less than two bytes', async () => {
  const problem = await kroneckerProblem(14)
  const bytes = encodeGraph(problem)
  expect(decodeGraph(bytes)).toEqual(problem)
  const seen: number[] = []
  const chunks = cut(bytes, [100_000, 3, 64_000])
  const streamed = await decodeGraphStream(chunks, {
    onProgress: ({ edgeCount }) => seen.push(edgeCount),
  })
  expect(streamed).toEqual(problem)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(seen.at(-1)).toBe(problem.graph.sources.length)
  const ids = encodeGraph({ ...problem, weights: 'equal', passThroughQ32: new Uint32Array() })
  expect(ids.length / problem.graph.sources.length).toBeLessThan(2)
})

test('damaged, cut or foreign bytes raise one typed error and nothing else', async () => {
  const drawn = fc.sample(drawnProblem, { seed: SEED, numRuns: 40 })
  const packed = await Promise.all(drawn.map(async (one) => encodeGraph(await problemOf(one))))
  fc.assert(
    fc.property(
      fc.constantFrom(...packed),
      fc.array(fc.tuple(fc.nat(), fc.nat(254)), { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat()),
      (bytes, flips, end) => {
        const damaged = bytes.slice(0, end === null ? bytes.length : end % (bytes.length + 1))
        for (const [place, change] of flips) {
          const at = place % Math.max(1, damaged.length)
          damaged[at] = (damaged[at] ?? 0) ^ (change + 1)
        }
        expect(outcomeOf(damaged)).toMatch(/^(unpacked|PACKED_GRAPH_MALFORMED)$/)
      },
    ),
    { seed: SEED, numRuns: 1000 },
  )
})

test('blocks with right checksums and wrong contents are refused as well', async () => {
  const drawn = fc.sample(drawnProblem, { seed: SEED, numRuns: 40 })
  const packed = await Promise.all(drawn.map(async (one) => encodeGraph(await problemOf(one))))
  fc.assert(
    fc.property(
      fc.constantFrom(...packed),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      (bytes, changes) => {
        const changed = bytes.slice()
        for (const [place, value] of changes) changed[place % changed.length] = value
        expect(outcomeOf(withChecksums(changed))).toMatch(/^(unpacked|PACKED_GRAPH_MALFORMED)$/)
      },
    ),
    { seed: SEED, numRuns: 1000 },
  )
})

test('a header that promises more than there is allocates nothing for it', async () => {
  const bytes = encodeGraph(await kroneckerProblem(4))
  const view = new DataView(bytes.buffer)
  view.setUint32(16, 2 ** 32 - 1, true)
  view.setUint32(20, 2 ** 32 - 1, true)
  expect(() => decodeGraph(withChecksums(bytes))).toThrow('packed graph: expected rows blocks')
})

test('the checksum is XXH32', () => {
  const encoder = new TextEncoder()
  const of = (text: string) => xxhash32(encoder.encode(text)).toString(16)
  expect([of(''), of('a'), of('abc')]).toEqual(['2cc5d05', '550d7456', '32d153ff'])
  expect(of('Nobody inspects the spammish repetition')).toBe('e2293b2f')
})

function outcomeOf(bytes: Uint8Array): string {
  try {
    decodeGraph(bytes)
    return 'unpacked'
  } catch (error) {
    return error instanceof FoggaraError ? error.code : String(error)
  }
}

function withChecksums(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setUint32(60, xxhash32(bytes.subarray(0, 60)), true)
  for (let at = 64; at + 16 <= bytes.length;) {
    const end = at + 16 + view.getUint32(at + 8, true)
    view.setUint32(at + 12, xxhash32(bytes.subarray(at + 16, end)), true)
    at = end
  }
  return bytes
}
