import type { Hex } from '@foggara/schema'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { devnetAccounts } from '../accounts.ts'
import { activateRoot, claim, fundEpoch, mineTo, proposeRoot, publishRuleset } from '../actions.ts'
import { headNumber, mine, read } from '../chain.ts'
import { BLOCK_STEP_SECONDS } from '../clock.ts'
import { TOKEN_UNIT } from '../deploy.ts'
import { firstRuleset } from '../economy/setup.ts'
import { type Scenario, openScenario, refusalOf } from './scenario.ts'

const EPOCH_BLOCK_COUNT = 20
const WINDOW_BLOCK_COUNT = 6
const MANIFEST: Hex = `0x${'cd'.repeat(32)}`

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario({
    epochBlockCount: EPOCH_BLOCK_COUNT,
    challengeSeconds: WINDOW_BLOCK_COUNT * BLOCK_STEP_SECONDS,
  })
})
afterAll(() => scenario[Symbol.asyncDispose]())

type Tree = {
  readonly root: Hex
  readonly total: bigint
  readonly proofOf: (account: Hex) => readonly Hex[]
}

function treeOf(rewards: readonly (readonly [Hex, bigint])[]): Tree {
  const token = scenario.devnet.deployment.contracts.VotesToken
  const leaves = rewards.map(([account, cumulative]) => [account, token, cumulative])
  const tree = StandardMerkleTree.of(leaves, ['address', 'address', 'uint256'])
  return {
    root: tree.root as Hex,
    total: rewards.reduce((sum, [, cumulative]) => sum + cumulative, 0n),
    proofOf: (account) => tree.getProof(rewards.findIndex(([one]) => one === account)) as Hex[],
  }
}

function propose(epoch: number, tree: Tree, total = tree.total): Promise<string> {
  const { root } = tree
  return refusalOf(() => {
    const proposal = { epoch, root, manifestHash: MANIFEST, cumulativeTotal: total }
    return proposeRoot(scenario.devnet, proposal)
  })
}

function activation(epoch: number): Promise<string> {
  return refusalOf(() => activateRoot(scenario.devnet, epoch))
}

function claiming(account: Hex, cumulative: bigint, proof: readonly Hex[]): Promise<string> {
  return refusalOf(() => claim(scenario.devnet, { account, cumulative, proof }))
}

async function balanceOf(account: Hex): Promise<bigint> {
  return BigInt(String(await read(scenario.devnet, 'VotesToken', 'balanceOf', [account])))
}

test('rulesets: the first is the deployer’s, later ones the governor’s and never for the past', async () => {
  const { devnet, outsider, refusal } = scenario
  const epochs = { firstBlock: 1, blockCount: EPOCH_BLOCK_COUNT }
  const first = firstRuleset(devnet.deployment.contracts.VotesToken, epochs)
  const early = await refusal(outsider, 'RewardDistributor', 'publishRuleset', 1, '{}')
  expect(early).toContain('NotPublisher')
  await publishRuleset(devnet, first, 1)
  const deployer = devnetAccounts.deployer.address
  const late = await refusal(deployer, 'RewardDistributor', 'publishRuleset', 9, '{}')
  expect(late).toContain('NotGovernor')
  const second = { ...first, version: 2 }
  expect(await refusalOf(() => publishRuleset(devnet, second, 1))).toContain('EpochOver')
  await publishRuleset(devnet, second, 9)
  const third = { ...first, version: 3 }
  const overtaking = await refusalOf(() => publishRuleset(devnet, third, 9))
  expect(overtaking).toBe('RulesetOutOfOrder(9, 9)')
  expect(await read(devnet, 'RewardDistributor', 'rulesetVersion')).toBe(2)
})

test('an epoch is proposed once closed, activated after its challenge, and claimed once', async () => {
  const { devnet, owner, buyer, other, refusal } = scenario
  await fundEpoch(devnet, other, 1000n * TOKEN_UNIT)
  const tree = treeOf([
    [owner, 600n * TOKEN_UNIT],
    [buyer, 400n * TOKEN_UNIT],
  ])
  expect(await propose(1, tree)).toContain('EpochNotClosed(1, 20)')
  await mineTo(devnet, EPOCH_BLOCK_COUNT)
  expect(await propose(2, tree)).toBe('EpochNotNext(2, 1)')
  expect(await propose(1, tree, tree.total + 1n)).toContain('CumulativeExceedsFunds')
  const parameters = [1, tree.root, MANIFEST, tree.total]
  const denied = await refusal(owner, 'RewardDistributor', 'proposeRoot', ...parameters)
  expect(denied).toContain('NotProposer')
  expect(await propose(1, tree)).toBe('succeeded')
  expect(await activation(1)).toContain('ChallengeStillOpen')
  expect(await claiming(owner, 600n * TOKEN_UNIT, tree.proofOf(owner))).toContain('ProofInvalid')
  await mine(devnet, WINDOW_BLOCK_COUNT)
  expect(await activation(2)).toBe('EpochNotNext(2, 1)')
  expect(await activation(1)).toBe('succeeded')
  expect(await read(devnet, 'RewardDistributor', 'activeRoot')).toBe(tree.root)

  const before = await balanceOf(owner)
  expect(await claiming(owner, 601n * TOKEN_UNIT, tree.proofOf(owner))).toContain('ProofInvalid')
  expect(await claiming(owner, 600n * TOKEN_UNIT, tree.proofOf(owner))).toBe('succeeded')
  expect(await balanceOf(owner)).toBe(before + 600n * TOKEN_UNIT)
  expect(await claiming(owner, 600n * TOKEN_UNIT, tree.proofOf(owner))).toContain('NothingToClaim')
})

