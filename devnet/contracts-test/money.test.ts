import { type Hex, mulDivFloor } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { linkEdge, pay, registerAsset } from '../actions.ts'
import { read } from '../chain.ts'
import { TOKEN_UNIT } from '../deploy.ts'
import { type Scenario, openScenario } from './scenario.ts'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario({ epochBlockCount: 1000 })
})
afterAll(() => scenario[Symbol.asyncDispose]())

/** As deployed. Unit: basis points. */
const FEE_BPS = 250n

async function balanceOf(account: Hex): Promise<bigint> {
  return BigInt(String(await read(scenario.devnet, 'VotesToken', 'balanceOf', [account])))
}

async function vaultOf(assetId: Hex): Promise<unknown> {
  return read(scenario.devnet, 'RevenueVault', 'vaultOf', [assetId])
}

test('a payment is divided into fee, parents’ shares and the rest, to the last unit', async () => {
  const { owner, buyer, devnet, send, refusal } = scenario
  const register = (name: string) => registerAsset(devnet, { owner, kind: 'MODEL', name })
  const top = await register('Grandparent')
  const middle = await register('Parent')
  const bottom = await register('Child')
  const edge = { owner, relation: 'FINETUNED_FROM' } as const
  await linkEdge(devnet, { ...edge, childId: middle, parentId: top, shareE8: 50_000_000 })
  await linkEdge(devnet, { ...edge, childId: bottom, parentId: middle, shareE8: 33_333_333 })
  const held = await balanceOf(devnet.deployment.contracts.RewardDistributor)
  const amount = 100n * TOKEN_UNIT + 7n
  await pay(devnet, { payer: buyer, assetId: bottom, amount })

  const fee = mulDivFloor(amount, FEE_BPS, 10_000n)
  const royalty = mulDivFloor(amount - fee, 33_333_333n, 100_000_000n)
  expect(await balanceOf(devnet.deployment.contracts.RewardDistributor)).toBe(held + fee)
  expect(await vaultOf(bottom)).toEqual([0n, amount - fee - royalty])
  expect(await vaultOf(middle)).toEqual([royalty, 0n])
  const before = await balanceOf(owner)
  await send(owner, 'RevenueVault', 'claim', middle)
  const upwards = royalty / 2n
  expect(await vaultOf(top)).toEqual([upwards, 0n])
  expect(await balanceOf(owner)).toBe(before + royalty - upwards)
  expect(await refusal(owner, 'RevenueVault', 'claim', middle)).toBe(`NothingToClaim(${middle})`)
})

test('a tip carries no fee; licence and sale payments come from their contracts only', async () => {
  const { owner, buyer, devnet, refusal } = scenario
  const assetId = await registerAsset(devnet, { owner, kind: 'TOOL', name: 'Tipped' })
  await pay(devnet, { payer: buyer, assetId, amount: 5n, kind: 'TIP' })
  expect(await vaultOf(assetId)).toEqual([0n, 5n])
  const zero: Hex = `0x${'00'.repeat(32)}`
  const asSale = await refusal(buyer, 'RevenueVault', 'pay', assetId, 2, 5n, zero)
  expect(asSale).toBe('PaymentKindNotOpen(2)')
  const licence = await refusal(buyer, 'RevenueVault', 'payLicence', assetId, buyer, 5n, 1n)
  expect(licence).toContain('NotLicenses')
  const parameters = [assetId, buyer, owner, 5n, 1n]
  expect(await refusal(buyer, 'RevenueVault', 'paySale', ...parameters)).toContain('NotMarketplace')
  expect(await refusal(buyer, 'RevenueVault', 'pay', assetId, 0, 0n, zero)).toBe('ZeroAmount()')
})

test('a sale moves the asset and the price less the fee, once', async () => {
  const { owner, buyer, other, devnet, send, refusal } = scenario
  const assetId = await registerAsset(devnet, { owner, kind: 'AGENT', name: 'Sold' })
  const price = 1000n * TOKEN_UNIT
  await send(owner, 'Marketplace', 'list', assetId, price)
  await send(owner, 'Marketplace', 'list', assetId, 2n * price)
  expect(await refusal(other, 'Marketplace', 'cancel', 1n)).toContain('NotSeller')
  const before = await balanceOf(owner)
  await send(buyer, 'Marketplace', 'buy', 1n)
  expect(await balanceOf(owner)).toBe(before + price - mulDivFloor(price, FEE_BPS, 10_000n))
  const holder = await read(devnet, 'OwnershipNFT', 'ownerOf', [BigInt(assetId)])
  expect(String(holder).toLowerCase()).toBe(buyer)
  expect(await refusal(other, 'Marketplace', 'buy', 1n)).toBe('ListingNotOpen(1)')
  expect(await refusal(other, 'Marketplace', 'buy', 2n)).toBe('ListingStale(2)')
})

test('a listing does not wake up again when the asset comes back to its seller', async () => {
  const { owner, buyer, other, devnet, send, refusal } = scenario
  const assetId = await registerAsset(devnet, { owner, kind: 'AGENT', name: 'Returned' })
  await send(owner, 'Marketplace', 'list', assetId, 1n)
  await send(owner, 'OwnershipNFT', 'transferFrom', owner, other, BigInt(assetId))
  await send(other, 'OwnershipNFT', 'transferFrom', other, owner, BigInt(assetId))
  expect(await refusal(buyer, 'Marketplace', 'buy', 3n)).toBe('ListingStale(3)')
  await send(buyer, 'Marketplace', 'cancel', 3n)
})

test('staked tokens stay in the balance but cannot leave it', async () => {
  const { outsider, other, devnet, send, refusal } = scenario
  const balance = await balanceOf(outsider)
  await send(outsider, 'VotesToken', 'stake', balance - 10n)
  expect(await balanceOf(outsider)).toBe(balance)
  expect(await refusal(outsider, 'VotesToken', 'transfer', other, 11n)).toContain('StakeExceeds')
  await send(outsider, 'VotesToken', 'transfer', other, 10n)
  expect(await refusal(outsider, 'VotesToken', 'stake', 1n)).toContain('StakeExceedsBalance')
  expect(await refusal(outsider, 'VotesToken', 'unstake', balance)).toContain('StakeExceeded')
  await send(outsider, 'VotesToken', 'unstake', balance - 10n)
  expect(await read(devnet, 'VotesToken', 'stakedOf', [outsider])).toBe(0n)
})
