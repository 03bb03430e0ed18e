import { sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compareFlows } from './compare-results.ts'
import { type FlowRules, flow, flowProblemOf } from './flow.ts'
import { buildGraph } from './graph/build-graph.ts'
import { flowReference } from './reference/flow.ts'
import { RulesMalformedError } from './rules.ts'
import { RunAbortedError } from './run-aborted.ts'

const CHAIN = buildGraph([
  { from: 'c', to: 'b', weight: 10n },
  { from: 'b', to: 'a', weight: 10n },
])
const RULES: FlowRules = {
  inflow: new Map([['c', 1_000n]]),
  keepFingers: { restOf: 100n },
  stepCountMax: 9,
}

test('each node of a chain keeps its share and passes the rest', async () => {
  const { keptById, stepCount } = await flow(CHAIN, RULES)
  expect(keptById).toEqual(
    new Map([
      ['a', 10n],
      ['b', 90n],
      ['c', 900n],
    ]),
  )
  expect(stepCount).toBe(3)
})

test('amounts by id are those of the definition and sum to the inflow', async () => {
  const node = fc.nat(9).map((number) => `n${number}`)
  const rows = fc.array(fc.record({ from: node, to: node, weight: fc.bigInt(1n, 200n) }), {
    minLength: 1,
    maxLength: 30,
  })
  const amounts = fc.array(fc.bigInt(0n, 1n << 90n), { minLength: 10, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(rows, amounts, async (list, drawn) => {
      const graph = buildGraph(list)
      const inflow = new Map(graph.ids.map((id, index) => [id, drawn[index] ?? 0n]))
      const rules = { ...RULES, inflow, stepCountMax: 30 }
      const found = await flow(graph, rules)
      const expected = flowReference(flowProblemOf(graph, rules))
      expect(compareFlows(found, expected)).toEqual({ type: 'equal' })
      expect(sum(found.keptById.values())).toBe(sum(inflow.values()))
    }),
    { seed: 20_261_102, numRuns: 60 },
  )
})

test.each([
  ['an inflow at an id that the graph lacks', { inflow: new Map([['x', 1n]]) }],
  ['a negative inflow', { inflow: new Map([['a', -1n]]) }],
  ['half a step', { stepCountMax: 0.5 }],
  ['negative fingers', { keepFingers: new Map([['a', -1n]]) }],
] as const)('%s is refused with a typed error', async (_, change) => {
  await expect(flow(CHAIN, { ...RULES, ...change })).rejects.toThrow(RulesMalformedError)
})

test('a flow stops when its signal says so', async () => {
  const engine = 'reference'
  const stopped = flow(CHAIN, RULES, { engine, signal: AbortSignal.abort() })
  await expect(stopped).rejects.toThrow(RunAbortedError)
})