test('cumulative leaves pay the difference, and the total never decreases', async () => {
  const { devnet, owner, buyer, other } = scenario
  await mineTo(devnet, 2 * EPOCH_BLOCK_COUNT)
  await fundEpoch(devnet, other, 500n * TOKEN_UNIT)
  await mineTo(devnet, 3 * EPOCH_BLOCK_COUNT)
  const less = treeOf([[owner, 999n * TOKEN_UNIT]])
  expect(await propose(2, less)).toContain('CumulativeDecreased')
  const same = treeOf([
    [owner, 600n * TOKEN_UNIT],
    [buyer, 400n * TOKEN_UNIT],
  ])
  expect(await propose(2, same)).toBe('succeeded')
  const more = treeOf([
    [owner, 700n * TOKEN_UNIT],
    [buyer, 800n * TOKEN_UNIT],
  ])
  expect(await propose(3, more)).toBe('succeeded')
  await mine(devnet, WINDOW_BLOCK_COUNT)
  expect(await activation(2)).toBe('succeeded')
  expect(await activation(3)).toBe('succeeded')
  const before = await balanceOf(owner)
  expect(await claiming(owner, 700n * TOKEN_UNIT, more.proofOf(owner))).toBe('succeeded')
  expect(await balanceOf(owner)).toBe(before + 100n * TOKEN_UNIT)
})

test('an upheld challenge drops the root and what was built on it; a refused one does not', async () => {
  const { devnet, buyer, owner, send, refusal } = scenario
  const arbiter = devnetAccounts.arbiter.address
  await mineTo(devnet, 5 * EPOCH_BLOCK_COUNT)
  const tree = treeOf([
    [owner, 700n * TOKEN_UNIT],
    [buyer, 800n * TOKEN_UNIT],
  ])
  expect(await propose(4, tree)).toBe('succeeded')
  expect(await propose(5, tree)).toBe('succeeded')
  const before = await balanceOf(buyer)
  await send(buyer, 'RewardDistributor', 'challengeRoot', 4, MANIFEST)
  expect(await balanceOf(buyer)).toBe(before - 100n * TOKEN_UNIT)
  await mine(devnet, WINDOW_BLOCK_COUNT)
  expect(await activation(4)).toBe('RootNotProposed(4)')
  const resolve = await refusal(buyer, 'RewardDistributor', 'resolveChallenge', 4, true)
  expect(resolve).toContain('NotArbiter')
  await send(arbiter, 'RewardDistributor', 'resolveChallenge', 4, true)
  expect(await balanceOf(buyer)).toBe(before)
  expect(await read(devnet, 'RewardDistributor', 'lastProposedEpoch')).toBe(3)

  expect(await propose(4, tree)).toBe('succeeded')
  await send(buyer, 'RewardDistributor', 'challengeRoot', 4, MANIFEST)
  await send(arbiter, 'RewardDistributor', 'resolveChallenge', 4, false)
  expect(await balanceOf(buyer)).toBe(before - 100n * TOKEN_UNIT)
  await mine(devnet, WINDOW_BLOCK_COUNT)
  const late = await refusal(buyer, 'RewardDistributor', 'challengeRoot', 4, MANIFEST)
  expect(late).toContain('ChallengeOver')
  expect(await activation(4)).toBe('succeeded')
})

test('claims never exceed the total that was proposed, whatever the leaves say', async () => {
  const { devnet, owner, buyer, other } = scenario
  await fundEpoch(devnet, other, 100n * TOKEN_UNIT)
  const head = await headNumber(devnet)
  const epoch = 5
  await mineTo(devnet, Math.max(head, epoch * EPOCH_BLOCK_COUNT))
  const lying = treeOf([
    [owner, 1_000_000n * TOKEN_UNIT],
    [buyer, 800n * TOKEN_UNIT],
  ])
  expect(await propose(epoch, lying, 1500n * TOKEN_UNIT)).toBe('succeeded')
  await mine(devnet, WINDOW_BLOCK_COUNT)
  expect(await activation(epoch)).toBe('succeeded')
  const claimed = await claiming(owner, 1_000_000n * TOKEN_UNIT, lying.proofOf(owner))
  expect(claimed).toContain('ClaimsExceedTotal')
})
