import { createWasmEngine, referenceEngine } from '@foggara/gpu-analytics'
import { SCORE_MASS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type FileScoreProblem, scoreFiles } from './score-files.ts'

const id = fc.constantFrom('a', 'b', 'c', 'd', 'é', '日本', 'x,y')
const edge = fc.record({ from: id, to: id, weight: fc.bigInt(0n, 10n ** 20n) })
const problem: fc.Arbitrary<FileScoreProblem> = fc
  .record({
    rows: fc.array(edge, { minLength: 1, maxLength: 12 }),
    teleport: fc.uniqueArray(fc.record({ id, weight: fc.bigInt(1n, 10n ** 12n) }), {
      selector: (row) => row.id,
      maxLength: 5,
    }),
    budget: fc.bigInt(0n, 10n ** 24n),
    capBps: fc.bigInt(1n, 10_000n),
    payoutMin: fc.bigInt(0n, 10n ** 23n),
  })
  .map(({ rows, teleport, ...rest }) => ({
    ...rest,
    edges: { rows, scale: 0 },
    teleport: teleport.length === 0 ? undefined : { rows: teleport, scale: 0 },
    payees: undefined,
    parallel: 'sum',
    passThroughQ32: 3_650_722_201,
    stop: { type: 'count', iterationCount: 20 },
  }))

test('amounts, what is carried and what nobody could take sum to the budget', async () => {
  await fc.assert(
    fc.asyncProperty(problem, async (given) => {
      const result = await scoreFiles(given, referenceEngine)
      expect(result.paid + result.carried + result.unallocated).toBe(given.budget)
      expect(sum(result.rows.map((row) => row.score)) + result.dust).toBe(SCORE_MASS)
      const cap = (given.budget * given.capBps) / 10_000n
      for (const row of result.rows) expect(row.amount + row.carried <= cap).toBe(true)
    }),
    { seed: 20262 },
  )
})

test('the order of rows does not matter, and both engines agree', async () => {
  const wasm = await createWasmEngine()
  await fc.assert(
    fc.asyncProperty(problem, async (given) => {
      const rows = given.edges.rows.toReversed()
      const teleport = given.teleport && { rows: given.teleport.rows.toReversed(), scale: 0 }
      const permuted = { ...given, edges: { rows, scale: 0 }, teleport }
      const { execution, ...found } = await scoreFiles(permuted, wasm)
      const { execution: _, ...expected } = await scoreFiles(given, referenceEngine)
      expect(found).toEqual(expected)
      expect(execution.engine).toBe('wasm')
    }),
    { seed: 20263, numRuns: 50 },
  )
})

test('keeping the last of parallel edges depends on their order', async () => {
  const rows = [
    { from: 'a', to: 'b', weight: 1n },
    { from: 'a', to: 'b', weight: 9n },
    { from: 'a', to: 'c', weight: 5n },
  ]
  const score = (list: typeof rows) =>
    scoreFiles({ ...base, parallel: 'last', edges: { rows: list, scale: 0 } }, referenceEngine)
  const [kept, other] = [await score(rows), await score(rows.toReversed())]
  expect(kept.amountsSha256).not.toBe(other.amountsSha256)
  expect(kept.mergedRowCount).toBe(1)
})

test('only payees are paid, and an unknown one is refused', async () => {
  const rows = [{ from: 'a', to: 'b', weight: 1n }]
  const edges = { rows, scale: 0 }
  const paid = await scoreFiles({ ...base, edges, payees: ['b'] }, referenceEngine)
  expect(paid.rows).toMatchObject([{ id: 'b', amount: 1000n }])
  await expect(scoreFiles({ ...base, edges, payees: ['z'] }, referenceEngine)).rejects.toThrow(
    expect.objectContaining({ code: 'PAYEE_UNKNOWN' }),
  )
})

test('a teleport file that gives nobody any weight is refused', async () => {
  const teleport = { rows: [{ id: 'a', weight: 0n }], scale: 0 }
  const edges = { rows: [{ from: 'a', to: 'b', weight: 1n }], scale: 0 }
  await expect(scoreFiles({ ...base, edges, teleport }, referenceEngine)).rejects.toThrow(
    expect.objectContaining({ code: 'TELEPORT_EMPTY' }),
  )
})

const base: Omit<FileScoreProblem, 'edges'> = {
  teleport: undefined,
  payees: undefined,
  budget: 1000n,
  parallel: 'sum',
  passThroughQ32: 3_650_722_201,
  stop: { type: 'count', iterationCount: 20 },
  capBps: 10_000n,
  payoutMin: 0n,
}
