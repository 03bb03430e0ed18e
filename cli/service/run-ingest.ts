import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { indexChain } from './index-chain.ts'
import { timedLog } from './log-lines.ts'
import { connectChain } from './open-chain.ts'
import { openOwnDatabase } from './open-database.ts'
import { surroundingsOf } from './surroundings.ts'

/** Runs `foggara ingest`: follows a configured chain into a database until it is stopped. */
export async function runIngest(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const log = timedLog(context)
  await using chain = await connectChain(config, context)
  await using database = await openOwnDatabase(config, context.directory, log)
  const surroundings = surroundingsOf(context, context.stopped)
  const indexing = indexChain(database, chain, surroundings, log)
  const tell = async (): Promise<void> => {
    await indexing.caughtUp
    log('index: everything is indexed, following the chain')
  }
  void tell()
  await Promise.race([indexing.run(), database.failed])
  return 0
}
