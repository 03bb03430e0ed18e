import path from 'node:path'

import { type Deployment, FatalError, type Hex, parseHex } from '@foggara/schema'

import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import { checkChainId } from './check-rpc.ts'
import { readDeployment } from './deployment-file.ts'
import { startDevnet } from './devnet-process.ts'

/** A chain that answers, with where its contracts are. */
export type OpenChain = AsyncDisposable & {
  readonly rpcUrl: string
  readonly deployment: Deployment
  /** The key that proposes roots, where there is one. */
  readonly proposerKey: Hex | undefined
  /** The local chain's process; undefined for a configured chain. */
  readonly pid: () => number | undefined
  /** Rejects when the local chain cannot be kept running. */
  readonly failed: Promise<never>
}

/** Whether the settings name a chain; without one there is the local one. */
export function isConfigured(config: Config): boolean {
  return config.rpcUrl !== undefined || config.deployment !== undefined
}

/**
 * Connects to the configured chain.
 *
 * @throws {RpcUnreachableError | RpcWrongChainError | DeploymentMissingError}
 */
export async function connectChain(config: Config, context: Context): Promise<OpenChain> {
  if (config.rpcUrl === undefined || config.deployment === undefined) {
    throw new DeploymentMissingError(config.rpcUrl === undefined ? 'rpcUrl' : 'deployment')
  }
  const { rpcUrl } = config
  const deployment = await readDeployment(path.resolve(context.directory, config.deployment))
  await checkChainId(rpcUrl, deployment.chainId)
  return {
    rpcUrl,
    deployment,
    proposerKey: keyOf(context),
    pid: () => undefined,
    failed: new Promise(() => undefined),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** Starts the local chain with its economy. */
export async function openDevnet(
  config: Config,
  context: Context,
  log: (line: string) => void,
): Promise<OpenChain> {
  const devnet = await startDevnet({
    stateDirectory: path.resolve(context.directory, config.dataDirectory, 'devnet'),
    seed: config.devnetSeed,
    receiptsUrl: receiptsUrl(config),
    stopped: context.stopped,
    log,
  })
  const { devnetAccounts } = await import('@foggara/devnet')
  return { ...devnet, proposerKey: keyOf(context) ?? devnetAccounts.proposer.privateKey }
}

/** A port that is not known yet cannot be told; the chain then anchors whole receipts. */
function receiptsUrl({ host, port }: Config): string | undefined {
  if (port === 0) return undefined
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/receipts`
}

/** The proposer's key comes from the environment only, so that no file and no process list has it. */
function keyOf(context: Context): Hex | undefined {
  const key = context.environment['FOGGARA_PROPOSER_KEY']
  if (key === undefined || key === '') return undefined
  try {
    return parseHex(key, 32, 'FOGGARA_PROPOSER_KEY')
  } catch {
    throw new ProposerKeyMalformedError()
  }
}

/** A chain was configured by half. */
export class DeploymentMissingError extends FatalError {
  constructor(missing: string) {
    super('DEPLOYMENT_MISSING', `expected rpcUrl and deployment together, found no ${missing}`, {
      hint: 'Set FOGGARA_RPC_URL and FOGGARA_DEPLOYMENT, or neither for the local chain.',
    })
  }
}

/** The proposer's key is no private key; its text is never shown. */
export class ProposerKeyMalformedError extends FatalError {
  constructor() {
    super('PROPOSER_KEY_MALFORMED', 'FOGGARA_PROPOSER_KEY: expected 0x and 64 hex digits')
  }
}
