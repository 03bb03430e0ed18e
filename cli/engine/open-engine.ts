import {
  type RankEngine,
  createAutoEngine,
  createWasmEngine,
  createWebGpuEngine,
  referenceEngine,
} from '@foggara/gpu-analytics'

import type { EngineSetting } from './engine-names.ts'
import { openGpu } from './open-gpu.ts'

/** Which engine to open; plain data, so that it can be handed to a thread. */
export type EngineSettings = {
  readonly engine: EngineSetting
  /** Of the WASM engine; undefined: one per core. */
  readonly threadCount: number | undefined
  /** Whether `webgpu` may be a software adapter, which gives the same bits, slowly. */
  readonly takesSoftwareGpu: boolean
  /** A server for the engine `clickhouse`; undefined: an embedded one of its own. */
  readonly clickhouseUrl?: string
}

/** An engine and what it holds: devices, threads, databases. */
export type OpenEngine = AsyncDisposable & { readonly engine: RankEngine }

/**
 * Opens an engine. Whichever it is, no bit of a result depends on it.
 *
 * @throws {NodeGpuUnavailableError | VulkanMissingError | WebGpuUnavailableError | DuckDbUnavailableError |
 *   WasmUnavailableError} when it cannot run here.
 */
export async function openEngine(settings: EngineSettings): Promise<OpenEngine> {
  switch (settings.engine) {
    case 'reference':
      return opened(referenceEngine)
    case 'wasm':
      return opened(await createWasmEngine(threadsOf(settings)))
    case 'webgpu': {
      const options = {
        allowFallbackAdapter: settings.takesSoftwareGpu,
        fallback: await createWasmEngine(threadsOf(settings)),
      }
      const engine = await createWebGpuEngine(await openGpu(), options)
      return opened(engine, engine)
    }
    case 'auto': {
      const engine = await createAutoEngine({
        openGpu,
        createCpuEngine: () => createWasmEngine(threadsOf(settings)),
      })
      return opened(engine, engine)
    }
    case 'duckdb':
    case 'clickhouse': {
      const { openSqlEngine } = await import('./open-sql-engine.ts')
      return openSqlEngine(settings.engine, settings)
    }
  }
}

function threadsOf({ threadCount }: EngineSettings) {
  return threadCount === undefined ? {} : { threads: threadCount }
}

function opened(engine: RankEngine, held?: { readonly close: () => void }): OpenEngine {
  return { engine, [Symbol.asyncDispose]: async () => held?.close() }
}
