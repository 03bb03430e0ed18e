import { readChains } from '../chains/chain-settings.ts'
import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { type ServiceConsole, openConsole } from '../live/open-console.ts'
import { readMemory } from '../live/read-memory.ts'
import { withMemoryShare } from '../memory/keep-memory.ts'
import { memoryShares } from '../memory/memory-shares.ts'
import { serveMetrics } from '../metrics/metrics-server.ts'
import { followChains } from './follow-chains.ts'
import { indexChain } from './index-chain.ts'
import { type OpenChain, connectChain, isConfigured } from './open-chain.ts'
import { type OpenDatabase, openOwnDatabase } from './open-database.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'

/**
 * Runs `foggara ingest`: follows the configured chain, and those of `chains` beside it, into a database
 * until it is stopped.
 */
export async function runIngest(options: OptionValues, given: Context): Promise<number> {
  const config = await loadConfig(options, given)
  using shown = openConsole(config, options, given)
  const { context, log, board } = shown
  const chains = await readChains(config.chains, context.directory)
  const isAlone = chains.length > 0 && !isConfigured(config)
  await using chain = isAlone ? undefined : await connectChain(config, context)
  await using database = await openOwnDatabase(config, context.directory, log)
  const surroundings = withMemoryShare(surroundingsOf(context, context.stopped), config, log)
  const shares = config.memory === undefined ? undefined : memoryShares(config.memory)
  board.setMemory(() => readMemory(database.pid(), shares?.ceilingBytes))
  await using _ = await serveMetrics(config, shown)
  const following = followChains({ chains, database, surroundings, log, board })
  const indexing = chain === undefined ? following : index(database, chain, surroundings, shown)
  await Promise.race([Promise.all([indexing, following]), database.failed])
  return 0
}

async function index(
  database: OpenDatabase,
  chain: OpenChain,
  surroundings: Surroundings,
  { log, board }: ServiceConsole,
): Promise<void> {
  const indexing = indexChain(database, chain, surroundings, log)
  board.addChain(String(chain.deployment.chainId), indexing.status)
  const tell = async (): Promise<void> => {
    await indexing.caughtUp
    log('index: everything is indexed, following the chain')
  }
  void tell()
  await indexing.run()
}
