import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { engineCheck } from './engine-check.ts'
import { findingLine, findingOf } from './finding.ts'
import { machineChecks } from './machine-checks.ts'
import { serviceChecks } from './service-checks.ts'

/** Runs `foggara doctor`; 1 when something fails. */
export async function runDoctor(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const machine = [...machineChecks(config, context), engineCheck(config)]
  const checks = [...machine, ...serviceChecks(config, context)]
  let failCount = 0
  for (const check of checks) {
    const finding = await findingOf(check)
    if (finding.level === 'fail') failCount++
    context.print(findingLine(finding))
  }
  return failCount === 0 ? 0 : 1
}
