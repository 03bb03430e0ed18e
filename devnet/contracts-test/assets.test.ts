import { type Hex, RELATIONS, type Relation } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { devnetAccounts } from '../accounts.ts'
import { buyLicence, linkEdge, offerTerms, registerAsset } from '../actions.ts'
import { mine, read } from '../chain.ts'
import { BLOCK_STEP_SECONDS } from '../clock.ts'
import { TOKEN_UNIT } from '../deploy.ts'
import { type Scenario, openScenario, refusalOf } from './scenario.ts'

let scenario: Scenario
beforeAll(async () => {
  scenario = await openScenario({ epochBlockCount: 1000 })
})
afterAll(() => scenario[Symbol.asyncDispose]())

const HASH: Hex = `0x${'ab'.repeat(32)}`
let nameCount = 0

function asset(owner: Hex): Promise<Hex> {
  nameCount += 1
  return registerAsset(scenario.devnet, { owner, kind: 'MODEL', name: `Model-${nameCount}` })
}

function linkRefusal(
  owner: Hex,
  childId: Hex,
  parentId: Hex,
  relation: Relation,
  right: { readonly shareE8: number; readonly licenceId?: bigint },
): Promise<string> {
  const edge = { owner, childId, parentId, relation, ...right }
  return refusalOf(() => linkEdge(scenario.devnet, edge))
}

test('only its owner publishes, stores, opens, licenses, lists and links an asset', async () => {
  const { owner, outsider, refusal } = scenario
  const id = await asset(owner)
  const parent = await asset(owner)
  const denied = `NotAssetOwner(${id}, `
  const acts = [
    ['OwnershipNFT', 'publishVersion', id, HASH, 'uri', HASH],
    ['OwnershipNFT', 'anchorStorage', id, 1, HASH, 'uri', 1n],
    ['OwnershipNFT', 'grantAccess', id, outsider, 0, 0n],
    ['OwnershipNFT', 'revokeAccess', id, outsider, 0],
    ['OwnershipNFT', 'linkEdge', id, parent, 0, 0, 0n],
    ['LicenseNFT', 'offerTerms', id, 1n, 0, true, true, 0n, ''],
    ['ContributionNFT', 'record', id, outsider, 0, 1, HASH],
    ['Marketplace', 'list', id, 1n],
    ['RevenueVault', 'claim', id],
  ] as const
  for (const [contract, name, ...args] of acts) {
    expect(await refusal(outsider, contract, name, ...args), name).toContain(denied)
  }
})

test('an asset is registered once, and only its versions have stored copies', async () => {
  const { owner, refusal, send, devnet } = scenario
  const salt: Hex = `0x${'01'.repeat(32)}`
  await send(owner, 'OwnershipNFT', 'register', 0, 'One', 'uri', HASH, salt)
  const again = await refusal(owner, 'OwnershipNFT', 'register', 0, 'One', 'uri', HASH, salt)
  expect(again).toContain('AssetAlreadyRegistered')
  const id = await read(devnet, 'OwnershipNFT', 'assetIdOf', [owner, salt])
  const early = await refusal(owner, 'OwnershipNFT', 'anchorStorage', id, 1, HASH, 'uri', 1n)
  expect(early).toBe(`VersionUnknown(${String(id)}, 1)`)
})

test('a link needs the parent, or a licence of the child’s owner for its royalty share', async () => {
  const { owner, buyer, other, devnet } = scenario
  const parentId = await asset(owner)
  const unrelated = await asset(owner)
  const childId = await asset(buyer)
  const link = (right: { shareE8: number; licenceId?: bigint }) => {
    return linkRefusal(buyer, childId, parentId, 'FINETUNED_FROM', right)
  }
  expect(await link({ shareE8: 5_000_000 })).toContain('LicenceNeeded')

  const offer = { licensor: owner, assetId: parentId, price: 10n * TOKEN_UNIT }
  const termsId = await offerTerms(devnet, { ...offer, royaltyShareE8: 5_000_000 })
  const licenceId = await buyLicence(devnet, buyer, termsId)
  const foreign = await buyLicence(devnet, other, termsId)
  expect(await link({ shareE8: 5_000_000, licenceId: foreign })).toContain('LicenceNotHeld')
  expect(await link({ shareE8: 1, licenceId })).toBe('ShareNotLicensed(1, 5000000)')
  const elsewhere = { shareE8: 5_000_000, licenceId }
  expect(await linkRefusal(buyer, childId, unrelated, 'MERGED_FROM', elsewhere)).toContain(
    'LicenceOfOtherAsset',
  )
  expect(await link({ shareE8: 5_000_000, licenceId })).toBe('succeeded')
  expect(await link({ shareE8: 5_000_000, licenceId })).toContain('EdgeAlreadyLinked')
})

