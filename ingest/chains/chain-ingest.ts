import {
  CHAIN_STATUS_PREFIX,
  type ClickHouseClient,
  type ClientOptions,
  command,
  openClient,
} from '@foggara/database'
import { FatalError, FoggaraError, type View } from '@foggara/schema'

import type { IngestStatus } from '../progress.ts'
import { type SourceEvent, type SourceIndex, openSourceIndex } from '../scan/index-sources.ts'
import { writeStatusRow } from '../store/status-row.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ChainPlan, checkChainPlan, databaseOf } from './chain-plan.ts'
import { joinedViews, showViews } from './chain-views.ts'

/** What indexing a chain needs. */
export type ChainIngestOptions = Surroundings & {
  /** A client of the product's own database, whose table `status` says how the chain is. */
  readonly client: ClickHouseClient
  /** The same server, with the right to make databases. */
  readonly connection: ClientOptions
  readonly chain: ChainPlan
  readonly onEvent?: (event: SourceEvent) => void
}

/** What a chain's index says about itself; JSON in `status` under `chain:NAME`. */
export type ChainStatus = IngestStatus & {
  readonly name: string
  readonly chainId: number
  readonly database: string
  readonly startBlock: number
  readonly adapters: readonly string[]
  readonly sources: readonly string[]
  readonly relations: readonly string[]
}

/** A chain being indexed; dispose of it when nothing runs any more. */
export type ChainIngest = AsyncDisposable & {
  readonly status: () => ChainStatus
  /** Indexes what is there now; the newest indexed block. */
  readonly catchUp: () => Promise<number>
  /** Indexes until the signal aborts; what cannot be mended is written to `status` and raised. */
  readonly run: () => Promise<void>
}

const STATUS_EVERY_MS = 5_000
const VIEWS_AGAIN_MS = 1_000

/**
 * Prepares to index a chain; nothing is read or written before `run` or `catchUp`.
 *
 * @throws what {@link checkChainPlan} raises.
 */
export function createChainIngest(options: ChainIngestOptions): ChainIngest {
  const ingest = new OneChain(options)
  return {
    status: () => ingest.status(),
    catchUp: () => ingest.catchUp(),
    run: () => ingest.run(),
    [Symbol.asyncDispose]: () => ingest.close(),
  }
}

class OneChain {
  readonly #options: ChainIngestOptions
  readonly #views: readonly View[]
  readonly #own: ClickHouseClient
  readonly #index: SourceIndex
  #failure: unknown
  #refused: ViewsRefusedError | undefined
  #writtenAtMs = Number.NEGATIVE_INFINITY
  #isShown = false

  constructor(options: ChainIngestOptions) {
    const { chain, connection, nowMs, sleep, signal } = options
    checkChainPlan(chain)
    this.#options = options
    this.#views = joinedViews(chain.views)
    this.#own = openClient({ ...connection, database: databaseOf(chain) })
    const { chainId, startBlock, sources, settings } = chain
    this.#index = openSourceIndex({
      client: this.#own,
      urls: chain.rpcUrls,
      chainId,
      startBlock,
      sources,
      nowMs,
      sleep,
      signal,
      ...(settings === undefined ? {} : { settings }),
      onEvent: (event) => this.#hear(event),
    })
  }

  status(): ChainStatus {
    const { chain } = this.#options
    const { state } = this.#index.status()
    return {
      name: chain.name,
      chainId: chain.chainId,
      database: databaseOf(chain),
      startBlock: chain.startBlock,
      adapters: chain.adapters,
      sources: chain.sources.map(({ name }) => name),
      relations: this.#views.map(({ name }) => name),
      ...this.#index.status(),
      ...(this.#refused === undefined ? {} : { ...failureFields(this.#refused), state }),
      ...(this.#failure === undefined ? {} : failureFields(this.#failure)),
    }
  }

  async catchUp(): Promise<number> {
    await this.#makeDatabase()
    const block = await this.#index.catchUp()
    await this.#show()
    await this.#writeStatus()
    return block
  }

  async run(): Promise<void> {
    const ended = new AbortController()
    try {
      await this.#makeDatabase()
      const showing = this.#keepShown(ended.signal)
      await Promise.all([
        this.#index.run().finally(() => ended.abort()),
        showing.catch((error: unknown) => {
          this.#failure = error
        }),
      ])
    } catch (error) {
      this.#failure = error
      throw error
    } finally {
      await this.#writeStatus().catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    await this.#own.close()
  }

  async #makeDatabase(): Promise<void> {
    const { client, chain } = this.#options
    await command(client, `create database if not exists ${databaseOf(chain)} engine = Atomic`)
  }

  /** Tables are made when the chain first answers; a changed ABI may need other views later. */
  async #keepShown(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      if (!this.#isShown) await this.#show().catch((error: unknown) => this.#noteRefusal(error))
      await this.#options.sleep(VIEWS_AGAIN_MS)
      if (this.#options.nowMs() - this.#writtenAtMs >= STATUS_EVERY_MS) {
        await this.#writeStatus().catch(() => undefined)
      }
    }
  }

  /** Before the first block there are no tables for views to read. */
  #noteRefusal(error: unknown): void {
    const { chain, onEvent } = this.#options
    if (this.#index.status().indexedBlock < 0) return
    const refused = new ViewsRefusedError(chain.name, error)
    if (refused.message === this.#refused?.message) return
    this.#refused = refused
    onEvent?.({ type: 'failed', error: refused })
  }

  async #show(): Promise<void> {
    if (this.#isShown) return
    const { chain, nowMs } = this.#options
    this.#isShown = true
    try {
      await showViews(this.#own, chain.sources, this.#views, nowMs())
      this.#refused = undefined
    } catch (error) {
      this.#isShown = false
      throw error
    }
  }

  #hear(event: SourceEvent): void {
    if (event.type === 'rebuilt') this.#isShown = false
    this.#options.onEvent?.(event)
  }

  async #writeStatus(): Promise<void> {
    const { client, chain, nowMs } = this.#options
    this.#writtenAtMs = nowMs()
    const key = `${CHAIN_STATUS_PREFIX}${chain.name}`
    await writeStatusRow(client, key, this.status(), this.#writtenAtMs)
  }
}

function failureFields(error: unknown): Partial<ChainStatus> {
  const state = 'stopped' as const
  if (error instanceof FoggaraError) {
    const { code, message, hint } = error
    return { state, errorCode: code, errorText: message, errorHint: hint ?? '' }
  }
  const errorText = error instanceof Error ? error.message : String(error)
  return { state, errorCode: 'UNEXPECTED', errorText, errorHint: '' }
}

/** The database takes the views of a chain's adapters for wrong; its events are indexed all the same. */
class ViewsRefusedError extends FatalError {
  constructor(chain: string, cause: unknown) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    const found = reason instanceof Error ? reason.message.slice(0, 300) : 'a failure'
    super(
      'CHAIN_VIEWS_REFUSED',
      `chain ${chain}: expected views that can be made, found ${found}`,
      {
        cause,
        hint: 'Correct the SQL of its adapters; the events themselves are there.',
      },
    )
  }
}
