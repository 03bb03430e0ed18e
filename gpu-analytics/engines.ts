import { FatalError } from '@foggara/schema'

import { openGpuHere } from '#open-gpu'

import { createAutoEngine } from './auto-engine.ts'
import { createWasmEngine } from './cpu/wasm-engine.ts'
import type { RankEngine, RunOptions } from './engine.ts'
import { createWebGpuEngine } from './gpu/webgpu-engine.ts'
import { referenceEngine } from './reference/reference-engine.ts'

/** Engines that can be had by name; those in SQL need a connection and are made by the caller. */
export type EngineByName = 'auto' | 'reference' | 'wasm' | 'webgpu'

/** A name, or an engine of one's own making. */
export type EngineChoice = EngineByName | RankEngine

export type EngineOptions = RunOptions & {
  /** Default `auto`. Which engine is chosen changes no bit of the result. */
  readonly engine?: EngineChoice
}

/** An engine that owns something, such as a device, and gives it back when closed. */
type ClosableEngine = RankEngine & { readonly close?: () => unknown }

const CREATE: Readonly<Record<EngineByName, () => Promise<ClosableEngine>>> = {
  auto: () => createAutoEngine({ openGpu: openGpuHere, createCpuEngine: () => engineOf('wasm') }),
  reference: async () => referenceEngine,
  wasm: createWasmEngine,
  webgpu: async () => createWebGpuEngine(await openGpuHere()),
}

const created = new Map<EngineByName, Promise<ClosableEngine>>()

/**
 * The engine of a choice. An engine by name is made at its first use and then reused.
 *
 * @throws {EngineUnknownError} for a name that no engine has.
 * @throws {EngineUnavailableError} when this machine cannot run the engine.
 */
export async function engineOf(choice: EngineChoice): Promise<RankEngine> {
  if (typeof choice === 'object') return choice
  if (!Object.hasOwn(CREATE, choice)) throw new EngineUnknownError(choice)
  const former = created.get(choice)
  if (former !== undefined) return former
  const engine = create(choice)
  created.set(choice, engine)
  return engine
}

/** Gives back the devices and threads of all engines by name; the next use makes them again. */
export async function closeEngines(): Promise<void> {
  const engines = [...created.values()]
  created.clear()
  for (const engine of await Promise.allSettled(engines)) {
    if (engine.status === 'fulfilled') await engine.value.close?.()
  }
}

async function create(name: EngineByName): Promise<ClosableEngine> {
  try {
    return await CREATE[name]()
  } catch (cause) {
    created.delete(name)
    if (cause instanceof EngineUnavailableError) throw cause
    throw new EngineUnavailableError(name, cause)
  }
}

/** A name that no engine has. */
export class EngineUnknownError extends FatalError {
  constructor(found: string) {
    super(
      'ENGINE_UNKNOWN',
      `engine: expected one of ${Object.keys(CREATE).join(', ')}, found ${found}`,
      { hint: 'Leave the engine out, or pass an engine that you made, such as one in SQL.' },
    )
  }
}

/** An engine exists and cannot run here. */
export class EngineUnavailableError extends FatalError {
  constructor(name: EngineByName, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super('ENGINE_UNAVAILABLE', `engine ${name}: expected it to start, found: ${reason}`, {
      cause,
      hint:
        name === 'webgpu'
          ? 'Use the engine auto or wasm: they give the same bits.'
          : 'Use the engine reference: it is slower and gives the same bits.',
    })
  }
}
