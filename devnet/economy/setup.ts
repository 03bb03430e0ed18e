import { type Hex, type Ruleset, rulesetToJson } from '@foggara/schema'
import { maxUint256 } from 'viem'

import { OPERATORS, type Participants } from './participants.ts'
import { type Plan, tokens } from './plan.ts'

/** Block 2: everybody receives tokens, lets the contracts take payments, and votes for themselves. */
export function planDistribution(plan: Plan): void {
  const { contracts } = plan.devnet.deployment
  for (const [account, count] of endowments(plan.participants)) {
    plan.add(OPERATORS.deployer, 'VotesToken', 'transfer', account, tokens(count))
  }
  for (const account of [...plan.participants.all, OPERATORS.treasury]) {
    for (const spender of SPENDERS) {
      plan.add(account, 'VotesToken', 'approve', contracts[spender], maxUint256)
    }
    plan.add(account, 'VotesToken', 'delegate', account)
    plan.add(account, 'OwnershipNFT', 'setApprovalForAll', contracts.Marketplace, true)
  }
}

/** Block 3: the first ruleset, and the compute providers with their keys and their stake. */
export function planProtocolStart(plan: Plan): void {
  const ruleset = rulesetToJson(rulesetOne(plan))
  plan.add(OPERATORS.deployer, 'RewardDistributor', 'publishRuleset', 1, ruleset)
  const draws = plan.draws('providers')
  for (const { address, name, signer } of plan.participants.computeProviders) {
    const host = name.toLowerCase().replaceAll(' ', '-')
    const endpoint = `https://${host}.example/v1`
    plan.add(address, 'ComputeRegistry', 'registerProvider', name, endpoint)
    plan.add(address, 'ComputeRegistry', 'setSigningKey', signer, true)
    const stake = tokens(draws.between(20, 80) * 1000)
    plan.add(address, 'ComputeRegistry', 'addStake', stake)
  }
}

/** The ruleset of the first epochs. */
export function rulesetOne(plan: Pick<Plan, 'devnet' | 'world'>): Ruleset {
  return firstRuleset(plan.devnet.deployment.contracts.VotesToken, plan.world.epochs)
}

/** The devnet's first ruleset for a token and for the epochs of a deployment. */
export function firstRuleset(
  token: Hex,
  epochs: { readonly firstBlock: number; readonly blockCount: number },
): Ruleset {
  return {
    version: 1,
    firstBlock: epochs.firstBlock,
    epochBlockCount: epochs.blockCount,
    rank: {
      iterationCount: 64,
      consumerPassThroughQ32: 0xffff_ffff,
      // floor(0.85 * 2^32)
      assetPassThroughMaxQ32: 3_650_722_201,
    },
    flow: { stepCountMax: 1000 },
    pools: {
      creators: 5000,
      dataProviders: 2000,
      computeOperators: 2000,
      reviewers: 500,
      treasury: 500,
    },
    payeeCapBps: 2500,
    payoutMin: tokens(1),
    token,
    treasury: OPERATORS.treasury,
  }
}

const SPENDERS = ['RevenueVault', 'OwnershipNFT', 'ComputeRegistry', 'RewardDistributor'] as const

function endowments(participants: Participants): readonly (readonly [Hex, number])[] {
  const million = 1_000_000
  const each = (accounts: readonly Hex[], count: number) => {
    return accounts.map((account) => [account, count] as const)
  }
  return [
    ...each(participants.developers, 5 * million),
    ...each(participants.dataProviders, 5 * million),
    ...each(participants.businesses, 25 * million),
    ...each(participants.researchers, 3 * million),
    ...each(
      participants.computeProviders.map((provider) => provider.address),
      5 * million,
    ),
    ...each([OPERATORS.treasury], 100 * million),
  ]
}
