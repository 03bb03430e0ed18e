import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { EdgeColumns } from '../edge-columns.ts'
import {
  generateDirectedRmat,
  generateDirectedRmatChunks,
  generateKronecker,
  generateKroneckerChunks,
} from './kronecker.ts'
import { permuteBelow, powerLawBelow } from './mix.ts'
import { generateUsageGraph } from './usage-graph.ts'

function digest(columns: EdgeColumns): string {
  const hash = createHash('sha256').update(columns.sources).update(columns.targets)
  if (columns.weights !== undefined) hash.update(columns.weights)
  return hash.digest('hex').slice(0, 16)
}

function joined(chunks: Iterable<EdgeColumns>): EdgeColumns {
  const list = [...chunks]
  return {
    sources: Uint32Array.from(list.flatMap((chunk) => [...chunk.sources])),
    targets: Uint32Array.from(list.flatMap((chunk) => [...chunk.targets])),
    weights: BigUint64Array.from(list.flatMap((chunk) => [...(chunk.weights ?? [])])),
  }
}

test('generated rows never change', () => {
  expect({
    kronecker: digest(generateKronecker({ scale: 10 })),
    weighted: digest(generateKronecker({ scale: 10, seed: 7, weights: 'fees' })),
    rmat: digest(generateDirectedRmat({ scale: 11, edgeFactor: 8 })),
    usage: digest(
      generateUsageGraph({ assetCount: 300, consumerCount: 500, receiptCount: 4000 }).edges,
    ),
  }).toMatchInlineSnapshot(`
    {
      "kronecker": "75693ccb35a488f8",
      "rmat": "faf3386e3383d77c",
      "usage": "5131b34cd41147db",
      "weighted": "546294f5cc94ab5f",
    }
  `)
})

test('chunks hold the rows of the whole, in order', () => {
  const options = { scale: 7, seed: 3, weights: 'fees' } as const
  expect(joined(generateKroneckerChunks(options, 1000))).toEqual(generateKronecker(options))
  expect(joined(generateDirectedRmatChunks(options, 999))).toEqual(generateDirectedRmat(options))
})

test('a directed graph has many nodes without an out-edge', () => {
  const { sources, targets } = generateDirectedRmat({ scale: 16 })
  const passes = new Uint8Array(2 ** 16)
  for (const [row, source] of sources.entries()) if (source !== targets[row]) passes[source] = 1
  const danglingCount = passes.reduce((count, isPassing) => count + 1 - isPassing, 0)
  expect(danglingCount / 2 ** 16).toBeGreaterThan(0.25)
  expect(danglingCount / 2 ** 16).toBeLessThan(0.4)
})

test('a permutation hits every number once, and a power law stays in its range', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(0xffff_ffff), (count, seed) => {
      const hit = new Set<number>()
      for (let value = 0; value < count; value++) hit.add(permuteBelow(value, count, seed))
      expect(hit.size).toBe(count)
      expect(Math.max(...hit)).toBe(count - 1)
      expect(powerLawBelow(seed, count)).toBeLessThan(count)
    }),
    { seed: 20_260_803, numRuns: 50 },
  )
})

test('a usage graph leads from consumers to assets and from children to parents', () => {
  const assetCount = 200
  const graph = generateUsageGraph({ assetCount, consumerCount: 300, receiptCount: 2000 })
  const { sources, targets, weights } = graph.edges
  expect(sources.length).toBe(2000 + 199 * 3)
  expect(weights?.length).toBe(2 * sources.length)
  const consumers = new Set(sources.subarray(0, 2000))
  const paid = new Set(targets.subarray(0, 2000))
  expect([...consumers].filter((node) => paid.has(node))).toEqual([])
  expect(Math.max(...sources, ...targets)).toBeLessThan(graph.nodeCount)
})
