import path from 'node:path'

import { type ChainPlan, type NamedSubgraph, openReceiptIntake } from '@foggara/ingest'
import { FatalError, FoggaraError } from '@foggara/schema'

import { readChains } from '../chains/chain-settings.ts'
import type { Context, OptionValues } from '../command.ts'
import { type Config, loadConfig } from '../config.ts'
import { type ServiceConsole, openConsole } from '../live/open-console.ts'
import { readMemory } from '../live/read-memory.ts'
import { watchedIntake } from '../live/watch-receipts.ts'
import type { Log } from '../log/log-entry.ts'
import { withMemoryShare } from '../memory/keep-memory.ts'
import { memoryShares } from '../memory/memory-shares.ts'
import { serviceMetrics } from '../metrics/service-metrics.ts'
import { openNamedFolders } from '../subgraph/named-folders.ts'
import { shownUrl } from './check-rpc.ts'
import { buildDashboards } from './dashboards-build.ts'
import { followChains } from './follow-chains.ts'
import { followSubgraphs } from './follow-subgraphs.ts'
import { checkPort } from './free-port.ts'
import { type Indexing, indexChain } from './index-chain.ts'
import { intakeOptions } from './intake-options.ts'
import { type OpenChain, connectChain, isConfigured, openDevnet } from './open-chain.ts'
import { type OpenDatabase, migrateDatabase, openDatabase } from './open-database.ts'
import { openScorer } from './open-scorer.ts'
import { checkReceiptStream, receiveReceipts } from './receive-receipts.ts'
import { repository } from './repository.ts'
import { readRunning, removeRunning, writeRunning } from './running-file.ts'
import { serveApi, serviceStatus } from './serve-api.ts'
import { aborted, surroundingsOf } from './surroundings.ts'
import { visitQuarantine } from './visit-quarantine.ts'

/** Runs `foggara start`: everything, until it is stopped or something cannot be mended. */
export async function start(options: OptionValues, given: Context): Promise<number> {
  const config = await loadConfig(options, given)
  checkReceiptStream(config)
  using shown = openConsole(config, options, given)
  const { context, log, board } = shown
  const dataDirectory = path.resolve(context.directory, config.dataDirectory)
  await checkPort(config.host, config.port)
  await checkUnused(dataDirectory)
  const subgraphs = await openNamedFolders(config.subgraphs ?? [], undefined, context.directory)
  const chains = await readChains(config.chains, context.directory)
  const configured = isConfigured(config) ? await connectChain(config, context) : undefined
  const dashboards = buildDashboards(repository(), context.stopped, log).catch((error: unknown) => {
    log(error instanceof Error ? error.message : String(error))
  })
  log(`database: starting in ${dataDirectory}`)
  // Its lock on the directory comes before the chain, which has none.
  await using database = await openDatabase(config, context.directory, log)
  const shares = config.memory === undefined ? undefined : memoryShares(config.memory)
  board.setMemory(() => readMemory(database.pid(), shares?.ceilingBytes))
  if (configured === undefined) log('chain: starting the local economy')
  const opening = configured ?? openDevnet(config, context, log)
  await using _ = disposedLater(opening)
  await migrateDatabase(database)
  log('database: ready')
  const chain = await opening
  log(`chain: answers at ${chain.rpcUrl}, chain ${chain.deployment.chainId}`)
  try {
    await dashboards
    await runService({ config, shown, database, chain, dataDirectory, subgraphs, chains })
  } finally {
    await removeRunning(dataDirectory)
    log('stopping')
  }
  return 0
}

/** Ends the chain on every way out, also when something else fails while it is still starting. */
function disposedLater(opening: OpenChain | Promise<OpenChain>): AsyncDisposable {
  const opened = Promise.resolve(opening).catch(() => undefined)
  return { [Symbol.asyncDispose]: async () => (await opened)?.[Symbol.asyncDispose]() }
}

type Service = {
  readonly config: Config
  readonly shown: ServiceConsole
  readonly database: OpenDatabase
  readonly chain: OpenChain
  readonly dataDirectory: string
  readonly subgraphs: readonly NamedSubgraph[]
  readonly chains: readonly ChainPlan[]
}

