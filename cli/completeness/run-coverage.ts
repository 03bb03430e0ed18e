import { BlockNotIndexedError, currentPin } from '@foggara/database'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { coverageJson, coverageLines, unprovenCount } from './print-coverage.ts'
import { type Coverage, type CoverageQuestion, readCoverage } from './read-coverage.ts'

/** What `--strict` answers when something is only trusted, cannot be read or is missing. */
export const UNPROVEN_EXIT = 3

/** Runs `foggara coverage`. */
export async function runCoverage(
  question: CoverageQuestion,
  options: OptionValues,
  context: Context,
): Promise<number> {
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const coverage = await coverageOf(database.client, question)
  if (flagOption(options, 'json')) context.print(JSON.stringify(coverageJson(coverage)))
  else for (const line of coverageLines(coverage)) context.print(line)
  if (coverage.gaps.length > 0) return 1
  return flagOption(options, 'strict') && unprovenCount(coverage) > 0 ? UNPROVEN_EXIT : 0
}

async function coverageOf(
  client: Parameters<typeof currentPin>[0],
  question: CoverageQuestion,
): Promise<Coverage> {
  try {
    return await readCoverage(client, await currentPin(client), question)
  } catch (error) {
    if (!(error instanceof BlockNotIndexedError)) throw error
    return { span: undefined, blockCounts: new Map(), gaps: [], ranges: [], isCut: false }
  }
}
