import { RunAbortedError, checkNotAborted } from '../run-aborted.ts'
import { writeControl } from './control-block.ts'
import { compileForOneThread, compileForThreads, kernelsHere } from './kernel-module.ts'
import type { Kernels } from './threads/instantiate.ts'
import type { ThreadCommand } from './threads/serve-thread.ts'
import type { ThreadPlatform } from './threads/thread-platform.ts'
import { WorkerLostError, startTeam } from './threads/thread-team.ts'
import { THREAD_COUNT_MAX, type WasmMemory } from './wasm-memory.ts'
import { yieldToOthers } from './yield-to-others.ts'

/** Edges that one thread follows before it lets others run: some milliseconds. */
const BATCH_EDGE_COUNT = 8_000_000
/** Edges to follow in all from which on a thread is worth its start. */
const THREAD_EDGE_COUNT = 50_000_000
/** As many iterations as one may count on when a run stops by itself. */
const LIKELY_COUNT_MAX = 100
/** What the kernels count up to. */
const COUNT_BOUND = 0xffff_ffff

/** How a run is spread over the machine. */
export type Spread = {
  readonly threadCount: number
  /** Why, where it is not what one would expect. */
  readonly notes: readonly string[]
}

/** Runs kernels over one memory: on threads, or here in batches. */
export type KernelRunner = {
  readonly threadCount: number
  readonly notes: readonly string[]
  /** The kernels in the caller's thread, for what is not worth a message. */
  readonly here: Kernels
  /**
   * Runs a kernel until it says that it has ended, or `countMax` times; answers with what it says.
   *
   * @throws {RunAbortedError | WorkerLostError}
   */
  readonly run: (command: ThreadCommand, countMax: number) => Promise<number>
  /** Ends all threads at once, whatever they do. */
  readonly end: () => Promise<void>
}

export type RunnerOptions = {
  readonly platform: ThreadPlatform
  readonly spread: Spread
  readonly memory: WasmMemory
  readonly edgeCount: number
  readonly signal: AbortSignal | undefined
  readonly onCount: (count: number) => void
}

/** As many threads as asked for, or as are worth their start. */
export function spreadOver(
  platform: ThreadPlatform,
  asked: number | undefined,
  { edgeCount, countMax }: { readonly edgeCount: number; readonly countMax: number },
): Spread {
  const edgeCountInAll = edgeCount * Math.min(countMax, LIKELY_COUNT_MAX)
  const worth = Math.max(1, Math.floor(edgeCountInAll / THREAD_EDGE_COUNT))
  const wanted = Math.min(THREAD_COUNT_MAX, asked ?? Math.min(processorCount(), worth))
  const missing = wanted > 1 ? platform.missing() : undefined
  if (missing !== undefined) return { threadCount: 1, notes: [`one thread: ${missing}`] }
  return { threadCount: wanted, notes: wanted > 1 ? [`${wanted} threads`] : [] }
}

/**
 * Starts what runs the kernels; it must be ended by the caller. One thread does where threads do not
 * start.
 *
 * @throws {WasmUnavailableError}
 */
export async function openRunner(options: RunnerOptions): Promise<KernelRunner> {
  const { platform, spread, memory } = options
  if (spread.threadCount === 1) {
    return runnerHere(await kernelsAlone(options), spread.notes, options)
  }
  const module = await compileForThreads()
  const here = await kernelsHere(module, memory.memory, options.onCount)
  try {
    const team = await startTeam(platform, {
      module,
      memory: memory.memory,
      threadCount: spread.threadCount,
      onProgress: options.onCount,
    })
    const run = (command: ThreadCommand, countMax: number): Promise<number> =>
      untilAborted(options.signal, () => team.run(command, Math.min(countMax, COUNT_BOUND)))
    return { ...spread, here, run, end: team.end }
  } catch (error) {
    if (!(error instanceof WorkerLostError)) throw error
    writeControl(memory, { threadCount: 1 })
    return runnerHere(here, [`one thread: others did not start (${error.message})`], options)
  }
}

async function kernelsAlone({ memory, onCount }: RunnerOptions): Promise<Kernels> {
  return kernelsHere(await compileForOneThread(), memory.memory, onCount)
}

function runnerHere(
  here: Kernels,
  notes: readonly string[],
  { edgeCount, signal }: RunnerOptions,
): KernelRunner {
  const batch = Math.max(1, Math.floor(BATCH_EDGE_COUNT / Math.max(1, edgeCount)))
  return {
    threadCount: 1,
    notes,
    here,
    end: async () => undefined,
    run: async (command, countMax) => {
      for (let left = countMax; ; left -= batch) {
        checkNotAborted(signal, 'some iterations')
        const returned = here[command](0, Math.min(left, batch)) ?? 0
        if (returned !== 0 || left <= batch) return returned
        await yieldToOthers()
      }
    },
  }
}

async function untilAborted<T>(
  signal: AbortSignal | undefined,
  start: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return start()
  checkNotAborted(signal, 'no iteration')
  let listener = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    listener = () => reject(new RunAbortedError('some iterations', signal.reason))
    signal.addEventListener('abort', listener)
  })
  try {
    return await Promise.race([start(), aborted])
  } finally {
    signal.removeEventListener('abort', listener)
  }
}

/** Processors that Node or the browser tells of. */
function processorCount(): number {
  const platform = globalThis as unknown as {
    readonly navigator?: { readonly hardwareConcurrency?: number }
  }
  return platform.navigator?.hardwareConcurrency ?? 1
}
