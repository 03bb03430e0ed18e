import path from 'node:path'

import { CONTRACT_NAMES, type Deployment, accumulatorAbi } from '@foggara/schema'
import { decodeFunctionResult, encodeFunctionData } from 'viem'

import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import { callRpc } from '../service/check-rpc.ts'
import { parseDeployment, readDeployment } from '../service/deployment-file.ts'
import { readRunning } from '../service/running-file.ts'
import { type Finding, findingOf, findingsOf } from './finding.ts'
import { providerChecks } from './provider-checks.ts'

/** What the chain must give: its contracts, and what each provider can do. */
export async function* chainFindings(
  config: Config,
  context: Context,
): AsyncGenerator<Finding, void, void> {
  const running = await readRunning(path.resolve(context.directory, config.dataDirectory))
  const rpcUrl = config.rpcUrl ?? running?.rpcUrl
  if (rpcUrl === undefined) {
    yield { what: 'chain', level: 'ok', text: 'none configured: start brings its own local chain' }
    return
  }
  let deployment: Deployment | undefined
  yield await findingOf({
    what: 'contracts',
    run: async () => {
      deployment = await deploymentOf(config, context, running?.deployment)
      return deployment === undefined
        ? { level: 'ok', text: 'none named: providers are asked without' }
        : checkContracts(rpcUrl, deployment)
    },
  })
  const questions = {
    chainId: deployment?.chainId,
    startBlock: deployment?.startBlock ?? 0,
    contract: deployment?.contracts.OwnershipNFT,
  }
  const urls = [rpcUrl, ...config.otherRpcUrls]
  for (const [index, url] of urls.entries()) {
    const name = urls.length === 1 ? 'rpc' : `rpc ${index + 1}`
    yield* findingsOf(providerChecks(name, url, questions, context))
  }
}

async function deploymentOf(
  config: Config,
  context: Context,
  running: string | undefined,
): Promise<Deployment | undefined> {
  if (config.deployment !== undefined) {
    return readDeployment(path.resolve(context.directory, config.deployment))
  }
  if (config.rpcUrl !== undefined || running === undefined) return undefined
  return parseDeployment(JSON.parse(running), 'running service')
}

async function checkContracts(
  rpcUrl: string,
  deployment: Deployment,
): Promise<Omit<Finding, 'what'>> {
  const missing: string[] = []
  for (const name of CONTRACT_NAMES) {
    const to = deployment.contracts[name]
    const data = encodeFunctionData({ abi: accumulatorAbi, functionName: 'accumulator' })
    const result = await callRpc(rpcUrl, 'eth_call', [{ to, data }, 'latest'])
    if (!answersAccumulator(result)) missing.push(name)
  }
  if (missing.length === 0) {
    return { level: 'ok', text: `all ${CONTRACT_NAMES.length} answer with their accumulator` }
  }
  return {
    level: 'fail',
    text: `expected an accumulator of each contract, found none at ${missing.join(', ')}`,
    advice: 'Check the addresses in the deployment, and that it is on this chain.',
  }
}

function answersAccumulator(result: unknown): boolean {
  if (typeof result !== 'string' || !/^0x[0-9a-f]{128}$/.test(result)) return false
  const data = `0x${result.slice(2)}` as const
  decodeFunctionResult({ abi: accumulatorAbi, functionName: 'accumulator', data })
  return true
}