test('a revoked, expired or closed licence links nothing, but ends no edge either', async () => {
  const { owner, buyer, devnet, send } = scenario
  const parentId = await asset(owner)
  const offer = { licensor: owner, assetId: parentId, price: 0n, royaltyShareE8: 1_000_000 }
  const revoked = await buyLicence(devnet, buyer, await offerTerms(devnet, offer))
  const first = await asset(buyer)
  const second = await asset(buyer)
  const link = (childId: Hex, licenceId: bigint) => {
    return linkRefusal(buyer, childId, parentId, 'ADAPTER_OF', { shareE8: 1_000_000, licenceId })
  }
  expect(await link(first, revoked)).toBe('succeeded')
  await send(owner, 'LicenseNFT', 'revokeLicence', revoked, 'breach')
  expect(await link(second, revoked)).toBe(`LicenceIsRevoked(${revoked})`)
  expect(await read(devnet, 'OwnershipNFT', 'parentsOf', [first])).toHaveLength(1)

  const short = { ...offer, durationSeconds: BLOCK_STEP_SECONDS }
  const expired = await buyLicence(devnet, buyer, await offerTerms(devnet, short))
  await mine(devnet, 2)
  expect(await link(second, expired)).toContain('LicenceIsExpired')
  const closed = { ...offer, derivativesAllowed: false }
  const useOnly = await buyLicence(devnet, buyer, await offerTerms(devnet, closed))
  expect(await link(second, useOnly)).toContain('DerivativesNotAllowed')
})

test('terms close with a change of owner and by withdrawal; outsiders revoke nothing', async () => {
  const { owner, buyer, outsider, other, devnet, send, refusal } = scenario
  const id = await asset(owner)
  const offer = { licensor: owner, assetId: id, price: 0n, royaltyShareE8: 0 }
  const [sold, withdrawn] = [await offerTerms(devnet, offer), await offerTerms(devnet, offer)]
  const licenceId = await buyLicence(devnet, buyer, sold)
  const revocation = await refusal(outsider, 'LicenseNFT', 'revokeLicence', licenceId, '')
  expect(revocation).toContain('NotLicensor')
  expect(await refusal(outsider, 'LicenseNFT', 'withdrawTerms', sold)).toContain('NotLicensor')
  await send(owner, 'LicenseNFT', 'withdrawTerms', withdrawn)
  expect(await refusal(buyer, 'LicenseNFT', 'buyLicence', withdrawn)).toContain('TermsNotOpen')
  await send(owner, 'OwnershipNFT', 'transferFrom', owner, other, BigInt(id))
  expect(await refusal(buyer, 'LicenseNFT', 'buyLicence', sold)).toContain('TermsNotOpen')
})

test('the shares of a child’s parents never exceed the whole, and never run in circles', async () => {
  const { owner } = scenario
  const [one, two, child] = [await asset(owner), await asset(owner), await asset(owner)]
  const link = (childId: Hex, parentId: Hex, relation: Relation, shareE8: number) => {
    return linkRefusal(owner, childId, parentId, relation, { shareE8 })
  }
  expect(await link(child, one, 'MERGED_FROM', 60_000_000)).toBe('succeeded')
  const over = await link(child, two, 'MERGED_FROM', 40_000_001)
  expect(over).toBe(`ShareStackExceeded(${child}, 100000001)`)
  expect(await link(child, two, 'MERGED_FROM', 40_000_000)).toBe('succeeded')
  expect(await link(one, child, 'COMPOSED_OF', 1)).toContain('ParentRegisteredLater')
  expect(await link(one, child, 'COMPOSED_OF', 0)).toBe('succeeded')
  expect(await link(one, one, 'COMPOSED_OF', 0)).toContain('EdgeToItself')
})

