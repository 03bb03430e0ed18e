import {
  BPS_WHOLE,
  type ContractName,
  type Hex,
  type Ruleset,
  divFloor,
  rulesetToJson,
} from '@foggara/schema'
import { keccak256, stringToBytes, stringToHex } from 'viem'

import { encodeCall } from '../artifacts.ts'
import { TOKEN_SUPPLY } from '../deploy.ts'
import { type Plan, tokens } from './plan.ts'
import type { Draws } from './random.ts'
import { rulesetOne } from './setup.ts'
import { type WorldProposal, epochOf } from './world.ts'

/** The governor: one proposal every 30 blocks, votes while it is open, and what becomes of it. */
export function planGovernance(plan: Plan): void {
  if (plan.number >= FIRST_BLOCK && (plan.number - FIRST_BLOCK) % EVERY_BLOCKS === 0) {
    submitProposal(plan, plan.draws('proposal'))
  }
  for (const proposal of plan.world.proposals.values()) {
    const draws = plan.draws(`votes on ${proposal.id}`)
    const isCancelled = proposal.description.startsWith(CANCELLED_PREFIX)
    if (isCancelled && plan.number <= proposal.voteStartBlock) {
      settle(plan, proposal, 'cancel')
    } else if (plan.number > proposal.voteStartBlock && plan.number <= proposal.voteEndBlock) {
      castVotes(plan, proposal, draws)
    } else if (plan.number > proposal.voteEndBlock && hasSucceeded(proposal)) {
      if (plan.number <= proposal.voteEndBlock + 3) settle(plan, proposal, 'execute')
    }
  }
}

const FIRST_BLOCK = 20
const EVERY_BLOCKS = 30
const CANCELLED_PREFIX = 'Draft: '

/** As deployed: 4 % of all votes, for or abstaining. Unit: basis points. */
const QUORUM_BPS = 400n

type Proposal = {
  readonly contract: ContractName
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly description: string
}

function submitProposal(plan: Plan, draws: Draws): void {
  const ordinal = (plan.number - FIRST_BLOCK) / EVERY_BLOCKS
  const make = PROPOSALS[ordinal % PROPOSALS.length]
  if (make === undefined) return
  const { contract, functionName, args, description } = make(plan, draws, ordinal)
  const targets = [plan.devnet.deployment.contracts[contract]]
  const calldatas = [encodeCall(contract, functionName, args)]
  const text = `${description} (proposal ${ordinal + 1})`
  const parameters = [targets, [0n], calldatas, text]
  plan.add(draws.pick(plan.participants.developers), 'ProtocolGovernor', 'propose', ...parameters)
}

const PROPOSALS: readonly ((plan: Plan, draws: Draws, ordinal: number) => Proposal)[] = [
  (_plan, draws) => {
    const feeBps = draws.pick([150, 200, 225, 300])
    return setParameter('feeBps', BigInt(feeBps), `Set the protocol's fee to ${feeBps} bps`)
  },
  (plan, draws) => {
    const ruleset = nextRuleset(plan, draws)
    const epoch = epochOf(plan.world, plan.number + 20) + 1
    return {
      contract: 'RewardDistributor',
      functionName: 'publishRuleset',
      args: [epoch, rulesetToJson(ruleset)],
      description: `Publish ruleset ${ruleset.version}, in force from epoch ${epoch}`,
    }
  },
  (plan, draws) => {
    const account = draws.pick(plan.participants.developers)
    const epoch = epochOf(plan.world, plan.number + 20)
    return {
      contract: 'RewardDistributor',
      functionName: 'setExclusion',
      args: [account, epoch, epoch + 1, 'Usage bought from accounts under the same control'],
      description: `Exclude ${account} from epochs ${epoch} and ${epoch + 1}`,
    }
  },
  () => {
    const text = `${CANCELLED_PREFIX}double the stake of compute providers`
    return setParameter('providerStakeMin', tokens(20_000), text)
  },
  () => setParameter('feeBps', 2000n, UNPOPULAR),
  (_plan, draws) => {
    const bond = draws.between(8, 25) * 10
    return setParameter('disputeBond', tokens(bond), `Set the bond of disputes to ${bond} tokens`)
  },
]

const UNPOPULAR = "Raise the protocol's fee to 2000 bps"

function setParameter(key: string, value: bigint, description: string): Proposal {
  const args = [stringToHex(key, { size: 32 }), value]
  return { contract: 'ProtocolParameters', functionName: 'set', args, description }
}

function nextRuleset(plan: Plan, draws: Draws): Ruleset {
  const shifted = draws.between(1, 5) * 100
  const first = rulesetOne(plan)
  return {
    ...first,
    version: plan.world.rulesetCount + 1,
    pools: {
      ...first.pools,
      creators: first.pools.creators - shifted,
      dataProviders: first.pools.dataProviders + shifted,
    },
    payeeCapBps: 2000,
  }
}

function castVotes(plan: Plan, proposal: WorldProposal, draws: Draws): void {
  const open = plan.participants.all.filter((account) => !proposal.voters.has(account))
  const unpopular = proposal.description.startsWith(UNPOPULAR)
  for (const voter of draws.sample(open, draws.between(1, 3))) {
    const one = draws.below(20)
    const usual = one < 15 ? 1 : one < 18 ? 0 : 2
    const support = unpopular && usual !== 2 ? 1 - usual : usual
    const reason = draws.chance(1, 3) ? draws.pick(VOTE_REASONS[support] ?? ['']) : ''
    const parameters = [proposal.id, support, reason]
    plan.add(voter, 'ProtocolGovernor', 'castVoteWithReason', ...parameters)
  }
}

function hasSucceeded(proposal: WorldProposal): boolean {
  const [against, support, abstain] = proposal.weights
  const quorum = divFloor(TOKEN_SUPPLY * QUORUM_BPS, BPS_WHOLE)
  return support > against && support + abstain >= quorum
}

function settle(plan: Plan, proposal: WorldProposal, how: 'execute' | 'cancel'): void {
  const descriptionHash: Hex = keccak256(stringToBytes(proposal.description))
  const { targets, values, calldatas } = proposal
  const parameters = [targets, values, calldatas, descriptionHash]
  plan.add(proposal.proposer, 'ProtocolGovernor', how, ...parameters)
}

const VOTE_REASONS: readonly (readonly string[])[] = [
  ['Too early', 'The numbers do not support it', 'It favours a few'],
  ['Good for small makers', 'The last epochs show the need', 'As discussed'],
  ['No strong view', 'Affected myself'],
]
