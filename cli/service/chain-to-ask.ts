import path from 'node:path'

import { type Deployment, FatalError } from '@foggara/schema'

import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import { parseDeployment } from './deployment-file.ts'
import { connectChain, isConfigured } from './open-chain.ts'
import { readRunning } from './running-file.ts'

/**
 * Where a command that checks an index asks its chain: at the configured one, or at that of the service
 * that runs on the data directory.
 *
 * @throws {ChainUnknownError}
 */
export async function chainToAsk(
  config: Config,
  context: Context,
): Promise<{ readonly rpcUrls: readonly string[]; readonly deployment: Deployment }> {
  if (isConfigured(config)) {
    await using chain = await connectChain(config, context)
    const { rpcUrl, otherRpcUrls, deployment } = chain
    return { rpcUrls: [rpcUrl, ...otherRpcUrls], deployment }
  }
  const running = await readRunning(path.resolve(context.directory, config.dataDirectory))
  if (running === undefined) throw new ChainUnknownError()
  const deployment = parseDeployment(JSON.parse(running.deployment), 'running service')
  return { rpcUrls: [running.rpcUrl], deployment }
}

/** Nothing says which chain to ask. */
export class ChainUnknownError extends FatalError {
  constructor() {
    super('CHAIN_UNKNOWN', 'expected a chain to ask, found neither settings nor a service', {
      hint: 'Set FOGGARA_RPC_URL and FOGGARA_DEPLOYMENT, or start the service first.',
    })
  }
}
