import { FoggaraError, invariant } from '@foggara/schema'

import type { StoredLimits } from './fetch-range-limits.ts'
import { RpcCallFailedError, RpcWrongChainError } from './rpc-errors.ts'
import {
  type Provider,
  type ProviderReport,
  isDoubt,
  openProvider,
  providerId,
} from './rpc-provider.ts'
import { type Rpc, type RpcOutcome, resultOf } from './rpc.ts'

/** How to reach a chain through one or several providers. */
export type RpcPoolOptions = {
  /** At least one; those first are preferred while all are equally quick. */
  readonly urls: readonly string[]
  readonly chainId: number
  readonly nowMs: () => number
  readonly sleep: (durationMs: number) => Promise<void>
  readonly signal: AbortSignal
  readonly attemptsMax?: number
  /** Resolves when there is memory for another answer. */
  readonly room?: (() => Promise<void>) | undefined
  /** The shortest wait before a second provider is asked too; 1,000 by default. */
  readonly hedgeMsMin?: number
  /** Requests of one range that are under way together; 4 by default. */
  readonly requestsAtOnce?: number
  /** What earlier runs learned, by the id of a provider. */
  readonly limits?: ReadonlyMap<string, StoredLimits>
}

/** What came of an attempt, and from whom. */
export type Attempted<T> = { readonly value: T; readonly provider: Provider }

/** How an attempt is made. */
export type AttemptRules = {
  /** Whom to ask first if it is well. */
  readonly prefer?: Provider | undefined
  /** Providers that are not asked while there is another. */
  readonly avoid?: ReadonlySet<Provider>
  /** Ask a second provider when the first takes unusually long. */
  readonly isHedged?: boolean
}

/** Several providers of one chain that stand in for each other. */
export type RpcPool = Rpc & {
  readonly providers: readonly Provider[]
  /**
   * Runs a task against one provider, and against others when it fails there. A provider is taken
   * for a liar only when another one passes the checks that it failed: what fails everywhere is the
   * chain's doing, or ours.
   */
  readonly attempt: <T>(
    task: (provider: Provider) => Promise<T>,
    rules?: AttemptRules,
  ) => Promise<Attempted<T>>
  /** Checks that every provider that answers serves the chain. Raises `RPC_WRONG_CHAIN`. */
  readonly checkChain: () => Promise<void>
  readonly reports: () => readonly ProviderReport[]
}

/** A second provider is asked after so many times the usual duration. */
const HEDGE_FACTOR = 4
const HEDGE_MS_MIN = 1_000

/** Opens a pool; nothing is sent before the first call. */
export function openRpcPool(options: RpcPoolOptions): RpcPool {
  invariant(options.urls.length > 0, 'a pool has a provider')
  const { limits: stored, ...rest } = options
  const providers = options.urls.map((url) =>
    openProvider({ ...rest, url, limits: stored?.get(providerId(url)) }),
  )
  const attempt = <T>(
    task: (provider: Provider) => Promise<T>,
    rules: AttemptRules = {},
  ): Promise<Attempted<T>> => attemptWith(options, candidates(providers, rules), task, rules)
  const batchSettled: Rpc['batchSettled'] = async (calls) => {
    const found: (readonly RpcOutcome[])[] = []
    try {
      const { value } = await attempt(async (provider) => {
        const outcomes = await provider.batchSettled(calls)
        found.push(outcomes)
        const failed = outcomes.find(isWorthAnother)
        if (failed?.type === 'error' && providers.length > 1) throw failed.error
        return outcomes
      })
      return value
    } catch (error) {
      const [first] = found.toSorted((a, b) => errorCount(a) - errorCount(b))
      if (first === undefined) throw error
      return first
    }
  }
  const batch: Rpc['batch'] = async (calls) => (await batchSettled(calls)).map(resultOf)
  return {
    shownUrl: providers.map(({ shownUrl }) => shownUrl).join(', '),
    providers,
    attempt,
    batchSettled,
    batch,
    call: async (method, params) => (await batch([{ method, params }]))[0],
    exchange: async (calls) => (await attempt((provider) => provider.exchange(calls))).value,
    untilHead: (pauseMs) => untilHead(providers, pauseMs, options.sleep),
    checkChain: () => checkChain(providers),
    reports: () => providers.map((provider) => provider.report()),
  }
}

/** The first provider that can tell of new blocks and is well; a plain pause where none can. */
async function untilHead(
  providers: readonly Provider[],
  pauseMs: number,
  sleep: (durationMs: number) => Promise<void>,
): Promise<void> {
  const teller = providers.find((provider) => provider.untilHead !== undefined && provider.isWell())
  return teller?.untilHead?.(pauseMs) ?? sleep(pauseMs)
}

