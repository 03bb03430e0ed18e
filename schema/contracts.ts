import type { AbiEvent } from 'viem'

import { computeRegistryAbi } from './abi/compute-registry.ts'
import { contributionNftAbi } from './abi/contribution-nft.ts'
import { licenseNftAbi } from './abi/license-nft.ts'
import { marketplaceAbi } from './abi/marketplace.ts'
import { ownershipNftAbi } from './abi/ownership-nft.ts'
import { protocolGovernorAbi } from './abi/protocol-governor.ts'
import { protocolParametersAbi } from './abi/protocol-parameters.ts'
import { revenueVaultAbi } from './abi/revenue-vault.ts'
import { rewardDistributorAbi } from './abi/reward-distributor.ts'
import { votesTokenAbi } from './abi/votes-token.ts'

/** The ABI of every contract that is indexed, by contract name. */
export const CONTRACT_ABIS = {
  OwnershipNFT: ownershipNftAbi,
  ContributionNFT: contributionNftAbi,
  LicenseNFT: licenseNftAbi,
  Marketplace: marketplaceAbi,
  RevenueVault: revenueVaultAbi,
  ComputeRegistry: computeRegistryAbi,
  RewardDistributor: rewardDistributorAbi,
  ProtocolGovernor: protocolGovernorAbi,
  ProtocolParameters: protocolParametersAbi,
  VotesToken: votesTokenAbi,
} as const

export type ContractName = keyof typeof CONTRACT_ABIS

/** The names of the indexed contracts, in canonical order. */
export const CONTRACT_NAMES = Object.keys(CONTRACT_ABIS) as readonly ContractName[]

/** Where a deployment's contracts live and where its history starts. */
export type Deployment = {
  readonly chainId: number
  /** The first block that may hold an event. */
  readonly startBlock: number
  readonly contracts: Readonly<Record<ContractName, `0x${string}`>>
}

/** The events of one contract, in ABI order. */
export function eventsOf(contract: ContractName): readonly AbiEvent[] {
  const abi: readonly { readonly type: string }[] = CONTRACT_ABIS[contract]
  return abi.filter((item): item is AbiEvent => item.type === 'event')
}
