import fc from 'fast-check'
import { expect, test } from 'vitest'

import { at } from './at.ts'
import {
  type GraphRow,
  NegativeWeightError,
  ParallelEdgeError,
  WeightTooLargeError,
  buildGraph,
  outWeights,
} from './build-graph.ts'
import { compareIdBytes } from './id-order.ts'
import { normaliseWeights } from './normalise-weights.ts'

const SEED = 20_260_805

const weight = fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 1n << 90n), fc.constant(1n << 180n))
const node = fc.nat(12).map((number) => `n${number}`)
const rows = fc.array(fc.record({ from: node, to: node, weight }), { maxLength: 60 })

function edgesOf(list: readonly GraphRow[], options = {}) {
  const graph = buildGraph(list, options)
  return graph.weights.map((edgeWeight, edge) => [
    graph.ids[at(graph.sources, edge)],
    graph.ids[at(graph.targets, edge)],
    edgeWeight,
  ])
}

test('the graph does not depend on the order of the rows', () => {
  fc.assert(
    fc.property(rows, (list) => {
      expect(buildGraph(list.toReversed())).toEqual(buildGraph(list))
    }),
    { seed: SEED },
  )
})

test('edges ascend by target and source, without repeats, self loops or zeros', () => {
  fc.assert(
    fc.property(rows, (list) => {
      const graph = buildGraph(list)
      const keys = [...graph.targets].map(
        (target, edge) => target * graph.ids.length + at(graph.sources, edge),
      )
      expect(keys).toEqual([...new Set(keys)].toSorted((a, b) => a - b))
      expect([...graph.targets].some((target, edge) => target === graph.sources[edge])).toBe(false)
      expect(graph.weights.every((edgeWeight) => edgeWeight > 0n)).toBe(true)
      const kept = list.filter((row) => row.weight > 0n && row.from !== row.to)
      expect(graph.mergedRowCount).toBe(kept.length - graph.weights.length)
    }),
    { seed: SEED },
  )
})

test('parallel rows are added, refused, or replaced by the last', () => {
  const list = [
    { from: 'a', to: 'b', weight: 2n },
    { from: 'c', to: 'b', weight: 1n },
    { from: 'a', to: 'b', weight: 5n },
  ]
  expect(edgesOf(list)).toEqual([
    ['a', 'b', 7n],
    ['c', 'b', 1n],
  ])
  expect(edgesOf(list, { parallelEdges: 'last' })).toEqual([
    ['a', 'b', 5n],
    ['c', 'b', 1n],
  ])
  expect(() => buildGraph(list, { parallelEdges: 'reject' })).toThrow(ParallelEdgeError)
})

test('self loops and zero weights are counted, and their nodes exist', () => {
  const list = [
    { from: 'a', to: 'a', weight: 2n },
    { from: 'b', to: 'c', weight: 0n },
  ]
  const graph = buildGraph(list, { extraNodes: ['d'] })
  expect(graph.ids).toEqual(['a', 'b', 'c', 'd'])
  expect(graph).toMatchObject({ selfLoopCount: 1, zeroWeightRowCount: 1, weights: [] })
  expect(edgesOf(list, { selfLoops: 'keep' })).toEqual([['a', 'a', 2n]])
})

test('negative and overlarge weights are refused', () => {
  expect(() => buildGraph([{ from: 'a', to: 'b', weight: -1n }])).toThrow(NegativeWeightError)
  const half = 1n << 255n
  const list = ['b', 'c'].map((to) => ({ from: 'a', to, weight: half }))
  expect(() => buildGraph(list)).toThrow(WeightTooLargeError)
})

test('mantissas fill 32 bits and stay in proportion', () => {
  fc.assert(
    fc.property(rows, (list) => {
      const graph = buildGraph(list)
      const totals = outWeights(graph)
      const { mantissas, shifts } = normaliseWeights(graph)
      const largest = new Uint32Array(graph.ids.length)
      for (const [edge, source] of graph.sources.entries()) {
        const mantissa = at(mantissas, edge)
        largest[source] = Math.max(at(largest, source), mantissa)
        const exact =
          (at(graph.weights, edge) << BigInt(31 + at(shifts, source))) / at(totals, source)
        expect(BigInt(mantissa)).toBe(exact)
      }
      for (const [source, total] of totals.entries()) {
        expect(total === 0n || at(largest, source) >= 2 ** 31).toBe(true)
        expect(at(shifts, source)).toBeLessThanOrEqual(32)
      }
    }),
    { seed: SEED },
  )
})

test('a node with one out-edge passes everything along it', () => {
  const graph = buildGraph([{ from: 'a', to: 'b', weight: 3n }])
  expect(normaliseWeights(graph)).toEqual({
    mantissas: Uint32Array.of(2 ** 31),
    shifts: Uint8Array.of(0, 0),
  })
})

test('ids are ordered as their UTF-8 bytes are', () => {
  const encoder = new TextEncoder()
  const unit = fc.constantFrom(
    'a',
    'é',
    '\u{d7ff}',
    '\u{e000}',
    '\u{ffff}',
    '\u{10000}',
    '\u{10ffff}',
  )
  const text = fc.string({ unit, maxLength: 4 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const [left, right] = [[...encoder.encode(a)], [...encoder.encode(b)]]
      const index = left.findIndex((byte, place) => byte !== right[place])
      const expected =
        index === -1 ? left.length - right.length : at(left, index) - (right[index] ?? -1)
      expect(Math.sign(compareIdBytes(a, b))).toBe(Math.sign(expected))
    }),
    { seed: SEED },
  )
})
