import path from 'node:path'

import { type Context, type OptionValues, textOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { countOption } from '../option-values.ts'
import { startDevnet } from './devnet-process.ts'
import { timedLog } from './log-lines.ts'
import { aborted } from './surroundings.ts'

/** Runs `foggara devnet`: a local chain with its economy until it is stopped. */
export async function runDevnet(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const log = timedLog(context, config)
  await using devnet = await startDevnet({
    stateDirectory: path.resolve(context.directory, config.dataDirectory, 'devnet'),
    seed: config.devnetSeed,
    host: textOption(options, 'host') ?? '127.0.0.1',
    port: countOption(options, 'port', { min: 0, max: 65_535 }) ?? 8545,
    receiptsUrl: textOption(options, 'receipts-url'),
    stateCount: undefined,
    stopped: context.stopped,
    log,
  })
  await Promise.race([devnet.history, aborted(context.stopped), devnet.failed])
  if (context.stopped.aborted) return 0
  context.print(JSON.stringify({ rpcUrl: devnet.rpcUrl, deployment: devnet.deployment }))
  await Promise.race([aborted(context.stopped), devnet.failed])
  return 0
}
