import { type Context, type OptionValues, flagOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { timedLog } from './log-lines.ts'
import { connectChain } from './open-chain.ts'
import { openOwnDatabase } from './open-database.ts'
import { openScorer } from './open-scorer.ts'
import { surroundingsOf } from './surroundings.ts'

/** Runs `foggara score` on an indexed chain: until it is stopped, or once. */
export async function scoreChain(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const log = timedLog(context, config)
  await using chain = await connectChain(config, context)
  await using database = await openOwnDatabase(config, context.directory, log)
  const surroundings = surroundingsOf(context, context.stopped)
  await using scorer = await openScorer(config, database, chain, surroundings, log)
  if (flagOption(options, 'once')) {
    while (!context.stopped.aborted && (await scorer.step()));
    return 0
  }
  log('score: waiting for epochs to end')
  await Promise.race([scorer.run(), database.failed])
  return 0
}
