import { FoggaraError } from '@foggara/schema'

import { createWasmEngine } from './cpu/wasm-engine.ts'
import type { Execution, RankEngine } from './engine.ts'
import type { GpuLike } from './gpu/gpu-like.ts'
import type { WebGpuEngineOptions } from './gpu/tuning.ts'
import { type WebGpuEngine, createWebGpuEngine } from './gpu/webgpu-engine.ts'

/** Below this a device spends more time on starting kernels than the processor on computing. */
export const AUTO_GPU_EDGE_COUNT_MIN = 5_000_000

/** What the device answers when the processor should take its place. */
const DEVICE_CODES: ReadonlySet<string> = new Set([
  'DEVICE_FAILED',
  'DEVICE_LOST',
  'GRAPH_TOO_LARGE_FOR_DEVICE',
  'KERNEL_REFUSED',
  'WEBGPU_UNAVAILABLE',
])

export type AutoEngineOptions = WebGpuEngineOptions & {
  /** `openPageGpu` or `openNodeGpu`; called when the first large graph comes. Absent: no device. */
  readonly openGpu?: () => Promise<GpuLike>
  /** The engine on the processor. Default: WASM. */
  readonly createCpuEngine?: () => Promise<RankEngine>
  /** The least edges for which the device is taken. */
  readonly gpuEdgeCountMin?: number
}

/** An engine that owns a device when it has needed one; close it to give the device back. */
export type AutoEngine = RankEngine & { readonly close: () => void }

/**
 * The engine that chooses: WebGPU for large graphs where there is a graphics card, WASM for all else
 * and whenever the device fails. A software adapter is not a graphics card. The result's notes say
 * which it was and why; the engine carries the name of the one that is always there.
 *
 * @throws {WasmUnavailableError}
 */
export async function createAutoEngine(options: AutoEngineOptions = {}): Promise<AutoEngine> {
  const cpu = await (options.createCpuEngine ?? createWasmEngine)()
  let opening: Promise<WebGpuEngine> | undefined
  const gpuFor = async (edgeCount: number): Promise<WebGpuEngine | string> => {
    const { openGpu, gpuEdgeCountMin = AUTO_GPU_EDGE_COUNT_MIN } = options
    if (openGpu === undefined) return 'no WebGPU was given'
    if (edgeCount < gpuEdgeCountMin) {
      return `${edgeCount} edges are fewer than the ${gpuEdgeCountMin} that are worth a device`
    }
    opening ??= openGpu().then((gpu) => createWebGpuEngine(gpu, { ...options, fallback: cpu }))
    return opening.catch(reasonOf)
  }
  const run = async <Result extends { readonly execution: Execution }>(
    edgeCount: number,
    compute: (engine: RankEngine) => Promise<Result>,
  ): Promise<Result> => {
    const gpu = await gpuFor(edgeCount)
    const outcome = typeof gpu === 'string' ? gpu : await compute(gpu).catch(reasonOf)
    if (typeof outcome === 'string') return noted(await compute(cpu), cpuNote(cpu, outcome))
    return outcome.execution.engine === 'webgpu'
      ? noted(outcome, `WebGPU was chosen: ${edgeCount} edges are worth a device.`)
      : outcome
  }
  return {
    name: cpu.name,
    rank: (problem, how) =>
      run(problem.graph.sources.length, (engine) => engine.rank(problem, how)),
    flow: (problem, how) =>
      run(problem.graph.sources.length, (engine) => engine.flow(problem, how)),
    close: () => void opening?.then((gpu) => gpu.close(), reasonOf),
  }
}

/** Why the processor takes over, when the device is the cause; all other errors go on. */
function reasonOf(error: unknown): string {
  if (!(error instanceof FoggaraError) || !DEVICE_CODES.has(error.code)) throw error
  return `${error.code}, ${error.message}`
}

function cpuNote(cpu: RankEngine, why: string): string {
  return `The engine ${cpu.name} was chosen over WebGPU: ${why}.`
}

function noted<Result extends { readonly execution: Execution }>(
  result: Result,
  note: string,
): Result {
  const { execution } = result
  return { ...result, execution: { ...execution, notes: [note, ...execution.notes] } }
}
