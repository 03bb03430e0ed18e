import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import {
  type ScratchDatabase,
  command,
  insertRowBinary,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { SCORE_MASS, sum } from '@foggara/schema'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { FlowProblem, RankEngine, RankProblem } from '../engine.ts'
import { buildGraph } from '../graph/build-graph.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { flowReference } from '../reference/flow.ts'
import { rankReference } from '../reference/rank.ts'
import { RunAbortedError } from '../run-aborted.ts'
import { arbitraryFlowProblem, arbitraryRankProblem } from './arbitrary-problem.ts'
import { type DuckDbSession, openDuckDbSession } from './duckdb-session.ts'
import { clickHouseSession } from './row-binary-session.ts'
import { type SqlForm, createSqlEngine } from './sql-engine.ts'
import type { SqlSession } from './sql-session.ts'

const FORMS: readonly SqlForm[] = ['one statement', 'scaling']

let scratch: ScratchDatabase
let duckDb: DuckDbSession
let clickHouse: SqlSession

beforeAll(async () => {
  scratch = await startScratchDatabase()
  duckDb = await openDuckDbSession({ threadCount: 1 })
  const { writer } = scratch
  clickHouse = clickHouseSession({
    query: (sql, { signal }) => queryRows(writer, sql, {}, abortable(signal)),
    run: (sql, { signal }) => command(writer, sql, {}, abortable(signal)),
    insertRowBinary: (table, columns, rows) => insertRowBinary(writer, table, columns, rows),
  })
})

afterAll(async () => {
  await duckDb[Symbol.asyncDispose]()
  await scratch[Symbol.asyncDispose]()
})

test.each(FORMS)('DuckDB ranks random graphs to the bit, form: %s', async (form) => {
  const engine = createSqlEngine(duckDb, { form })
  await fc.assert(
    fc.asyncProperty(arbitraryRankProblem, (problem) => expectSameRank(engine, problem)),
    { seed: 20_261_122, numRuns: 40 },
  )
})

test.each(FORMS)('ClickHouse ranks random graphs to the bit, form: %s', async (form) => {
  const engine = createSqlEngine(clickHouse, { form })
  await fc.assert(
    fc.asyncProperty(arbitraryRankProblem, (problem) => expectSameRank(engine, problem)),
    { seed: 20_261_123, numRuns: 4 },
  )
})

test.each(FORMS)('DuckDB lets amounts of up to 120 bits flow, form: %s', async (form) => {
  const engine = createSqlEngine(duckDb, { form })
  await fc.assert(
    fc.asyncProperty(arbitraryFlowProblem(120), (problem) => expectSameFlow(engine, problem)),
    { seed: 20_261_124, numRuns: 30 },
  )
})

test.each(FORMS)('ClickHouse lets amounts of up to 200 bits flow, form: %s', async (form) => {
  const engine = createSqlEngine(clickHouse, { form })
  await fc.assert(
    fc.asyncProperty(arbitraryFlowProblem(200), (problem) => expectSameFlow(engine, problem)),
    { seed: 20_261_125, numRuns: 3 },
  )
})

test('ClickHouse lets amounts of every width flow in steps', async () => {
  const engine = createSqlEngine(clickHouse, { form: 'scaling' })
  for (const inflow of [1n << 60n, 1n << 64n, 1n << 124n, 1n << 250n]) {
    const problem: FlowProblem = {
      graph: circle(3, 1).graph,
      fingers: [1n, 2n, 3n],
      inflow: [inflow, 0n, inflow - 1n],
      keepFingers: [1n, 5n, 0n],
      stepCountMax: 4,
    }
    const found = await engine.flow(problem)
    expect(withoutExecution(found)).toEqual(withoutExecution(flowReference(problem)))
  }
})

test('the corners of both problems give the same bits in both databases and both forms', async () => {
  const pair = [{ from: 'a', to: 'b', weight: 1n }]
  const graphs = [
    buildGraph([]),
    buildGraph([], { extraNodes: ['a'] }),
    buildGraph([{ from: 'a', to: 'a', weight: 3n }], { selfLoops: 'keep' }),
    buildGraph([...pair, ...pair, { from: 'b', to: 'c', weight: (1n << 191n) - 1n }]),
  ]
  const ranks = graphs.map((graph): RankProblem => ({
    graph,
    weights: 'equal',
    passThroughQ32: new Uint32Array(graph.nodeCount).fill(0xffff_ffff),
    teleport: 'uniform',
    start: 'teleport',
    stop: { type: 'count', iterationCount: 2 },
  }))
  const flows = graphs.map((graph): FlowProblem => ({
    graph,
    fingers: graph.weights.map(() => 7n),
    inflow: graph.ids.map(() => 1_000_000_007n),
    keepFingers: graph.ids.map(() => 0n),
    stepCountMax: 2,
  }))
  for (const session of [duckDb, clickHouse]) {
    for (const form of FORMS) {
      const engine = createSqlEngine(session, { form })
      for (const problem of ranks) {
        expect(withoutExecution(await engine.rank(problem))).toEqual(
          withoutExecution(rankReference(problem)),
        )
      }
      for (const problem of flows) {
        expect(withoutExecution(await engine.flow(problem))).toEqual(
          withoutExecution(flowReference(problem)),
        )
      }
    }
  }
})

test('the statements of the documentation, run as they stand, give the bits of the reference', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/attribution.md'), 'utf8')
  const [given = '', prepared = '', statement = ''] = [...page.matchAll(/```sql\n([^`]*)```/gu)]
    .map(([, text]) => text ?? '')
    .slice(-3)
  const problem = circle(5, 60)
  const graph = buildGraph([
    { from: 'a', to: 'b', weight: 3n },
    { from: 'a', to: 'c', weight: 1n << 100n },
    { from: 'b', to: 'a', weight: 7n },
    { from: 'c', to: 'b', weight: 1n },
    { from: 'c', to: 'd', weight: 2n },
    { from: 'd', to: 'e', weight: 5n },
  ])
  for (const sql of given.split(';')) await clickHouse.run(sql)
  await clickHouse.load('given_nodes', [
    { name: 'id', values: Uint32Array.from(graph.ids.keys()) },
    { name: 'pass_q32', values: problem.passThroughQ32 },
    { name: 'teleport', values: BigUint64Array.from(graph.ids, () => SCORE_MASS / 5n) },
  ])
  await clickHouse.load('given_edges', [
    { name: 'source', values: graph.sources },
    { name: 'target', values: graph.targets },
    { name: 'weight', values: graph.weights },
  ])
  for (const sql of prepared.split(';')) await clickHouse.run(sql)
  const rows = await clickHouse.query(statement)
  const teleport = BigUint64Array.from(graph.ids, () => SCORE_MASS / 5n)
  const weights = normaliseWeights(graph)
  const { scores } = rankReference({ ...problem, graph, weights, teleport })
  expect(rows.map((row) => row['score'])).toEqual(Array.from(scores, String))
})

test('auto takes one statement for little and tables for much, and says so', async () => {
  const engine = createSqlEngine(duckDb)
  const small = await engine.rank(circle(4, 10))
  expect(small.execution).toMatchInlineSnapshot(`
    {
      "engine": "duckdb",
      "notes": [
        "form: one statement, for 80 rows in all",
      ],
    }
  `)
  const stop = { type: 'delta', deltaMax: SCORE_MASS * 2n, iterationCountMax: 1_000_000 } as const
  const large = await engine.rank({ ...circle(4, 10), stop })
  expect(large.iterationCount).toBe(1)
  expect(large.execution).toMatchInlineSnapshot(`
    {
      "engine": "duckdb",
      "notes": [
        "form: scaling, for up to 8000000 rows in all",
      ],
    }
  `)
})

test.each(FORMS)('recursion goes as deep as it is asked to, form: %s', async (form) => {
  const shallow: SqlSession = {
    ...clickHouse,
    query: (sql) =>
      queryRows(scratch.writer, sql, {}, { settings: { max_recursive_cte_evaluation_depth: '3' } }),
  }
  for (const [session, problem] of [
    [shallow, circle(2, 9)],
    [duckDb, circle(2, 60)],
  ] as const) {
    const result = await createSqlEngine(session, { form }).rank(problem)
    expect(withoutExecution(result)).toEqual(withoutExecution(rankReference(problem)))
  }
})

test('weights that pass on more than there is are refused, not wrapped around', async () => {
  const graph = buildGraph([
    { from: 'a', to: 'b', weight: 1n },
    { from: 'a', to: 'c', weight: 1n },
  ])
  const problem: RankProblem = {
    ...circle(3, 2),
    graph,
    teleport: BigUint64Array.of(SCORE_MASS, 0n, 0n),
    start: 'teleport',
    weights: {
      mantissas: new Uint32Array(2).fill(0xffff_ffff),
      shifts: new Uint8Array(3),
    },
  }
  for (const session of [duckDb, clickHouse]) {
    for (const form of FORMS) {
      const run = createSqlEngine(session, { form }).rank(problem)
      await expect(run).rejects.toMatchObject({ code: 'SQL_STATEMENT_FAILED' })
    }
  }
  expect(await tablesLeft()).toEqual([])
})

test('amounts that the database cannot hold are computed by the reference, which is said', async () => {
  const problem: FlowProblem = {
    graph: circle(3, 1).graph,
    fingers: [1n, 1n, 1n],
    inflow: [1n << 126n, 0n, 0n],
    keepFingers: [1n, 1n, 1n],
    stepCountMax: 8,
  }
  const { execution, ...flow } = await createSqlEngine(duckDb).flow(problem)
  expect(execution).toMatchInlineSnapshot(`
    {
      "engine": "reference",
      "notes": [
        "computed by the reference: the amounts exceed the 127 bits of duckdb",
      ],
    }
  `)
  expect(flow).toEqual(withoutExecution(flowReference(problem)))
  const inClickHouse = await createSqlEngine(clickHouse).flow(problem)
  expect(inClickHouse.execution.engine).toBe('clickhouse')
  expect(inClickHouse.kept).toEqual(flow.kept)
})

test('an aborted run says so and leaves no table behind', async () => {
  for (const session of [duckDb, clickHouse]) {
    const controller = new AbortController()
    const counts: number[] = []
    const run = createSqlEngine(session, { form: 'scaling' }).rank(circle(50, 1000), {
      signal: controller.signal,
      onProgress: ({ count }) => {
        counts.push(count)
        if (count === 3) controller.abort()
      },
    })
    await expect(run).rejects.toThrow(RunAbortedError)
    expect(counts).toEqual([1, 2, 3])
    const late = createSqlEngine(session).rank(circle(3, 3), { signal: controller.signal })
    await expect(late).rejects.toThrow(RunAbortedError)
  }
  expect(await tablesLeft()).toEqual([])
})

test('runs side by side in one session do not meet', async () => {
  for (const session of [duckDb, clickHouse]) {
    const engine = createSqlEngine(session, { form: 'scaling' })
    const problems = [2, 3, 4].map((size) => circle(size, 4))
    const results = await Promise.all(problems.map((problem) => engine.rank(problem)))
    expect(results.map(({ scores }) => scores)).toEqual(
      problems.map((problem) => rankReference(problem).scores),
    )
  }
})

async function expectSameRank(engine: RankEngine, problem: RankProblem): Promise<void> {
  const result = await engine.rank(problem)
  expect(withoutExecution(result)).toEqual(withoutExecution(rankReference(problem)))
  expect(result.execution.engine).toBe(engine.name)
  expect(sum(result.scores) + result.dust).toBe(SCORE_MASS)
}

async function expectSameFlow(engine: RankEngine, problem: FlowProblem): Promise<void> {
  const result = await engine.flow(problem)
  expect(withoutExecution(result)).toEqual(withoutExecution(flowReference(problem)))
  expect(result.execution.engine).toBe(engine.name)
}

function withoutExecution<Result extends { readonly execution: unknown }>(result: Result) {
  const { execution: _execution, ...rest } = result
  return rest
}

/** Each node passes on to the next; weighted, so that mantissas of 2^31 meet scores of the mass. */
function circle(nodeCount: number, iterationCount: number): RankProblem {
  const id = (node: number) => `n${String(node % nodeCount).padStart(6, '0')}`
  const graph = buildGraph(
    Array.from({ length: nodeCount }, (_, node) => ({
      from: id(node),
      to: id(node + 1),
      weight: 1n,
    })),
  )
  return {
    graph,
    weights: normaliseWeights(graph),
    passThroughQ32: new Uint32Array(nodeCount).fill(0xffff_ffff),
    teleport: BigUint64Array.from({ length: nodeCount }, (_, node) =>
      node === 0 ? SCORE_MASS : 0n,
    ),
    start: 'teleport',
    stop: { type: 'count', iterationCount },
  }
}

async function tablesLeft(): Promise<readonly unknown[]> {
  const left = await Promise.all([
    clickHouse.query(`select name from system.tables where name like 'foggara_run_%'`),
    duckDb.query(`select table_name from duckdb_tables() where table_name like 'foggara_run_%'`),
  ])
  return left.flat()
}

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal }
}
