import path from 'node:path'

import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { startDevnet } from './devnet-process.ts'
import { timedLog } from './log-lines.ts'
import { aborted } from './surroundings.ts'

/** Runs `foggara devnet`: a local chain with its economy until it is stopped. */
export async function runDevnet(options: OptionValues, context: Context): Promise<number> {
  const config = await loadConfig(options, context)
  const log = timedLog(context)
  await using devnet = await startDevnet({
    stateDirectory: path.resolve(context.directory, config.dataDirectory, 'devnet'),
    seed: config.devnetSeed,
    receiptsUrl: undefined,
    stopped: context.stopped,
    log,
  })
  context.print(JSON.stringify({ rpcUrl: devnet.rpcUrl, deployment: devnet.deployment }))
  await Promise.race([aborted(context.stopped), devnet.failed])
  return 0
}
