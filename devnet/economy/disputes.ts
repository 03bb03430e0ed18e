import { OPERATORS } from './participants.ts'
import { type Plan, tokens } from './plan.ts'

/** Disputes about assets: raised by researchers and businesses, ruled on by the arbiter. */
export function planDisputes(plan: Plan): void {
  const draws = plan.draws('disputes')
  const assets = [...plan.world.assets.values()].filter((asset) => !asset.disputed)
  const disputed = draws.chance(1, 18) ? draws.maybe(assets) : undefined
  if (disputed !== undefined) {
    const { researchers, businesses } = plan.participants
    const accuser = draws.pick([...researchers, ...businesses])
    const parameters = [disputed.id, draws.bytes32(), draws.pick(REASONS)]
    plan.add(accuser, 'OwnershipNFT', 'raiseDispute', ...parameters)
  }
  for (const dispute of plan.world.disputes.values()) {
    const age = plan.number - dispute.raisedAtBlock
    if (age < 12 || !draws.chance(1, 20)) continue
    const parameters = [dispute.id, draws.chance(1, 3), draws.bytes32()]
    plan.add(OPERATORS.arbiter, 'OwnershipNFT', 'resolveDispute', ...parameters)
  }
}

/** Providers: slashed for bad receipts, topping their stake up, changing their signing key. */
export function planProviders(plan: Plan): void {
  const draws = plan.draws('stakes')
  const providers = plan.participants.computeProviders
  const slashed = draws.chance(1, 45) ? draws.pick(providers) : undefined
  const slashedStake = plan.world.providers.get(slashed?.address ?? '0x')?.stake ?? 0n
  if (slashed !== undefined && slashedStake > tokens(4000)) {
    const amount = tokens(draws.between(500, 4000))
    const parameters = [slashed.address, amount, draws.bytes32()]
    plan.add(OPERATORS.arbiter, 'ComputeRegistry', 'slash', ...parameters)
  }
  for (const { address } of providers) {
    const stake = plan.world.providers.get(address)?.stake ?? 0n
    const low = stake < tokens(14_000)
    if (!low && !draws.chance(1, 150)) continue
    plan.add(address, 'ComputeRegistry', 'addStake', tokens(draws.between(5, 15) * 1000))
  }
}

/** Votes tokens: locked and unlocked by participants. */
export function planStaking(plan: Plan): void {
  const draws = plan.draws('staking')
  if (draws.chance(1, 3)) {
    const account = draws.pick(plan.participants.all)
    plan.add(account, 'VotesToken', 'stake', tokens(draws.between(1, 200) * 100))
  }
  const locked = [...plan.world.staked].filter(([, amount]) => amount > 0n)
  const unlocking = draws.chance(1, 9) ? draws.maybe(locked) : undefined
  if (unlocking === undefined) return
  const [account, amount] = unlocking
  plan.add(account, 'VotesToken', 'unstake', draws.chance(1, 2) ? amount : amount / 2n)
}

const REASONS = [
  'Training data used without a licence',
  'The published weights do not match the content hash',
  'A copy of another asset under a new name',
  'Evaluation results cannot be reproduced',
  'Personal data in the corpus',
]
