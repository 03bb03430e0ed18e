import { readFileSync } from 'node:fs'

import {
  type ScratchDatabase,
  command,
  insertRowBinary,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import {
  type RankEngine,
  type RankProblem,
  type SqlSession,
  clickHouseSession,
  createSqlEngine,
  createWasmEngine,
  openDuckDbSession,
} from '@foggara/gpu-analytics'

import { orderedKronecker } from './cpu/ordered-kronecker.ts'
import { type Measurement, median, publish } from './measurement.ts'

/**
 * What does a second opinion in SQL cost? `node bench/sql.ts [--scale 18]`: edges per second of
 * processor time of one thread, in ClickHouse and in DuckDB, in both forms, as ratios to our WASM
 * engine in the same rounds. Processor time is what a busy machine distorts least.
 */
const place = process.argv.indexOf('--scale')
const scale = place === -1 ? 18 : Number(process.argv[place + 1])
/** One statement keeps the rows of every iteration: it is for graphs that one can look at. */
const ONE_STATEMENT_SCALE_MAX = 13
const ROUND_COUNT = 3
const ITERATION_COUNT = 6

/** Seconds of processor time of the process that computes. */
type Clock = () => number

function clockOfThisProcess(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Linux counts in hundredths of a second. */
function clockOf(pid: number): Clock {
  return () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  }
}

function sessionOf({ writer }: ScratchDatabase): SqlSession {
  const settings = { max_threads: 1 }
  return clickHouseSession({
    query: (sql) => queryRows(writer, sql, {}, { settings }),
    run: (sql) => command(writer, sql, {}, { settings }),
    insertRowBinary: (table, columns, rows) => insertRowBinary(writer, table, columns, rows),
  })
}

/** Seconds of one iteration: between the first report and the last. */
async function timeSteps(engine: RankEngine, problem: RankProblem, clock: Clock): Promise<number> {
  let first = Number.NaN
  let seconds = Number.NaN
  await engine.rank(withIterations(problem, ITERATION_COUNT + 1), {
    onProgress: ({ count, countMax }) => {
      if (count === 1) first = clock()
      if (count === countMax) seconds = (clock() - first) / (countMax - 1)
    },
  })
  return seconds
}

/** Seconds of one iteration of a run that reports only its end: what more iterations cost more. */
async function timeWhole(engine: RankEngine, problem: RankProblem, clock: Clock): Promise<number> {
  const begin = clock()
  await engine.rank(withIterations(problem, 1))
  const middle = clock()
  await engine.rank(withIterations(problem, 1 + ITERATION_COUNT))
  return (clock() - middle - (middle - begin)) / ITERATION_COUNT
}

function withIterations(problem: RankProblem, iterationCount: number): RankProblem {
  return { ...problem, stop: { type: 'count', iterationCount } }
}

type Subject = { readonly name: string; readonly problem: RankProblem }

async function subjectsOf(graphScale: number): Promise<readonly Subject[]> {
  const { graph, weights } = await orderedKronecker(graphScale)
  const size = `Kronecker ${graphScale}, ${graph.nodeCount} nodes, ${graph.sources.length} edges`
  const equal: RankProblem = {
    graph,
    weights: 'equal',
    passThroughQ32: new Uint32Array(graph.nodeCount).fill(3_650_722_201),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount: 1 },
  }
  return [
    { name: `${size}, equal`, problem: equal },
    { name: `${size}, weighted`, problem: { ...equal, weights } },
  ]
}

await using scratch = await startScratchDatabase({ memoryMib: 4096 })
await using duckDb = await openDuckDbSession({ threadCount: 1 })
const clickHouse = sessionOf(scratch)
const wasm = await createWasmEngine({ threads: 1 })
const clockOfDatabase = clockOf(scratch.database.pid)

type Contender = (problem: RankProblem) => Promise<number>
const inWasm: Contender = (problem) => timeSteps(wasm, problem, clockOfThisProcess)
const scaling: Readonly<Record<string, Contender>> = {
  WASM: inWasm,
  'ClickHouse, scaling': (problem) =>
    timeSteps(createSqlEngine(clickHouse, { form: 'scaling' }), problem, clockOfDatabase),
  'DuckDB, scaling': (problem) =>
    timeSteps(createSqlEngine(duckDb, { form: 'scaling' }), problem, clockOfThisProcess),
}
const oneStatement: Readonly<Record<string, Contender>> = {
  WASM: inWasm,
  'ClickHouse, one statement': (problem) =>
    timeWhole(createSqlEngine(clickHouse, { form: 'one statement' }), problem, clockOfDatabase),
  'DuckDB, one statement': (problem) =>
    timeWhole(createSqlEngine(duckDb, { form: 'one statement' }), problem, clockOfThisProcess),
}

async function race(
  { name: subject, problem }: Subject,
  contenders: Readonly<Record<string, Contender>>,
): Promise<readonly Measurement[]> {
  const times = new Map<string, number[]>()
  for (let round = 0; round < ROUND_COUNT; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      times.set(name, [...(times.get(name) ?? []), await run(problem)])
    }
  }
  const secondsOf = (name: string): number => median(times.get(name) ?? [])
  return Object.keys(contenders).map((contender) => ({
    subject,
    contender,
    quantity: 'edges per core by processor time',
    value: problem.graph.sources.length / secondsOf(contender) / 1e6,
    unit: 'million/s',
    ratio: { to: 'WASM', times: secondsOf('WASM') / secondsOf(contender) },
  }))
}

const measurements: Measurement[] = []
for (const subject of await subjectsOf(scale)) measurements.push(...(await race(subject, scaling)))
for (const subject of await subjectsOf(Math.min(scale, ONE_STATEMENT_SCALE_MAX))) {
  measurements.push(...(await race(subject, oneStatement)))
}
publish('What does a second opinion in SQL cost per iteration of rank?', measurements)
