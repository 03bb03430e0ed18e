import { type ContractName, type Deployment, FatalError, type Hex } from '@foggara/schema'
import {
  concatHex,
  encodeAbiParameters,
  fromHex,
  getContractAddress,
  stringToHex,
  toHex,
} from 'viem'

import { devnetAccounts } from './accounts.ts'
import { readArtifact } from './artifacts.ts'
import { type RpcCall, openRpc } from './rpc.ts'

/** What the contracts are deployed with; the same for the same options. */
export type DeployOptions = {
  /** The first block of epoch 1. */
  readonly firstBlock?: number
  readonly epochBlockCount?: number
  /** How long a proposed root can be challenged. Unit: seconds of chain time. */
  readonly challengeSeconds?: number
  /** How many blocks a vote lasts. */
  readonly votingPeriodBlockCount?: number
}

/** One token of the protocol, in base units. */
export const TOKEN_UNIT = 10n ** 18n

/** All tokens there are, in base units: they are the deployer's at first. */
export const TOKEN_SUPPLY = 1_000_000_000n * TOKEN_UNIT

/** The block that holds the deployment. */
export const DEPLOYMENT_BLOCK = 1

/** Where {@link deploy} puts the contracts: known without a chain. */
export function devnetDeployment(chainId = 31337): Deployment {
  const entries = DEPLOYMENT_ORDER.map((name, nonce) => {
    const from = devnetAccounts.deployer.address
    return [name, getContractAddress({ from, nonce: BigInt(nonce) }).toLowerCase()]
  })
  return {
    chainId,
    startBlock: DEPLOYMENT_BLOCK,
    contracts: Object.fromEntries(entries) as Record<ContractName, Hex>,
  }
}

/** Whether the node at `rpcUrl` already holds the contracts. */
export async function isDeployed(rpcUrl: string): Promise<boolean> {
  const { contracts } = devnetDeployment()
  const code = await openRpc(rpcUrl).request('eth_getCode', contracts.VotesToken, 'latest')
  return code !== '0x'
}

/**
 * Deploys all contracts in one block, block 1 of a fresh chain.
 *
 * @throws {ChainNotFreshError} when the chain has blocks already.
 */
export async function deploy(rpcUrl: string, options: DeployOptions = {}): Promise<Deployment> {
  const rpc = openRpc(rpcUrl)
  const [chainId, head] = await rpc.batch([
    ['eth_chainId', []],
    ['eth_blockNumber', []],
  ])
  const deployment = devnetDeployment(fromHex(chainId as Hex, 'number'))
  if (head !== '0x0') throw new ChainNotFreshError(fromHex(head as Hex, 'number'))
  const creations = DEPLOYMENT_ORDER.map((name, nonce): RpcCall => {
    const from = devnetAccounts.deployer.address
    const data = creationCode(name, deployment.contracts, options)
    const fields = { from, data, gas: toHex(20_000_000), gasPrice: '0x0', nonce: toHex(nonce) }
    return ['eth_sendTransaction', [fields]]
  })
  await rpc.batch(creations)
  await rpc.request('evm_mine')
  const receipts = (await rpc.request(
    'eth_getBlockReceipts',
    toHex(DEPLOYMENT_BLOCK),
  )) as readonly { readonly status: Hex; readonly contractAddress: Hex }[]
  for (const [index, name] of DEPLOYMENT_ORDER.entries()) {
    const receipt = receipts[index]
    const expected = deployment.contracts[name]
    if (receipt?.status !== '0x1' || receipt.contractAddress.toLowerCase() !== expected) {
      throw new DeploymentFailedError(name)
    }
  }
  return deployment
}

/** The token comes first: other constructors approve its spenders. */
const DEPLOYMENT_ORDER = [
  'VotesToken',
  'ProtocolGovernor',
  'ProtocolParameters',
  'RewardDistributor',
  'OwnershipNFT',
  'LicenseNFT',
  'RevenueVault',
  'Marketplace',
  'ContributionNFT',
  'ComputeRegistry',
] as const satisfies readonly ContractName[]

function creationCode(
  name: ContractName,
  contracts: Deployment['contracts'],
  options: DeployOptions,
): Hex {
  const { abi, bytecode } = readArtifact(name)
  const constructor = abi.find((item) => item.type === 'constructor')
  const args = constructorArguments(name, contracts, options)
  return concatHex([bytecode, encodeAbiParameters(constructor?.inputs ?? [], args)])
}

function constructorArguments(
  name: ContractName,
  contracts: Deployment['contracts'],
  options: DeployOptions,
): readonly unknown[] {
  const { ProtocolParameters, OwnershipNFT, RewardDistributor, VotesToken, LicenseNFT } = contracts
  const { RevenueVault, Marketplace, ProtocolGovernor } = contracts
  const deployer = devnetAccounts.deployer.address
  switch (name) {
    case 'VotesToken':
      return [deployer, TOKEN_SUPPLY]
    case 'ProtocolGovernor':
      return [VotesToken, 1, options.votingPeriodBlockCount ?? 16, 1000n * TOKEN_UNIT, 4n]
    case 'ProtocolParameters':
      return [ProtocolGovernor, ...firstParameters(options)]
    case 'RewardDistributor': {
      const epoch = [BigInt(options.firstBlock ?? 1), BigInt(options.epochBlockCount ?? 60)]
      return [ProtocolParameters, VotesToken, deployer, ...epoch]
    }
    case 'OwnershipNFT':
      return [ProtocolParameters, LicenseNFT, RewardDistributor, VotesToken]
    case 'LicenseNFT':
      return [ProtocolParameters, OwnershipNFT, RevenueVault]
    case 'RevenueVault':
      return [
        ProtocolParameters,
        OwnershipNFT,
        RewardDistributor,
        VotesToken,
        LicenseNFT,
        Marketplace,
      ]
    case 'Marketplace':
      return [OwnershipNFT, RevenueVault]
    case 'ContributionNFT':
      return [OwnershipNFT]
    case 'ComputeRegistry':
      return [ProtocolParameters, RewardDistributor, VotesToken]
  }
}

function firstParameters(options: DeployOptions): readonly [Hex[], bigint[]] {
  const values = {
    feeBps: 250n,
    challengeSeconds: BigInt(options.challengeSeconds ?? 3600),
    disputeBond: 100n * TOKEN_UNIT,
    providerStakeMin: 10_000n * TOKEN_UNIT,
    withdrawalDelaySeconds: 86_400n,
    arbiter: BigInt(devnetAccounts.arbiter.address),
    rootProposer: BigInt(devnetAccounts.proposer.address),
  }
  const keys = Object.keys(values).map((key) => stringToHex(key, { size: 32 }))
  return [keys, Object.values(values)]
}

/** The chain has blocks: the addresses and the hashes would not be those of the devnet. */
export class ChainNotFreshError extends FatalError {
  constructor(head: number) {
    super('CHAIN_NOT_FRESH', `expected a chain without blocks, found head ${head}`, {
      hint: 'Start the devnet without its state file, or go on from the chain that is there.',
    })
  }
}

/** A contract could not be created. */
export class DeploymentFailedError extends FatalError {
  constructor(name: ContractName) {
    super('DEPLOYMENT_FAILED', `expected ${name} to be created, found its creation reverted`, {
      hint: 'Run `npm run compile -w @foggara/devnet` and compare the artifacts.',
    })
  }
}