/** Those that are well, the quickest first; then the others, the first to be well first. */
function candidates(
  providers: readonly Provider[],
  { prefer, avoid }: AttemptRules,
): readonly Provider[] {
  const wanted = providers.filter((provider) => avoid?.has(provider) !== true)
  const pool = wanted.length > 0 ? wanted : providers
  const well = pool.filter((provider) => provider.isWell())
  const headBlock = Math.max(...pool.map((provider) => provider.headBlock()))
  // Differences below a factor of two are noise: the order of the settings then decides.
  const rank = (provider: Provider): number => {
    if (provider === prefer) return -1
    const isBehind = provider.headBlock() + BEHIND_BLOCKS < headBlock
    const speed = Math.round(Math.log2(Math.max(1, provider.latencyMs())))
    return isBehind ? BEHIND_RANK + speed : speed
  }
  const ill = pool.filter((provider) => !provider.isWell())
  return [
    ...well.toSorted((a, b) => rank(a) - rank(b)),
    ...ill.toSorted((a, b) => a.wellAtMs() - b.wellAtMs()),
  ]
}

/** A provider that far behind the others comes after them, and bears no witness. */
export const BEHIND_BLOCKS = 3
const BEHIND_RANK = 100

async function attemptWith<T>(
  options: RpcPoolOptions,
  order: readonly Provider[],
  task: (provider: Provider) => Promise<T>,
  rules: AttemptRules,
): Promise<Attempted<T>> {
  const failed: { readonly provider: Provider; readonly error: FoggaraError }[] = []
  const left = [...order]
  const startNext = async (): Promise<Attempted<T>> => {
    for (let provider = left.shift(); provider !== undefined; provider = left.shift()) {
      try {
        return await runOnce(options, provider, task)
      } catch (error) {
        if (!(error instanceof FoggaraError) || options.signal.aborted) throw error
        if (isAnswer(error) || error instanceof RpcWrongChainError) throw error
        failed.push({ provider, error })
      }
    }
    throw failed.find(({ error }) => error.retryable)?.error ?? failed[0]?.error ?? new NoneLeft()
  }
  const [first] = order
  const mayHedge = options.hedgeMsMin !== Number.POSITIVE_INFINITY
  const isHedged = rules.isHedged === true && mayHedge && order.length > 1
  const found = isHedged
    ? await hedged(options, HEDGE_FACTOR * (first?.latencyMs() ?? 0), startNext)
    : await startNext()
  for (const { provider, error } of failed) {
    if (isDoubt(error) && provider !== found.provider) provider.noteLie(error)
  }
  return found
}

async function runOnce<T>(
  { nowMs }: RpcPoolOptions,
  provider: Provider,
  task: (provider: Provider) => Promise<T>,
): Promise<Attempted<T>> {
  const startMs = nowMs()
  try {
    await provider.checkChain()
    const value = await task(provider)
    provider.noteSuccess(nowMs() - startMs)
    return { value, provider }
  } catch (error) {
    if (error instanceof FoggaraError && !isAnswer(error)) provider.noteFailure(error)
    throw error
  }
}

/** The first success of two attempts, the second begun when the first takes long. */
async function hedged<T>(
  options: RpcPoolOptions,
  usualMs: number,
  start: () => Promise<T>,
): Promise<T> {
  const first = start()
  const isOver = first.then(
    () => true,
    () => true,
  )
  const isLong = options
    .sleep(Math.max(options.hedgeMsMin ?? HEDGE_MS_MIN, usualMs))
    .then(() => false)
  if (await Promise.race([isOver, isLong])) return first
  return Promise.any([first, start()]).catch((error: unknown) => {
    throw error instanceof AggregateError ? error.errors[0] : error
  })
}

async function checkChain(providers: readonly Provider[]): Promise<void> {
  const checks = await Promise.allSettled(providers.map((provider) => provider.checkChain()))
  const errors = checks.flatMap((check) => (check.status === 'rejected' ? [check.reason] : []))
  const wrong: unknown = errors.find((error) => error instanceof RpcWrongChainError)
  if (wrong !== undefined) throw wrong
  if (errors.length === providers.length) throw errors[0]
}

/** The chain's own answer, which every provider would give. */
function isAnswer(error: FoggaraError): boolean {
  return error instanceof RpcCallFailedError && error.verdict.type === 'reverted'
}

function isWorthAnother(outcome: RpcOutcome): boolean {
  return outcome.type === 'error' && !isAnswer(outcome.error)
}

function errorCount(outcomes: readonly RpcOutcome[]): number {
  return outcomes.filter(({ type }) => type === 'error').length
}

/** Every provider is being tried by another attempt. */
class NoneLeft extends Error {}