async function runService(service: Service): Promise<void> {
  const { config, database, chain, dataDirectory } = service
  const { context, log, board } = service.shown
  const ending = new AbortController()
  const stop = () => ending.abort()
  context.stopped.addEventListener('abort', stop)
  if (context.stopped.aborted) stop()
  const surroundings = withMemoryShare(surroundingsOf(context, ending.signal), config, log)
  const { client } = database
  const { deployment, rpcUrl } = chain
  const indexing = indexChain(database, chain, surroundings, log)
  board.addChain(String(deployment.chainId), indexing.status)
  const opened = await openReceiptIntake({
    client,
    deployment,
    ...intakeOptions(config),
    ...surroundings,
  })
  const intake = watchedIntake(opened, board, context.nowMs)
  await using scorer = await openScorer(config, database, chain, surroundings, log)
  board.setEpochs(scorer.reading)
  const status = async () => serviceStatus(indexing, scorer.problems)
  const metrics = async () => serviceMetrics(board.reading())
  const { chainId } = deployment
  const api = await serveApi({ config, database, chainId, intake, status, metrics, log })
  await writeRunning(dataDirectory, {
    pid: process.pid,
    url: api.url,
    reader: database.reader,
    writer: database.connection,
    rpcUrl,
    deployment: JSON.stringify(deployment),
  })
  log(`api: listening on ${api.url}`)
  const scoring = async (): Promise<void> => {
    await Promise.race([indexing.caughtUp, aborted(ending.signal)])
    if (ending.signal.aborted) return
    sayReady(service, api.url, indexing.status().chainHeadBlock)
    await scorer.run()
  }
  const following = () => followOrStandStill(indexing, ending.signal, log)
  const visiting = visitQuarantine(intake, surroundings, log)
  const alongside = [
    followSubgraphs({ subgraphs: service.subgraphs, database, chain, surroundings, log, board }),
    followChains({ chains: service.chains, database, surroundings, log, board }),
    receiveReceipts({ config, intake, surroundings, log }),
  ]
  const running = Promise.all([following(), scoring(), visiting, ...alongside])
  try {
    await Promise.race([aborted(ending.signal), running, database.failed, chain.failed])
  } finally {
    stop()
    context.stopped.removeEventListener('abort', stop)
    await api[Symbol.asyncDispose]()
    await intake.settle().catch(() => undefined)
    await Promise.allSettled([withinDeadline(running)])
  }
}

/**
 * Follows the chain until the end. What cannot be mended, such as a chain that rewrites what it had
 * called final, stops the index alone: what it holds is served on, and its health says why it stands.
 */
async function followOrStandStill(
  indexing: Indexing,
  ending: AbortSignal,
  log: Log,
): Promise<void> {
  try {
    await indexing.run()
  } catch (error) {
    if (!(error instanceof FoggaraError) || ending.aborted) throw error
    log(`index: stands still: ${error.code} ${error.message}`, { hint: error.hint })
    await aborted(ending)
  }
}

const STOP_MS_MAX = 5_000

/** A part that hangs must not keep the rest from ending. */
async function withinDeadline(running: Promise<unknown>): Promise<void> {
  const deadline = Promise.withResolvers<void>()
  const timer = setTimeout(deadline.resolve, STOP_MS_MAX)
  await Promise.race([running, deadline.promise]).finally(() => clearTimeout(timer))
}

function sayReady({ shown, chain, config }: Service, url: string, block: number): void {
  const { context, log } = shown
  const fields = { block, url, rpcUrl: shownUrl(chain.rpcUrl) }
  log(`ready: everything up to block ${block} is indexed`, { fields })
  if (config.log === 'json') return
  context.print('')
  context.print(`  Dashboards  ${url}`)
  context.print(`  GraphQL     ${url}/graphql`)
  context.print(`  Chain       ${chain.rpcUrl} (chain ${chain.deployment.chainId})`)
  context.print('')
  context.print('  Ctrl-C ends everything; the next start goes on from here.')
  context.print('')
}

async function checkUnused(dataDirectory: string): Promise<void> {
  const running = await readRunning(dataDirectory)
  if (running !== undefined) {
    throw new DataDirectoryInUseError(dataDirectory, running.pid, running.url)
  }
}

/** Another service runs on the data directory. */
export class DataDirectoryInUseError extends FatalError {
  constructor(dataDirectory: string, pid: number, url: string) {
    super(
      'DATA_DIRECTORY_IN_USE',
      `expected ${dataDirectory} to be free, found a service on it (pid ${pid}, ${url})`,
      { hint: 'Use that one, end it, or choose another directory with --data-dir.' },
    )
  }
}
