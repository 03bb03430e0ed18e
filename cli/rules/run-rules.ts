import { currentPin } from '@foggara/database'
import { type RuleReport, checkRules, openRpcPool } from '@foggara/ingest'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { chainToAsk } from '../service/chain-to-ask.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { surroundingsOf } from '../service/surroundings.ts'

/**
 * Runs `foggara rules`: 1 when a rule is broken.
 *
 * @throws {ChainUnknownError}
 */
export async function runRules(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const { rpcUrls, deployment } = await chainToAsk(config, context)
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const { client } = database
  const surroundings = surroundingsOf(context, context.stopped)
  const rpc = openRpcPool({ urls: rpcUrls, chainId: deployment.chainId, ...surroundings })
  const pin = await currentPin(client)
  const reports = await checkRules({ client, deployment, rpc }, pin)
  if (flagOption(options, 'json')) {
    context.print(JSON.stringify({ block: pin.block, rules: reports }))
  } else {
    context.print(`at block ${pin.block}`)
    for (const line of reports.flatMap(reportLines)) context.print(line)
  }
  return reports.some(({ state }) => state === 'broken') ? 1 : 0
}

function reportLines({ name, sentence, state, violations }: RuleReport): readonly string[] {
  return [
    `${state.padEnd(10)}${name.padEnd(28)}${sentence}`,
    ...violations.map(
      ({ subject, expected, found }) =>
        `          RULE_BROKEN ${subject}: expected ${expected}, found ${found}`,
    ),
  ]
}
