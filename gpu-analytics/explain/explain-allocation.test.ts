import { compareBigints } from '@foggara/schema'
import { expect, test } from 'vitest'

import { computeEpoch } from '../epoch/compute-epoch.ts'
import { SAMPLE_SNAPSHOT, sampleAccount, sampleId } from '../epoch/sample-snapshot.ts'
import { referenceEngine } from '../reference/reference-engine.ts'
import { AllocationUnknownError, explainAllocation } from './explain-allocation.ts'

const RESULT = await computeEpoch(SAMPLE_SNAPSHOT, referenceEngine)

test("a provider's amount goes back to its receipts in proportion to their fees", () => {
  const { pools } = explainAllocation(RESULT, SAMPLE_SNAPSHOT, sampleAccount(0xe1))
  const [source] = pools[0]?.sources ?? []
  expect(pools.map((pool) => pool.pool)).toEqual(['computeOperators'])
  expect(source?.reasons.map(({ type, weight }) => [type, weight])).toEqual([
    ['receipt', 1_000_003n],
    ['receipt', 777n],
  ])
})

test("a model's amount goes back to its receipts and to the models made from it", () => {
  const { pools } = explainAllocation(RESULT, SAMPLE_SNAPSHOT, sampleAccount(0xa1))
  const [source] = pools[0]?.sources ?? []
  expect(source?.sourceId).toBe(sampleId(1))
  const amounts = source?.reasons.map((reason) => reason.amount) ?? []
  expect(amounts).toEqual(amounts.toSorted((a, b) => compareBigints(b, a)))
  expect(source?.reasons).toMatchObject([
    { type: 'receipt', digest: sampleId(0xd001) },
    { type: 'child', assetId: sampleId(2) },
    { type: 'receipt', digest: sampleId(0xd003) },
  ])
})

test("a dataset's amount goes back to its own use when nothing large enough flowed up to it", () => {
  const { pools } = explainAllocation(RESULT, SAMPLE_SNAPSHOT, sampleAccount(0xb2))
  expect(pools[0]?.sources[0]?.reasons).toMatchObject([
    { type: 'receipt', digest: sampleId(0xd001), amount: 125_000_000_000_000_000_001n },
  ])
})

test('an account without an allocation is refused', () => {
  const explain = () => explainAllocation(RESULT, SAMPLE_SNAPSHOT, sampleAccount(0x1234))
  expect(explain).toThrow(AllocationUnknownError)
})
