import type { Hex } from '@foggara/schema'
import { keccak256, stringToBytes, stringToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { devnetAccounts } from '../accounts.ts'
import { prepareAccounts } from '../actions.ts'
import { encodeCall } from '../artifacts.ts'
import { type TransactionReceipt, mine, read } from '../chain.ts'
import { TOKEN_UNIT } from '../deploy.ts'
import { type ProtocolEvent, decodeEvent } from '../economy/event.ts'
import { type Scenario, openScenario } from './scenario.ts'

const VOTING_BLOCK_COUNT = 4
const FEE_BPS = stringToHex('feeBps', { size: 32 })

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario({
    epochBlockCount: 1000,
    votingPeriodBlockCount: VOTING_BLOCK_COUNT,
  })
  const { devnet, owner } = scenario
  await prepareAccounts(devnet, [owner], 60_000_000n * TOKEN_UNIT)
})
afterAll(() => scenario[Symbol.asyncDispose]())

function eventsOf(receipt: TransactionReceipt): readonly ProtocolEvent[] {
  return receipt.logs.map((log) => decodeEvent(log)).filter((event) => event !== undefined)
}

type Call = { readonly target: Hex; readonly calldata: Hex; readonly text: string }

/** Proposes a call, votes for it and executes it; returns what the execution emitted. */
async function decide({ target, calldata, text }: Call): Promise<readonly ProtocolEvent[]> {
  const { devnet, owner, buyer, send } = scenario
  const submitted = await send(
    owner,
    'ProtocolGovernor',
    'propose',
    [target],
    [0n],
    [calldata],
    text,
  )
  const created = eventsOf(submitted).find((event) => event.eventName === 'ProposalCreated')
  const proposalId = created?.args.proposalId
  await mine(devnet, 1)
  await send(owner, 'ProtocolGovernor', 'castVoteWithReason', proposalId, 1, 'yes')
  await send(buyer, 'ProtocolGovernor', 'castVote', proposalId, 0)
  await mine(devnet, VOTING_BLOCK_COUNT)
  const hash = keccak256(stringToBytes(text))
  const executed = await send(
    owner,
    'ProtocolGovernor',
    'execute',
    [target],
    [0n],
    [calldata],
    hash,
  )
  return eventsOf(executed)
}

test('only the governor sets parameters, known ones within their bounds', async () => {
  const { deployer, arbiter } = devnetAccounts
  const { refusal } = scenario
  for (const { address } of [deployer, arbiter]) {
    const denied = await refusal(address, 'ProtocolParameters', 'set', FEE_BPS, 1n)
    expect(denied).toContain('NotGovernor')
  }
  const { ProtocolGovernor } = scenario.devnet.deployment.contracts
  await scenario.devnet.rpc.request('anvil_impersonateAccount', ProtocolGovernor)
  const set = (key: string, value: bigint) => {
    const padded = stringToHex(key, { size: 32 })
    return refusal(ProtocolGovernor, 'ProtocolParameters', 'set', padded, value)
  }
  expect(await set('feeBps', 2001n)).toContain('ParameterOutOfBounds')
  expect(await set('arbiter', 0n)).toContain('ParameterOutOfBounds')
  expect(await set('feeBp', 1n)).toContain('ParameterUnknown')
  expect(await set('feeBps', 2000n)).toBe('succeeded')
})

test('a vote changes a parameter', async () => {
  const events = await decide({
    target: scenario.devnet.deployment.contracts.ProtocolParameters,
    calldata: encodeCall('ProtocolParameters', 'set', [FEE_BPS, 123n]),
    text: 'Set the fee',
  })
  expect(events.map((event) => event.eventName)).toEqual(['ProposalSettled', 'ParameterSet'])
  expect(await read(scenario.devnet, 'ProtocolParameters', 'feeBps')).toBe(123n)
})

test('an exclusion names the proposal that decided it, and nobody else can set one', async () => {
  const { outsider, other, refusal, devnet } = scenario
  const args = [other, 2, 3, 'self-dealing']
  const denied = await refusal(outsider, 'RewardDistributor', 'setExclusion', ...args)
  expect(denied).toContain('NotGovernor')
  const events = await decide({
    target: devnet.deployment.contracts.RewardDistributor,
    calldata: encodeCall('RewardDistributor', 'setExclusion', args),
    text: 'Exclude',
  })
  const settled = events.find((event) => event.eventName === 'ProposalSettled')
  const excluded = events.find((event) => event.eventName === 'ExclusionSet')
  expect(excluded?.args.proposalId).toBe(settled?.args.proposalId)
  expect(excluded?.args).toMatchObject({ account: other, fromEpoch: 2, toEpoch: 3 })
  expect(await read(devnet, 'ProtocolGovernor', 'executingProposalId')).toBe(0n)
})
