import { checkFlowProblem, checkRankProblem } from '../check-problem.ts'
import type {
  FlowProblem,
  FlowResult,
  RankEngine,
  RankProblem,
  RankResult,
  RunOptions,
} from '../engine.ts'
import { referenceEngine } from '../reference/reference-engine.ts'
import { FLOW_BYTES_PER_EDGE, flowOnGpu } from './flow-on-gpu.ts'
import { type AdapterFacts, type GpuDevice, openGpuDevice } from './gpu-device.ts'
import type { GpuLike } from './gpu-like.ts'
import { RANK_BYTES_PER_EDGE, rankOnGpu } from './rank-on-gpu.ts'
import { type WebGpuEngineOptions, tuningFor } from './tuning.ts'

/** An engine that owns a device; close it to give the device back. */
export type WebGpuEngine = RankEngine & {
  readonly adapter: AdapterFacts
  readonly close: () => void
}

/**
 * The engine for large graphs: kernels in WGSL, on a graphics card. Pass `navigator.gpu` in a browser
 * and `await openNodeGpu()` in Node. A device lost in one run is opened again for the next.
 *
 * What a device cannot compute exactly (amounts over 128 bits) the engine `fallback` computes; the
 * result's notes say so.
 *
 * @throws {WebGpuUnavailableError} when there is no adapter, or only a software one.
 * @throws {GraphTooLargeForDeviceError} from `rank` and `flow`, before anything is allocated.
 * @throws {DeviceLostError} from `rank` and `flow`, in mid-run.
 */
export async function createWebGpuEngine(
  gpu: GpuLike,
  asked: WebGpuEngineOptions = {},
): Promise<WebGpuEngine> {
  const options = { ...asked, fallback: asked.fallback ?? referenceEngine }
  let device = await openGpuDevice(gpu, options)
  let reopening: Promise<GpuDevice> | undefined
  const current = async () => {
    if (!device.isLost) return device
    reopening ??= openGpuDevice(gpu, options).finally(() => (reopening = undefined))
    device = await reopening
    return device
  }
  return {
    name: 'webgpu',
    adapter: device.adapter,
    rank: async (problem, run = {}) => rank(await current(), options, problem, run),
    flow: async (problem, run = {}) => flow(await current(), options, problem, run),
    close: () => device.destroy(),
  }
}

type Settled = WebGpuEngineOptions & { readonly fallback: RankEngine }

async function rank(
  device: GpuDevice,
  options: Settled,
  problem: RankProblem,
  run: RunOptions,
): Promise<RankResult> {
  checkRankProblem(problem)
  if (problem.graph.nodeCount === 0)
    return noted(await options.fallback.rank(problem, run), 'the graph is empty')
  const tuning = tuningFor(device, options, RANK_BYTES_PER_EDGE)
  const outcome = await rankOnGpu(device, tuning, problem, run)
  if (outcome.type === 'unfit') {
    return noted(await options.fallback.rank(problem, run), outcome.why)
  }
  return { ...outcome.result, execution: { engine: 'webgpu', notes: [noteOf(device)] } }
}

async function flow(
  device: GpuDevice,
  options: Settled,
  problem: FlowProblem,
  run: RunOptions,
): Promise<FlowResult> {
  checkFlowProblem(problem)
  const tuning = tuningFor(device, options, FLOW_BYTES_PER_EDGE)
  const outcome = await flowOnGpu(device, tuning, problem, run)
  if (outcome.type === 'unfit') return noted(await options.fallback.flow(problem, run), outcome.why)
  return { ...outcome.result, execution: { engine: 'webgpu', notes: [noteOf(device)] } }
}

function noteOf({ adapter }: GpuDevice): string {
  const kind = adapter.isFallback ? 'software adapter' : 'adapter'
  const how = adapter.hasSubgroups ? 'with' : 'without'
  return `Computed on the ${kind} "${adapter.name}" ${how} subgroup operations.`
}

function noted<Result extends RankResult | FlowResult>(result: Result, why: string): Result {
  const note = `Computed by the engine ${result.execution.engine} instead of WebGPU: ${why}.`
  return { ...result, execution: { ...result.execution, notes: [note, ...result.execution.notes] } }
}
