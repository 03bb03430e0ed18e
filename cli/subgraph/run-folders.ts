import path from 'node:path'

import { type SubgraphIngest, type SubgraphStatus, openSubgraphIngest } from '@foggara/ingest'

import { OptionMalformedError } from '../arguments.ts'
import type { Context, OptionValues } from '../command.ts'
import { type Config, loadConfig } from '../config.ts'
import { openDatabaseToWrite } from '../service/open-database.ts'
import { readRunning } from '../service/running-file.ts'
import { surroundingsOf } from '../service/surroundings.ts'
import { errorLines, followLines, statusJson, statusLine } from './follow-lines.ts'
import { openNamedFolders } from './named-folders.ts'
import { openChainRpc } from './open-chain-rpc.ts'
import { type RunRequest, readRunRequest } from './run-request.ts'

const PROGRESS_EVERY_MS = 2_000
/** A run that has an end shall not wait for ever. */
const ATTEMPTS_MAX = 6

/**
 * Runs `foggara subgraph run FOLDER…`: 0 where every subgraph came to the last block, or was to have
 * none and was stopped.
 */
export async function runFolders(
  folders: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  const request = readRunRequest(options, folders.length, context)
  const config = await loadConfig(options, context)
  const { names, limits } = request
  const subgraphs = await openNamedFolders(folders, names, context.directory, limits)
  const surroundings = surroundingsOf(context, context.stopped)
  const url = await chainUrl(request, config, context)
  // A chain that is not there is said at once, and before anything is opened.
  const rpc = await openChainRpc([url, ...config.otherRpcUrls], surroundings)
  await using database = await openDatabaseToWrite(config, context.directory, context.warn)
  const lines = followLines(request.asJson)
  const tell = request.asJson ? context.print : context.warn
  const { until } = request
  const ingest = await openSubgraphIngest({
    client: database.client,
    rpc,
    subgraphs,
    ...surroundings,
    gateways: { ipfs: request.ipfsGateways, arweave: request.arweaveGateways },
    settings: until === undefined ? {} : { until, attemptsMax: ATTEMPTS_MAX },
    onEvent: (event) => {
      for (const line of lines.note(event)) tell(line)
    },
    onLog: (name, { level, dataSource, handler, block, message }) => {
      if (!request.tellsLog) return
      context.warn(`${name}: ${level} ${dataSource}, ${handler}, block ${block}: ${message}`)
    },
  })
  const progress = setInterval(progressTeller(ingest, request, tell), PROGRESS_EVERY_MS)
  try {
    await Promise.race([ingest.run(), database.failed])
  } finally {
    clearInterval(progress)
    printEnd(ingest, request, context)
  }
  return exitCode(ingest.statuses(), request, context)
}

async function chainUrl(
  request: RunRequest,
  config: Config,
  { directory }: Context,
): Promise<string> {
  const known = request.rpcUrl ?? config.rpcUrl
  if (known !== undefined) return known
  const running = await readRunning(path.resolve(directory, config.dataDirectory))
  if (running !== undefined) return running.rpcUrl
  throw new OptionMalformedError('--rpc', 'the URL of a chain', 'none')
}

/** Says how far each subgraph is, where that has changed. */
function progressTeller(
  ingest: SubgraphIngest,
  { asJson }: RunRequest,
  tell: (line: string) => void,
): () => void {
  const told = new Map<string, number>()
  return () => {
    const entityCounts = ingest.entityCounts()
    for (const status of ingest.statuses()) {
      const { name, block } = status
      if (told.get(name) === block) continue
      told.set(name, block)
      const entities = entityCounts.get(name)
      tell(asJson ? statusJson('progress', status, { entities }) : statusLine(status, entities))
    }
  }
}

function printEnd(ingest: SubgraphIngest, { asJson }: RunRequest, { print }: Context): void {
  const entityCounts = ingest.entityCounts()
  for (const status of ingest.statuses()) {
    const entities = entityCounts.get(status.name)
    if (asJson) print(statusJson('end', status, { entities }))
    else for (const line of [statusLine(status, entities), ...errorLines(status)]) print(line)
  }
}

/** What only a person can mend outweighs what the next run may not meet. */
function exitCode(
  statuses: readonly SubgraphStatus[],
  { until }: RunRequest,
  { stopped }: Context,
): number {
  const isOver = ({ state }: SubgraphStatus) => state === 'failed' || state === 'stopped'
  const over = statuses.filter(isOver)
  if (over.some(({ state, isRetryable }) => state === 'failed' || !isRetryable)) return 1
  if (over.length > 0) return 75
  if (!stopped.aborted || until === undefined) return 0
  return statuses.every(({ state }) => state === 'done') ? 0 : 130
}
