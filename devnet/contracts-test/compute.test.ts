import {
  type Hex,
  type Receipt,
  type SignedReceipt,
  RECEIPT_TYPES,
  receiptDomain,
  receiptMessage,
} from '@foggara/schema'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { keccak256, recoverTypedDataAddress, toHex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { devnetAccounts } from '../accounts.ts'
import { anchorBatch, anchorDigests, registerAsset, registerProvider } from '../actions.ts'
import { mine, read } from '../chain.ts'
import { TOKEN_UNIT } from '../deploy.ts'
import { batchOf, signReceipt } from '../receipts.ts'
import { type Scenario, openScenario, refusalOf } from './scenario.ts'

const SIGNER_KEY: Hex = `0x${'77'.repeat(32)}`
const SIGNER = privateKeyToAddress(SIGNER_KEY)
const HASH: Hex = `0x${'ab'.repeat(32)}`

let scenario: Scenario
let assetId: Hex
beforeAll(async () => {
  scenario = await openScenario({ epochBlockCount: 1000 })
  const { devnet, owner } = scenario
  assetId = await registerAsset(devnet, { owner, kind: 'MODEL', name: 'Used' })
  const stake = 20_000n * TOKEN_UNIT
  await registerProvider(devnet, { account: owner, name: 'Erg', signer: SIGNER, stake })
})
afterAll(() => scenario[Symbol.asyncDispose]())

async function receipts(count: number): Promise<readonly SignedReceipt[]> {
  const signed: SignedReceipt[] = []
  for (let nonce = 1n; nonce <= BigInt(count); nonce += 1n) {
    const receipt: Receipt = {
      provider: scenario.owner,
      consumer: scenario.buyer,
      workload: 'INFERENCE',
      nonce,
      assets: [assetId],
      units: 1000n,
      fee: 5n,
      startedAtSeconds: 10n,
      finishedAtSeconds: 20n,
      inputHash: HASH,
      outputHash: keccak256(toHex(nonce)),
    }
    signed.push(await signReceipt(scenario.devnet.deployment, receipt, SIGNER_KEY))
  }
  return signed
}

test('a receipt’s signature is that of the provider’s key over its typed data', async () => {
  const [receipt] = await receipts(1)
  if (receipt === undefined) throw new Error('a receipt')
  const { chainId, contracts } = scenario.devnet.deployment
  const signer = await recoverTypedDataAddress({
    domain: receiptDomain(chainId, contracts.ComputeRegistry),
    types: RECEIPT_TYPES,
    primaryType: 'Receipt',
    message: receiptMessage(receipt),
    signature: receipt.signature,
  })
  expect(signer).toBe(SIGNER)
})

test.each([1, 2, 3, 7, 8])(
  'the root of %i receipts is OpenZeppelin’s, off and on chain',
  async (count) => {
    const batch = batchOf(await receipts(count))
    const digests = batch.digests.map((digest) => [digest])
    expect(batch.root).toBe(StandardMerkleTree.of(digests, ['bytes32']).root)
    const onChain = await read(scenario.devnet, 'ComputeRegistry', 'batchRootOf', [batch.digests])
    expect(onChain).toBe(batch.root)
  },
)

test('a batch is anchored with its root only, by a provider with enough stake', async () => {
  const { devnet, owner, buyer, outsider, send, refusal } = scenario
  const signed = await receipts(3)
  const { root, digests } = batchOf(signed)
  const anchor = (from: Hex, ...args: readonly unknown[]) => {
    return refusal(from, 'ComputeRegistry', 'anchorBatch', ...args)
  }
  expect(await anchor(owner, HASH, 15n, digests, '0x')).toContain('RootMismatch')
  expect(await anchor(owner, root, 15n, digests.toReversed(), '0x')).toContain('LeavesNotAscending')
  expect(await anchor(owner, root, 15n, [], '0x')).toBe('BatchCountOutOfBounds(0)')
  expect(await anchor(outsider, root, 15n, digests, '0x')).toContain('ProviderNotRegistered')
  await send(buyer, 'ComputeRegistry', 'registerProvider', 'Poor', '')
  expect(await anchor(buyer, root, 15n, digests, '0x')).toContain('StakeTooLow')
  expect(await refusalOf(() => anchorBatch(devnet, signed))).toBe('succeeded')
  expect(await anchorDigests(devnet, signed)).toBe(2n)
})

test('stake answers for a while after the last batch, and the arbiter alone slashes it', async () => {
  const { devnet, owner, outsider, send, refusal } = scenario
  const arbiter = devnetAccounts.arbiter.address
  const amount = 1000n * TOKEN_UNIT
  const slash = [owner, amount, HASH]
  expect(await refusal(outsider, 'ComputeRegistry', 'slash', ...slash)).toContain('NotArbiter')
  const funded = BigInt(String(await read(devnet, 'RewardDistributor', 'fundedOf', [1])))
  await send(arbiter, 'ComputeRegistry', 'slash', ...slash)
  expect(await read(devnet, 'RewardDistributor', 'fundedOf', [1])).toBe(funded + amount)
  const withdraw = () => refusal(owner, 'ComputeRegistry', 'withdrawStake', amount)
  expect(await withdraw()).toContain('StakeStillLiable')
  await mine(devnet, 150)
  expect(await withdraw()).toBe('succeeded')
  const provider = await read(devnet, 'ComputeRegistry', 'providerOf', [owner])
  expect(provider).toMatchObject({ stake: 18_000n * TOKEN_UNIT })
})

test('a signing key is set by its provider, and only changes count', async () => {
  const { devnet, owner, outsider, send, refusal } = scenario
  const set = (from: Hex, active: boolean) => {
    return refusal(from, 'ComputeRegistry', 'setSigningKey', SIGNER, active)
  }
  expect(await set(outsider, true)).toContain('ProviderNotRegistered')
  expect(await set(owner, true)).toContain('SigningKeyUnchanged')
  await send(owner, 'ComputeRegistry', 'setSigningKey', SIGNER, false)
  expect(await read(devnet, 'ComputeRegistry', 'isSigner', [owner, SIGNER])).toBe(false)
})
