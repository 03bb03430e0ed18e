import { read } from '../chain.ts'
import { OPERATORS } from './participants.ts'
import { type Plan, tokens } from './plan.ts'
import { epochOf } from './world.ts'

/** Epochs: the treasury sponsors each one, and a root is activated when its challenge is over. */
export async function planEpochs(plan: Plan): Promise<void> {
  const epoch = epochOf(plan.world, plan.number)
  if (!plan.world.sponsored.has(epoch)) {
    const amount = tokens(plan.draws('sponsoring').between(18, 30) * 1000)
    plan.add(OPERATORS.treasury, 'RewardDistributor', 'fund', amount)
  }
  const next = plan.world.lastActiveEpoch + 1
  const root = plan.world.pendingRoots.get(next)
  if (root === undefined || plan.seconds < root.endsAtSeconds) return
  if (root.challenged && !(await standsAgain(plan, next))) return
  plan.add(OPERATORS.deployer, 'RewardDistributor', 'activateRoot', next)
}

/** A refused challenge has no event of its own: the contract says whether the root stands. */
async function standsAgain(plan: Plan, epoch: number): Promise<boolean> {
  const root = await read(plan.devnet, 'RewardDistributor', 'rootOf', [epoch])
  return (root as { readonly status: number }).status === PROPOSED
}

const PROPOSED = 1
