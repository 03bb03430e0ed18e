import { createRequire } from 'node:module'
import path from 'node:path'

import { type Deployment, FatalError, type FoggaraError, RetryableError } from '@foggara/schema'
import { z } from 'zod'

import { type Child, startChild } from './child-process.ts'
import { parseDeployment } from './deployment-file.ts'
import { reachable } from './free-port.ts'
import { openPortGate } from './port-gate.ts'

/** How the local chain is started. */
export type DevnetOptions = {
  /** Where the chain is kept between runs. */
  readonly stateDirectory: string
  readonly seed: string
  /** Where the chain listens; port 0: any free one. */
  readonly host: string
  readonly port: number
  /** Where receipts go whose digests alone are anchored; undefined: every batch has bodies. */
  readonly receiptsUrl: string | undefined
  /** How many past states can be asked for; undefined: as many as reorganisations need. */
  readonly stateCount: number | undefined
  readonly stopped: AbortSignal
  readonly log: (line: string) => void
}

/** A local chain with its economy, restarted when it ends by itself. */
export type DevnetProcess = AsyncDisposable & {
  readonly rpcUrl: string
  readonly deployment: Deployment
  readonly pid: () => number | undefined
  /** Resolves when the economy's whole history is there; nobody else may send anything before. */
  readonly history: Promise<void>
  readonly failed: Promise<never>
}

type Ready = { readonly rpcUrl: string; readonly deployment: Deployment }

const START_MS_MAX = 180_000
const CRASHES_MAX = 5
const CRASH_WINDOW_MS = 60_000

/**
 * Starts the local chain in a process of its own and waits until its contracts are there; the history
 * grows while it can already be followed. When it ends by itself it is started again and goes on from
 * its state file; its address stays the same and is shut meanwhile, so that nobody takes the node at
 * its genesis for a reorg.
 *
 * @throws {DevnetNotStartedError}
 */
export async function startDevnet(options: DevnetOptions): Promise<DevnetProcess> {
  const gate = await openPortGate(options.host, options.port)
  const history = Promise.withResolvers<void>()
  let child = spawnDevnet(options, history.resolve)
  const stopping = new AbortController()
  const first = await child.deployed.catch(async (error: unknown) => {
    await gate[Symbol.asyncDispose]()
    throw error
  })
  gate.open(portOf(first))
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)

  const keepRunning = async (): Promise<void> => {
    const crashTimesMs: number[] = []
    for (;;) {
      const end = await child.process.ended
      gate.shut()
      if (stopping.signal.aborted || options.stopped.aborted) return
      const nowMs = performance.now()
      crashTimesMs.push(nowMs)
      while ((crashTimesMs[0] ?? nowMs) < nowMs - CRASH_WINDOW_MS) crashTimesMs.shift()
      if (crashTimesMs.length > CRASHES_MAX) throw new DevnetKeepsEndingError(end)
      options.log(`chain: ended unexpectedly (${end}), it is started again`)
      child = spawnDevnet(options, history.resolve)
      try {
        gate.open(portOf(await child.deployed))
        options.log(`chain: runs again (pid ${child.process.pid})`)
      } catch (error) {
        if (stopping.signal.aborted || options.stopped.aborted) return
        options.log(`chain: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  keepRunning().catch((error: unknown) => failure.reject(error))
  return {
    rpcUrl: `http://${reachable(options.host)}:${gate.port}`,
    deployment: first.deployment,
    pid: () => child.process.pid,
    history: history.promise,
    failed: failure.promise,
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await child.process.stop()
      await gate[Symbol.asyncDispose]()
    },
  }
}

function portOf({ rpcUrl }: Ready): number {
  return Number(new URL(rpcUrl).port)
}

const message = z.discriminatedUnion('ready', [
  z.object({ ready: z.literal('deployed'), rpcUrl: z.url(), deployment: z.unknown() }),
  z.object({ ready: z.literal(true), rpcUrl: z.url(), deployment: z.unknown() }),
  z.object({
    ready: z.literal(false),
    code: z.string(),
    text: z.string(),
    hint: z.string().optional(),
  }),
])

function spawnDevnet(
  options: DevnetOptions,
  onHistory: () => void,
): { readonly process: Child; readonly deployed: Promise<Ready> } {
  const deployed = Promise.withResolvers<Ready>()
  deployed.promise.catch(() => undefined)
  const errorLines: string[] = []
  const child = startChild({
    command: process.execPath,
    args: [
      entryFile(),
      `--seed=${options.seed}`,
      `--state-dir=${options.stateDirectory}`,
      ...(options.receiptsUrl === undefined ? [] : [`--receipts-url=${options.receiptsUrl}`]),
      ...(options.stateCount === undefined ? [] : [`--states=${options.stateCount}`]),
    ],
    // Nothing else of our environment: no secret reaches the chain.
    environment: { TZ: 'UTC' },
    onLine: (line) => {
      const found = message.safeParse(parseJson(line))
      if (!found.success) return options.log(`chain: ${line}`)
      if (found.data.ready === false) return deployed.reject(startError(found.data))
      if (found.data.ready === true) onHistory()
      try {
        const { rpcUrl, deployment } = found.data
        deployed.resolve({ rpcUrl, deployment: parseDeployment(deployment, 'devnet') })
      } catch (error) {
        deployed.reject(error)
      }
    },
    onErrorLine: (line) => {
      errorLines.push(line)
      options.log(`chain: ${line}`)
    },
  })
  void watchStart(child, deployed, () => errorLines.at(-1) ?? '')
  return { process: child, deployed: deployed.promise }
}

async function watchStart(
  child: Child,
  deployed: PromiseWithResolvers<Ready>,
  lastLine: () => string,
): Promise<void> {
  const late = () => deployed.reject(new DevnetNotStartedError('no word in 180 s'))
  const timer = setTimeout(late, START_MS_MAX)
  const ended = child.ended.then((end) => {
    throw new DevnetNotStartedError(`${end} ${lastLine()}`.trim())
  })
  try {
    await Promise.race([deployed.promise, ended])
  } catch (error) {
    deployed.reject(error)
    await child.stop()
  } finally {
    clearTimeout(timer)
  }
}

function entryFile(): string {
  const manifest = createRequire(import.meta.url).resolve('@foggara/devnet')
  return path.join(path.dirname(manifest), 'main.ts')
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function startError(failure: {
  readonly code: string
  readonly text: string
  readonly hint?: string | undefined
}): FoggaraError {
  const { code, text, hint } = failure
  return new FatalError(code, text, hint === undefined ? {} : { hint })
}

/** The local chain does not come up. */
export class DevnetNotStartedError extends RetryableError {
  constructor(found: string) {
    super('DEVNET_NOT_STARTED', `expected the local chain to start, found ${found}`)
  }
}

/** The local chain ends again and again. */
export class DevnetKeepsEndingError extends FatalError {
  constructor(found: string) {
    super(
      'DEVNET_KEEPS_ENDING',
      `expected the local chain to keep running, found ${CRASHES_MAX} ends in a minute, the last ${found}`,
      { hint: 'Look at the lines before this one; its state file is left as it is.' },
    )
  }
}
