import path from 'node:path'

import { type Deployment, FatalError, type Hex, parseHex } from '@foggara/schema'

import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import { callRpc, checkChainId } from './check-rpc.ts'
import { readDeployment } from './deployment-file.ts'
import { startDevnet } from './devnet-process.ts'
import { reachable } from './free-port.ts'

/** A chain that answers, with where its contracts are. */
export type OpenChain = AsyncDisposable & {
  readonly rpcUrl: string
  /** Other providers of the same chain. */
  readonly otherRpcUrls: readonly string[]
  readonly proof: Config['proof']
  readonly deployment: Deployment
  /** The key that proposes roots, where there is one. */
  readonly proposerKey: Hex | undefined
  /** The local chain's process; undefined for a configured chain. */
  readonly pid: () => number | undefined
  /** Resolves when transactions may be sent: the local economy writes its history alone. */
  readonly history: Promise<void>
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
  const { rpcUrl } = config
  if (rpcUrl === undefined) throw new DeploymentMissingError('rpcUrl')
  const isOwnKind = config.deployment === undefined
  const deployment = isOwnKind
    ? await devnetDeploymentOf(rpcUrl)
    : await deploymentOf(config, context)
  await checkChainId(rpcUrl, deployment.chainId)
  return {
    rpcUrl,
    otherRpcUrls: config.otherRpcUrls,
    proof: config.proof,
    deployment,
    proposerKey: keyOf(context) ?? (isOwnKind ? await devnetProposerKey() : undefined),
    pid: () => undefined,
    history: Promise.resolve(),
    failed: new Promise(() => undefined),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function deploymentOf(config: Config, context: Context): Promise<Deployment> {
  return readDeployment(path.resolve(context.directory, config.deployment ?? ''))
}

/** A local chain that runs elsewhere has the same addresses, so it needs no file. */
async function devnetDeploymentOf(rpcUrl: string): Promise<Deployment> {
  const { devnetDeployment } = await import('@foggara/devnet')
  const deployment = devnetDeployment()
  const found = Number(await callRpc(rpcUrl, 'eth_chainId', []))
  if (found !== deployment.chainId) throw new DeploymentMissingError('deployment')
  return deployment
}

async function devnetProposerKey(): Promise<Hex> {
  const { devnetAccounts } = await import('@foggara/devnet')
  return devnetAccounts.proposer.privateKey
}

/** Mappings call contracts at the block of their event, which may lie a whole history back. */
const STATES_FOR_SUBGRAPHS = 400

/** Starts the local chain with its economy. */
export async function openDevnet(
  config: Config,
  context: Context,
  log: (line: string) => void,
): Promise<OpenChain> {
  const devnet = await startDevnet({
    stateDirectory: path.resolve(context.directory, config.dataDirectory, 'devnet'),
    seed: config.devnetSeed,
    host: '127.0.0.1',
    port: 0,
    receiptsUrl: receiptsUrl(config),
    stateCount: config.subgraphs === undefined ? undefined : STATES_FOR_SUBGRAPHS,
    stopped: context.stopped,
    log,
  })
  const proposerKey = keyOf(context) ?? (await devnetProposerKey())
  return { ...devnet, otherRpcUrls: [], proof: config.proof, proposerKey }
}

/** A port that is not known yet cannot be told; the chain then anchors whole receipts. */
function receiptsUrl({ host, port }: Config): string | undefined {
  return port === 0 ? undefined : `http://${reachable(host)}:${port}/receipts`
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
