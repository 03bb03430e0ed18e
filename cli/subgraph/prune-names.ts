import { pruneSubgraph } from '@foggara/ingest'

import { OptionMalformedError } from '../arguments.ts'
import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { countOption } from '../option-values.ts'
import { openDatabaseToWrite } from '../service/open-database.ts'
import { surroundingsOf } from '../service/surroundings.ts'

/** Fewer could be replaced by the chain, and the subgraph could not go back. */
const KEEP_BOUNDS = { min: 100, max: 999_999_999_999 }

/** Runs `foggara subgraph prune NAME… --keep BLOCKS`. */
export async function pruneNames(
  names: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  const keptBlocks = countOption(options, 'keep', KEEP_BOUNDS)
  if (keptBlocks === undefined) {
    throw new OptionMalformedError('--keep', 'a number of blocks', 'none')
  }
  const config = await loadConfig(options, context)
  const surroundings = surroundingsOf(context, context.stopped)
  await using database = await openDatabaseToWrite(config, context.directory, context.warn)
  for (const name of names) {
    const { client } = database
    const pruned = await pruneSubgraph({ ...surroundings, client }, name, keptBlocks)
    context.print(`${pruned.database}: history from block ${pruned.firstBlock} on`)
  }
  return 0
}
