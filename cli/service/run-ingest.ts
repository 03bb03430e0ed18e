import { readChains } from '../chains/chain-settings.ts'
import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { followChains } from './follow-chains.ts'
import { indexChain } from './index-chain.ts'
import { timedLog } from './log-lines.ts'
import { type OpenChain, connectChain, isConfigured } from './open-chain.ts'
import { type OpenDatabase, openOwnDatabase } from './open-database.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'

/**
 * Runs `foggara ingest`: follows the configured chain, and those of `chains` beside it, into a database
 * until it is stopped.
 */
export async function runIngest(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const log = timedLog(context)
  const chains = await readChains(config.chains, context.directory)
  const isAlone = chains.length > 0 && !isConfigured(config)
  await using chain = isAlone ? undefined : await connectChain(config, context)
  await using database = await openOwnDatabase(config, context.directory, log)
  const surroundings = surroundingsOf(context, context.stopped)
  const following = followChains({ chains, database, surroundings, log })
  const indexing = chain === undefined ? following : index(database, chain, surroundings, log)
  await Promise.race([Promise.all([indexing, following]), database.failed])
  return 0
}

async function index(
  database: OpenDatabase,
  chain: OpenChain,
  surroundings: Surroundings,
  log: (line: string) => void,
): Promise<void> {
  const indexing = indexChain(database, chain, surroundings, log)
  const tell = async (): Promise<void> => {
    await indexing.caughtUp
    log('index: everything is indexed, following the chain')
  }
  void tell()
  await indexing.run()
}
