import { spawnSync } from 'node:child_process'

import {
  type EdgeColumns,
  type RankEngine,
  type RankProblem,
  buildCsr,
  createWasmEngine,
  createWebGpuEngine,
  encodeGraph,
  generateDirectedRmat,
  generateKronecker,
  generateUsageGraph,
  openNodeGpu,
  rankDigest,
  referenceEngine,
} from '@foggara/gpu-analytics'

import { type Measurement, publish } from './measurement.ts'

/**
 * How large is a graph, what does it take to build, and how fast does each engine go over it?
 * `node bench/engines.ts [--scale 18]`, 16 to 24. Every engine has a process of its own, so that its
 * peak memory is its own; all must give the same digest.
 */

type Drawn = { readonly nodeCount: number; readonly edges: EdgeColumns }

const GRAPHS: Readonly<Record<string, (scale: number) => Drawn>> = {
  Kronecker: (scale) => ({
    nodeCount: 2 ** scale,
    edges: generateKronecker({ scale, weights: 'fees' }),
  }),
  'directed RMAT': (scale) => ({
    nodeCount: 2 ** scale,
    edges: generateDirectedRmat({ scale, weights: 'fees' }),
  }),
  usage: (scale) =>
    generateUsageGraph({
      assetCount: 2 ** (scale - 2),
      consumerCount: 2 ** scale,
      receiptCount: 2 ** (scale + 4),
    }),
}

type EngineRow = {
  /** The largest graph that is worth waiting for. */
  readonly scaleMax: number
  readonly create: () => Promise<RankEngine>
}

const ENGINES: Readonly<Record<string, EngineRow>> = {
  'bigint reference': { scaleMax: 14, create: async () => referenceEngine },
  'WASM, 1 thread': { scaleMax: 24, create: () => createWasmEngine({ threads: 1 }) },
  'WASM, 2 threads': { scaleMax: 24, create: () => createWasmEngine({ threads: 2 }) },
  WebGPU: { scaleMax: 24, create: async () => createWebGpuEngine(await openNodeGpu()) },
}

const ITERATION_COUNT = 9

/** What a process of its own found. */
type Outcome = {
  readonly digest: string
  readonly edgeCount: number
  readonly rowCount: number
  readonly buildSeconds: number
  readonly packedBytes: number
  readonly secondsPerIteration: number
  readonly peakMemoryMib: number
}

async function measureOne(graphName: string, engineName: string, scale: number): Promise<Outcome> {
  const { nodeCount, edges } = GRAPHS[graphName]?.(scale) ?? absurd(graphName)
  const beginMs = performance.now()
  const { graph, weights } = await buildCsr(edges, nodeCount)
  const buildSeconds = (performance.now() - beginMs) / 1000
  const problem: RankProblem = {
    graph,
    weights,
    passThroughQ32: new Uint32Array(nodeCount).fill(3_650_722_201),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount: ITERATION_COUNT },
  }
  const engine = await (ENGINES[engineName] ?? absurd(engineName)).create()
  let firstMs = performance.now()
  let secondsPerIteration = Number.NaN
  const result = await engine.rank(problem, {
    onProgress: ({ count, countMax }) => {
      if (count === 1) firstMs = performance.now()
      if (count < countMax) return
      secondsPerIteration = (performance.now() - firstMs) / 1000 / (countMax - 1)
    },
  })
  const peakMemoryMib = process.resourceUsage().maxRSS / 1024
  return {
    digest: rankDigest(result),
    edgeCount: graph.sources.length,
    rowCount: edges.sources.length,
    buildSeconds,
    packedBytes: encodeGraph(problem).length,
    secondsPerIteration,
    peakMemoryMib,
  }
}

function measureAll(scale: number): Measurement[] {
  return Object.keys(GRAPHS).flatMap((graphName) => {
    const outcomes = Object.entries(ENGINES).flatMap(([engineName, { scaleMax }]) => {
      const small = Math.min(scale, scaleMax)
      const outcome = inItsOwnProcess(graphName, engineName, small)
      return outcome === undefined ? [] : [{ engineName, scale: small, ...outcome }]
    })
    const digests = new Set(outcomes.filter((one) => one.scale === scale).map((one) => one.digest))
    if (digests.size > 1)
      throw new Error(`${graphName}: expected one digest, found ${digests.size}`)
    return [
      ...outcomes.flatMap((one) => speedRows(graphName, one)),
      ...sizeRows(graphName, outcomes),
    ]
  })
}

type Named = Outcome & { readonly engineName: string; readonly scale: number }

function speedRows(graphName: string, outcome: Named): Measurement[] {
  const { engineName: contender, edgeCount, scale } = outcome
  const subject = `${graphName} ${scale}, ${edgeCount.toLocaleString('en')} weighted edges`
  return [
    {
      subject,
      contender,
      quantity: 'one iteration',
      value: edgeCount / outcome.secondsPerIteration / 1e6,
      unit: 'million edges/s',
    },
    {
      subject,
      contender,
      quantity: 'peak memory with building',
      value: outcome.peakMemoryMib,
      unit: 'MiB',
    },
  ]
}

function sizeRows(graphName: string, outcomes: readonly Named[]): Measurement[] {
  const one = outcomes.findLast((outcome) => outcome.engineName.startsWith('WASM'))
  if (one === undefined) return []
  const subject = `${graphName} ${one.scale}, ${one.edgeCount.toLocaleString('en')} weighted edges`
  const sizes: readonly (readonly [string, number, string])[] = [
    ['building from rows', one.rowCount / one.buildSeconds / 1e6, 'million rows/s'],
    ['in memory', 8, 'bytes/edge'],
    ['packed for a download', one.packedBytes / one.edgeCount, 'bytes/edge'],
  ]
  return sizes.map(([quantity, value, unit]) => ({
    subject,
    contender: 'the graph',
    quantity,
    value,
    unit,
  }))
}

/** Undefined when this machine cannot run the engine. */
function inItsOwnProcess(graph: string, engine: string, scale: number): Outcome | undefined {
  const child = spawnSync(
    process.execPath,
    [import.meta.filename, '--one', graph, engine, String(scale)],
    { encoding: 'utf8', maxBuffer: 2 ** 24 },
  )
  if (child.status === 0) return JSON.parse(child.stdout) as Outcome
  console.log(`${engine} on ${graph}: unmeasured, ${child.stderr.trim().split('\n').at(-1)}`)
  return undefined
}

function absurd(name: string): never {
  throw new Error(`expected a graph or an engine of this bench, found ${name}`)
}

const [, , first, graphName = '', engineName = '', scaleText = ''] = process.argv
if (first === '--one') {
  const outcome = await measureOne(graphName, engineName, Number(scaleText)).catch((error) => {
    console.error(error instanceof Error ? error.message : String(error))
    process.exit(1)
  })
  process.stdout.write(JSON.stringify(outcome), () => process.exit(0))
} else {
  const place = process.argv.indexOf('--scale')
  const scale = place === -1 ? 18 : Number(process.argv[place + 1])
  publish('How large is a graph, and how fast does each engine go over it?', measureAll(scale))
}
