import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { flowHash, rankHash } from './digests.ts'
import { ENGINES_UNDER_TEST, type OpenedEngine } from './engines-under-test.ts'
import { FLOW_CASES, type FlowCase } from './flow-cases.ts'
import { Matrix } from './matrix.ts'
import { RANK_CASES, type RankCase } from './rank-cases.ts'

type Golden = {
  readonly rank: Readonly<Record<string, string>>
  readonly flow: Readonly<Record<string, string>>
}

/** Written by `node test/conformance/engines/write-golden.ts`, from the reference alone. */
const GOLDEN = JSON.parse(readFileSync(join(import.meta.dirname, 'golden.json'), 'utf8')) as Golden

/** The largest cases take some seconds on a quiet machine. */
const TIMEOUT_MS = 300_000

const problems = new Map<RankCase | FlowCase, unknown>()
const matrix = new Matrix(
  [
    ...RANK_CASES.map(({ name }) => `rank: ${name}`),
    ...FLOW_CASES.map(({ name }) => `flow: ${name}`),
  ],
  ENGINES_UNDER_TEST.map(({ name }) => name),
)

afterAll(() => console.log(matrix.toString()))

describe.each(ENGINES_UNDER_TEST)('$name', { timeout: TIMEOUT_MS }, ({ name, open, skip }) => {
  let engine: OpenedEngine
  beforeAll(async () => {
    if (skip({ measure: 'rank', size: 'small' }) === undefined) engine = await open()
  })
  afterAll(async () => {
    await engine?.close?.()
  })

  for (const rankCase of RANK_CASES) {
    const reason = skip({ measure: 'rank', size: rankCase.size })
    const why = reason === undefined ? '' : ` (skipped: ${reason})`
    if (reason !== undefined) matrix.record(`rank: ${rankCase.name}`, name, '-')
    test.skipIf(reason !== undefined)(
      `rank of ${rankCase.name} has the golden hash${why}`,
      async () => {
        const found = rankHash(await engine.rank(problemOf(rankCase)))
        matrix.record(`rank: ${rankCase.name}`, name, found)
        expect(found).toBe(GOLDEN.rank[rankCase.name])
      },
    )
  }
  for (const flowCase of FLOW_CASES) {
    const reason = skip({ measure: 'flow', size: flowCase.size })
    const why = reason === undefined ? '' : ` (skipped: ${reason})`
    if (reason !== undefined) matrix.record(`flow: ${flowCase.name}`, name, '-')
    test.skipIf(reason !== undefined)(
      `flow of ${flowCase.name} has the golden hash${why}`,
      async () => {
        const found = flowHash(await engine.flow(problemOf(flowCase)))
        matrix.record(`flow: ${flowCase.name}`, name, found)
        expect(found).toBe(GOLDEN.flow[flowCase.name])
      },
    )
  }
})

test('every golden hash belongs to a case, and every case has one', () => {
  expect(Object.keys(GOLDEN.rank)).toEqual(RANK_CASES.map(({ name }) => name))
  expect(Object.keys(GOLDEN.flow)).toEqual(FLOW_CASES.map(({ name }) => name))
})

/** Cases are built once, and read only. */
function problemOf<Problem>(
  one: { readonly problem: () => Problem } & (RankCase | FlowCase),
): Problem {
  const former = problems.get(one) as Problem | undefined
  if (former !== undefined) return former
  const problem = one.problem()
  problems.set(one, problem)
  return problem
}
