import type { RankProblem } from '@foggara/gpu-analytics'

import { type Measurement, median, publish } from '../measurement.ts'
import { enginesApart } from './engines-apart.ts'
import { floatRankers } from './float-rankers.ts'
import { type LaidOutEngine, laidOutEngine } from './laid-out-engine.ts'
import { orderedKronecker } from './ordered-kronecker.ts'

/**
 * What does exactness cost? `node bench/cpu/rank-speed.ts --scale 20`: our integer engine against a
 * float32 pull compiled the same way, plain JavaScript, and the machine's limit of random reads, on
 * the same ordered graph, interleaved; whole iterations, without preparation.
 */
const scale = Number(process.argv[process.argv.indexOf('--scale') + 1] ?? 20) || 20
const ROUND_COUNT = 5
const ITERATION_COUNT = scale > 20 ? 4 : 10

/** Seconds of one iteration, by the wall clock and by the processor. */
type Time = { readonly wall: number; readonly cpu: number }

/** Starts both clocks; the answer divides what has passed by a count. */
function startClocks(): (count: number) => Time {
  const wall = performance.now()
  const cpu = process.cpuUsage()
  return (count) => {
    const { user, system } = process.cpuUsage(cpu)
    return {
      wall: (performance.now() - wall) / 1e3 / count,
      cpu: (user + system) / 1e6 / count,
    }
  }
}

async function timeEngine(engine: LaidOutEngine): Promise<Time> {
  const stop = startClocks()
  await engine.iterate(ITERATION_COUNT)
  return stop(ITERATION_COUNT)
}

function timeHere(run: () => void): Time {
  const stop = startClocks()
  for (let turn = 0; turn < ITERATION_COUNT; turn++) run()
  return stop(ITERATION_COUNT)
}

const APART = 'our WASM, two graphs at once'

const { graph, weights } = await orderedKronecker(scale)
const edgeCount = graph.sources.length
const problem: RankProblem = {
  graph,
  weights: 'equal',
  passThroughQ32: new Uint32Array(graph.nodeCount).fill(3_650_722_201),
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: 0xffff_ffff },
}
const floats = await floatRankers(graph)
const weighted = { ...problem, weights }
const engines = {
  'our WASM': await laidOutEngine(problem, 1),
  'our WASM, weighted': await laidOutEngine(weighted, 1),
  'our WASM, two threads': await laidOutEngine(problem, 2),
  'our WASM, weighted, two threads': await laidOutEngine(weighted, 2),
  [APART]: await enginesApart(problem, 2),
}

const BASELINE = 'float32 pull in WASM'
const contenders: Readonly<Record<string, () => Time | Promise<Time>>> = {
  [BASELINE]: () => timeHere(floats.pull),
  'float32 pull in WASM, two sums': () => timeHere(floats.pullPairs),
  'float32 weighted pull in WASM': () => timeHere(floats.pullWeighted),
  'float64 pull in JavaScript': () => timeHere(floats.javascript),
  'random reads of 64 bits': () => timeHere(floats.gather),
  ...Object.fromEntries(
    Object.entries(engines).map(([name, engine]) => [name, () => timeEngine(engine)]),
  ),
}
const times = new Map<string, Time[]>()
for (let round = 0; round <= ROUND_COUNT; round++) {
  for (const [name, run] of Object.entries(contenders)) {
    const time = await run()
    if (round > 0) times.set(name, [...(times.get(name) ?? []), time])
  }
}

for (const engine of Object.values(engines)) await engine.end()

function middle(name: string, clockName: 'wall' | 'cpu'): number {
  return median((times.get(name) ?? []).map((time) => time[clockName]))
}

/** Edges that a contender follows in one of its iterations. */
function edgesOf(contender: string): number {
  return contender === APART ? 2 * edgeCount : edgeCount
}

function rateOf(contender: string, clockName: 'wall' | 'cpu'): number {
  return edgesOf(contender) / middle(contender, clockName)
}

const subject = `Kronecker ${scale}, ${graph.nodeCount} nodes, ${edgeCount} edges`
const measurements = Object.keys(contenders).flatMap((contender): Measurement[] =>
  (['wall', 'cpu'] as const).map((clockName) => ({
    subject,
    contender,
    quantity: `edges by ${clockName} time`,
    value: edgesOf(contender) / middle(contender, clockName) / 1e6,
    unit: 'million/s',
    ratio: { to: BASELINE, times: rateOf(contender, clockName) / rateOf(BASELINE, clockName) },
  })),
)
publish('What does exactness cost per iteration of rank?', measurements)

const timesOf = (name: string, other: string, clockName: 'wall' | 'cpu'): string =>
  (rateOf(name, clockName) / rateOf(other, clockName)).toFixed(2)
for (const clockName of ['wall', 'cpu'] as const) {
  console.log(
    `by ${clockName} time: ${timesOf('our WASM', BASELINE, clockName)} of float32 (≥ 0.95 at scale 20, 0.9 at 22), ` +
      `weighted ${timesOf('our WASM, weighted', BASELINE, clockName)} (≥ 0.7), ` +
      `${timesOf('our WASM', 'random reads of 64 bits', clockName)} of random reads (≥ 0.7)`,
  )
}
const bound = timesOf(APART, 'our WASM', 'wall')
console.log(
  `two threads ${timesOf('our WASM, two threads', 'our WASM', 'wall')} × one (≥ 1.8), ` +
    `two graphs at once ${bound} × one, which is what this machine allows`,
)
