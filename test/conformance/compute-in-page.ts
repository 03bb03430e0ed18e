import {
  type Graph,
  type RankEngine,
  buildGraph,
  createWebGpuEngine,
  createWasmEngine,
  flow,
  keccak256OfText,
  openPageGpu,
  rank,
  referenceEngine,
} from '@foggara/gpu-analytics/browser'

/** One hash per engine over every score, amount and count of the sample. */
export type Computed = {
  readonly adapter: string
  readonly hashes: Readonly<Record<string, string>>
}

/** Computes the sample on every engine that a page has. */
export async function computeHere(): Promise<Computed> {
  const gpu = await openPageGpu()
  const software = { allowFallbackAdapter: true, batchIterationCount: 4 }
  const withSubgroups = await createWebGpuEngine(gpu, software)
  const engines = {
    webgpu: withSubgroups,
    'webgpu without subgroups': await createWebGpuEngine(gpu, { ...software, subgroups: 'never' }),
    'webgpu in slabs': await createWebGpuEngine(gpu, { ...software, slabEdgeCountMax: 100 }),
    wasm: await createWasmEngine(),
  }
  const hashes: Record<string, string> = {}
  for (const [name, engine] of Object.entries(engines)) hashes[name] = await sampleHash(engine)
  return { adapter: withSubgroups.adapter.name, hashes }
}

/** The hash that every engine must give. */
export function expectedHash(): Promise<string> {
  return sampleHash(referenceEngine)
}

async function sampleHash(engine: RankEngine): Promise<string> {
  const graph = sampleGraph()
  const ranked = await rank(
    graph,
    {
      weights: 'weighted',
      passThroughQ32: 0xd999_9999,
      teleport: new Map([
        ['n1', 2n],
        ['n7', 3n],
      ]),
      start: 'uniform',
      stop: { type: 'delta', deltaMax: 1n << 40n, iterationCountMax: 30 },
    },
    { engine },
  )
  const flowed = await flow(
    graph,
    {
      inflow: new Map([['n3', 10n ** 24n]]),
      keepFingers: new Map(graph.ids.map((id, index) => [id, BigInt(index % 3)])),
      stepCountMax: 12,
    },
    { engine },
  )
  const { execution: byRank } = ranked
  const { execution: byFlow } = flowed
  if (byRank.engine !== engine.name || byFlow.engine !== engine.name) {
    return `not ${engine.name}: ${[...byRank.notes, ...byFlow.notes].join(' ')}`
  }
  const counts = [ranked.iterationCount, flowed.stepCount]
  const amounts = [ranked.dust, ranked.delta, flowed.stopped, ...flowed.kept, ...flowed.edgeTotals]
  return keccak256OfText([...counts, ...ranked.scores, ...amounts].join('\n'))
}

function sampleGraph(): Graph {
  return buildGraph(
    Array.from({ length: 400 }, (_, index) => ({
      from: `n${index % 90}`,
      to: `n${(index * index + 3) % 71}`,
      weight: BigInt(((index * 7919) % 1000) + 1) << BigInt(index % 20),
    })),
    { extraNodes: ['alone'] },
  )
}
