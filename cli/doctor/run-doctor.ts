import { RunAbortedError } from '@foggara/gpu-analytics'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { type Config, loadConfig } from '../config.ts'
import { chainFindings } from './chain-checks.ts'
import { databaseFindings } from './database-checks.ts'
import { engineCheck } from './engine-check.ts'
import { type Finding, findingLine, findingsOf } from './finding.ts'
import { machineChecks } from './machine-checks.ts'

/** Runs `foggara doctor`; 1 when something fails. */
export async function runDoctor(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const asJson = flagOption(options, 'json')
  let failCount = 0
  for await (const finding of allFindings(config, context)) {
    if (finding.level === 'fail') failCount++
    context.print(asJson ? JSON.stringify(finding) : findingLine(finding))
    if (context.stopped.aborted) throw new RunAbortedError('some of the checks')
  }
  return failCount === 0 ? 0 : 1
}

async function* allFindings(config: Config, context: Context): AsyncGenerator<Finding, void, void> {
  yield* findingsOf([...machineChecks(config, context), engineCheck(config)])
  yield* databaseFindings(config, context)
  yield* chainFindings(config, context)
}