test('an evaluation needs no licence and carries no share', async () => {
  const { owner, buyer } = scenario
  const [bench, model] = [await asset(owner), await asset(buyer)]
  const link = (shareE8: number) => {
    return linkRefusal(buyer, model, bench, 'EVALUATED_ON', { shareE8 })
  }
  expect(await link(1)).toBe('EvaluationCarriesNoShare(1)')
  expect(await link(0)).toBe('succeeded')
})

test('a child cannot shed an edge that pays; its parent and the arbiter can end it', async () => {
  const { owner, buyer, devnet, refusal, send } = scenario
  const parentId = await asset(owner)
  const childId = await asset(buyer)
  const offer = { licensor: owner, assetId: parentId, price: 0n, royaltyShareE8: 7 }
  const licenceId = await buyLicence(devnet, buyer, await offerTerms(devnet, offer))
  const relation = RELATIONS.indexOf('TRAINED_ON')
  await send(buyer, 'OwnershipNFT', 'linkEdge', childId, parentId, relation, 7, licenceId)
  const edge = [childId, parentId, relation]
  expect(await refusal(buyer, 'OwnershipNFT', 'endEdge', ...edge)).toContain('EdgeNotYours')
  await send(owner, 'OwnershipNFT', 'endEdge', ...edge)
  await send(buyer, 'OwnershipNFT', 'linkEdge', childId, parentId, relation, 7, licenceId)
  await send(devnetAccounts.arbiter.address, 'OwnershipNFT', 'endEdge', ...edge)
  expect(await read(devnet, 'OwnershipNFT', 'parentsOf', [childId])).toEqual([])
})

test('a contribution stays with its contributor, and shares stay within the whole', async () => {
  const { owner, buyer, other, send, refusal } = scenario
  const id = await asset(owner)
  await send(owner, 'ContributionNFT', 'record', id, buyer, 0, 60_000_000, HASH)
  const move = await refusal(buyer, 'ContributionNFT', 'transferFrom', buyer, other, 1n)
  expect(move).toBe('NotTransferable(1)')
  const over = await refusal(owner, 'ContributionNFT', 'record', id, other, 0, 40_000_001, HASH)
  expect(over).toBe(`ShareTotalExceeded(${id}, 100000001)`)
})

test('a dispute costs a bond: upheld it comes back, refused it funds the epoch', async () => {
  const { owner, buyer, devnet, send, refusal } = scenario
  const arbiter = devnetAccounts.arbiter.address
  const id = await asset(owner)
  const balance = () => read(devnet, 'VotesToken', 'balanceOf', [buyer])
  const funded = () => read(devnet, 'RewardDistributor', 'fundedOf', [1])
  const [before, fundsBefore] = [await balance(), await funded()]
  await send(buyer, 'OwnershipNFT', 'raiseDispute', id, HASH, 'copied')
  await send(buyer, 'OwnershipNFT', 'raiseDispute', id, HASH, 'copied again')
  expect(await balance()).toBe(BigInt(String(before)) - 200n * TOKEN_UNIT)
  const resolve = [1n, true, HASH]
  const denied = await refusal(owner, 'OwnershipNFT', 'resolveDispute', ...resolve)
  expect(denied).toContain('NotArbiter')
  await send(arbiter, 'OwnershipNFT', 'resolveDispute', ...resolve)
  await send(arbiter, 'OwnershipNFT', 'resolveDispute', 2n, false, HASH)
  expect(await refusal(arbiter, 'OwnershipNFT', 'resolveDispute', ...resolve)).toContain('NotOpen')
  expect(await balance()).toBe(BigInt(String(before)) - 100n * TOKEN_UNIT)
  expect(await funded()).toBe(BigInt(String(fundsBefore)) + 100n * TOKEN_UNIT)
})
