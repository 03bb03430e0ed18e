import { type RankEngine, engineOf } from '@foggara/gpu-analytics'

import type { EngineSetting } from './engine-names.ts'

/** Which engine to open; plain data, so that it can be handed to a thread. */
export type EngineSettings = {
  readonly engine: EngineSetting
  /** Of the WASM engine; undefined: one per core. */
  readonly threadCount: number | undefined
}

/** An engine and what it holds: devices, threads, databases. */
export type OpenEngine = AsyncDisposable & { readonly engine: RankEngine }

/**
 * Opens an engine.
 *
 * @throws {PackageMissingError} when it needs a package that is not installed.
 */
export async function openEngine(settings: EngineSettings): Promise<OpenEngine> {
  const engine = await engineOf(settings.engine as 'auto')
  return { engine, [Symbol.asyncDispose]: async () => undefined }
}
