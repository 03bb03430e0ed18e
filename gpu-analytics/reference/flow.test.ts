import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { at } from '../graph/at.ts'
import { type GraphRow, buildGraph } from '../graph/build-graph.ts'
import { flowReference } from './flow.ts'

const WHOLE = 100_000_000n

function keepOf(rows: readonly GraphRow[], ids: readonly string[]): bigint[] {
  return ids.map((id) => {
    const passed = sum(rows.filter((row) => row.from === id).map((row) => row.weight))
    return passed < WHOLE ? WHOLE - passed : 0n
  })
}

test('on a chain each asset keeps its share and passes the rest, to the unit', () => {
  const rows = [
    { from: 'c', to: 'b', weight: 10_000_000n },
    { from: 'b', to: 'a', weight: 10_000_000n },
  ]
  const graph = buildGraph(rows)
  const inflow = [0n, 0n, 1_000n * WHOLE + 7n]
  const flow = flowReference({
    graph,
    fingers: graph.weights,
    inflow,
    keepFingers: keepOf(rows, graph.ids),
    stepCountMax: 9,
  })
  expect(flow.kept).toEqual([10n * WHOLE, 90n * WHOLE, 900n * WHOLE + 7n])
  expect(flow.stepCount).toBe(3)
  expect(flow.stopped).toBe(0n)
  expect(flow.edgeTotals).toEqual([10n * WHOLE, 100n * WHOLE])
})

test('what an asset keeps is what entered, plus what came along its edges, less what it passed', () => {
  const node = fc.nat(8).map((number) => `n${number}`)
  const weight = fc.bigInt(0n, 60_000_000n)
  fc.assert(
    fc.property(
      fc.array(fc.record({ from: node, to: node, weight }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.bigInt(0n, 1n << 100n), { minLength: 9, maxLength: 9 }),
      fc.nat(20),
      (rows, amounts, stepCountMax) => {
        const graph = buildGraph(rows)
        const inflow = amounts.slice(0, graph.ids.length)
        const keepFingers = keepOf(rows, graph.ids)
        const { kept, edgeTotals } = flowReference({
          graph,
          fingers: graph.weights,
          inflow,
          keepFingers,
          stepCountMax,
        })
        for (const [index, amount] of kept.entries()) {
          const along = (ends: Uint32Array) =>
            sum(edgeTotals.filter((_, edge) => ends[edge] === index))
          expect(amount).toBe(at(inflow, index) + along(graph.targets) - along(graph.sources))
        }
      },
    ),
    { seed: 20_260_809 },
  )
})

test('a circle that keeps nothing stops at its step bound, and nothing is lost', () => {
  const graph = buildGraph([
    { from: 'a', to: 'b', weight: 1n },
    { from: 'b', to: 'a', weight: 1n },
  ])
  const flow = flowReference({
    graph,
    fingers: graph.weights,
    inflow: [5n, 0n],
    keepFingers: [0n, 0n],
    stepCountMax: 7,
  })
  expect(flow).toMatchObject({ kept: [0n, 5n], edgeTotals: [15n, 20n], stepCount: 7, stopped: 5n })
})
