import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  type Anvil,
  type Devnet,
  TOKEN_UNIT,
  anchorDigests,
  buyLicence,
  claim,
  connectDevnet,
  deploy,
  devnetAccounts,
  firstRuleset,
  fundEpoch,
  linkEdge,
  mine,
  mineTo,
  offerTerms,
  pay,
  prepareAccounts,
  publishRuleset,
  read,
  registerAsset,
  registerProvider,
  signReceipt,
  startAnvil,
} from '@foggara/devnet'
import { type Hex, type SignedReceipt, receiptToJson } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type RunningFoggara, eventually, startFoggara } from './running-foggara.ts'

/**
 * One story on real parts only. Epoch 1 passes with nothing to divide. In epoch 2 an asset is
 * registered, derived from, licensed, used and paid; the epoch closes; its root is proposed and
 * activated on chain; an account claims with the proof that GraphQL gave, and its balance grows by
 * exactly the allocation.
 */

const EPOCH_BLOCK_COUNT = 40
const { deployer, proposer, testers } = devnetAccounts
const maker = testers[0].address
const deriver = testers[1].address
const consumer = testers[2].address
const operator = testers[3].address

let folder: string
let anvil: Anvil
let devnet: Devnet
let foggara: RunningFoggara

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foggara-spine-'))
  anvil = await startAnvil()
  const deployment = await deploy(anvil.rpcUrl, {
    firstBlock: 1,
    epochBlockCount: EPOCH_BLOCK_COUNT,
    challengeSeconds: 30,
  })
  devnet = connectDevnet(anvil.rpcUrl, deployment)
  const file = join(folder, 'deployment.json')
  writeFileSync(file, JSON.stringify(deployment))
  foggara = await startFoggara({
    dataDir: join(folder, 'state'),
    environment: {
      FOGGARA_RPC_URL: anvil.rpcUrl,
      FOGGARA_DEPLOYMENT: file,
      FOGGARA_PROPOSER_KEY: proposer.privateKey,
    },
  })
}, 180_000)

afterAll(async () => {
  await foggara?.[Symbol.asyncDispose]()
  await anvil?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test(
  'from a contract event to a reward that its receiver claims',
  { timeout: 180_000 },
  async () => {
    const { token } = await tellTheStory()

    await mineTo(devnet, 2 * EPOCH_BLOCK_COUNT + 20)
    const closed = await eventually('epoch 2 is proposed', 60_000, async () => {
      await mine(devnet, 1)
      const { epoch } = await foggara.query<{ epoch: Epoch | null }>(EPOCH)
      return epoch !== null && epoch.status !== 'CLOSED' ? epoch : undefined
    })
    expect(Object.values(closed.identity).map(BigInt)).toEqual([
      ...Object.values(closed.identity).slice(0, -1).map(BigInt),
      0n,
    ])
    const { budget, paid, carryChange, withheld, unallocated } = closed.identity
    expect(BigInt(budget)).toBe(
      BigInt(paid) + BigInt(carryChange) + BigInt(withheld) + BigInt(unallocated),
    )

    const active = await eventually('epoch 2 is active', 60_000, async () => {
      await mine(devnet, 1)
      const { epoch } = await foggara.query<{ epoch: Epoch | null }>(EPOCH)
      return epoch?.status === 'ACTIVE' ? epoch : undefined
    })
    expect(await read(devnet, 'RewardDistributor', 'activeRoot')).toBe(active.root)

    const payees = active.allocations.nodes.filter(({ cumulative }) => BigInt(cumulative) > 0n)
    expect(payees.map(({ account }) => account.address)).toEqual(
      expect.arrayContaining([maker, deriver, operator]),
    )
    for (const { account, cumulative, proof, earned, explanation } of payees) {
      const parts = explanation?.pools.map((pool) => BigInt(pool.earned))
      expect(parts?.reduce((total, amount) => total + amount, 0n)).toBe(BigInt(earned))
      const before = await balanceOf(account.address)
      await claim(devnet, { account: account.address, cumulative: BigInt(cumulative), proof })
      expect((await balanceOf(account.address)) - before).toBe(BigInt(cumulative))
    }
    await expect(
      claim(devnet, {
        account: payees[0]?.account.address ?? '0x',
        cumulative: BigInt(payees[0]?.cumulative ?? '0'),
        proof: payees[0]?.proof ?? [],
      }),
    ).rejects.toThrow('NothingToClaim')
    expect(active.allocations.nodes.every((row) => row.token === token)).toBe(true)

    await eventually('the claims are indexed', 30_000, async () => {
      const { claims } = await foggara.query<{ claims: { totalCount: number } }>(
        '{ claims(first: 100) { totalCount } }',
      )
      return claims.totalCount === payees.length ? true : undefined
    })
  },
)

/** A ruleset, an epoch without anything, and everything that happens in epoch 2. */
async function tellTheStory(): Promise<{ token: Hex }> {
  const token = devnet.deployment.contracts.VotesToken
  await prepareAccounts(
    devnet,
    [deployer.address, maker, deriver, consumer, operator],
    10_000n * TOKEN_UNIT,
  )
  await publishRuleset(
    devnet,
    firstRuleset(token, { firstBlock: 1, blockCount: EPOCH_BLOCK_COUNT }),
    1,
  )
  await mineTo(devnet, EPOCH_BLOCK_COUNT + 1)
  await fundEpoch(devnet, deployer.address, 1_000_000n * TOKEN_UNIT + 7n)
  const corpus = await registerAsset(devnet, { owner: maker, kind: 'DATASET', name: 'Corpus' })
  const base = await registerAsset(devnet, { owner: maker, kind: 'MODEL', name: 'Base' })
  const tuned = await registerAsset(devnet, { owner: deriver, kind: 'MODEL', name: 'Tuned' })
  const terms = (assetId: Hex) =>
    offerTerms(devnet, {
      licensor: maker,
      assetId,
      price: 5n * TOKEN_UNIT,
      royaltyShareE8: 10_000_000,
      derivativesAllowed: true,
    })
  for (const [parentId, relation] of [
    [base, 'FINETUNED_FROM'],
    [corpus, 'TRAINED_ON'],
  ] as const) {
    const licenceId = await buyLicence(devnet, deriver, await terms(parentId))
    await linkEdge(devnet, {
      owner: deriver,
      childId: tuned,
      parentId,
      relation,
      shareE8: 10_000_000,
      licenceId,
    })
  }
  await registerProvider(devnet, {
    account: operator,
    name: 'Operator',
    signer: operator,
    stake: 10_000n * TOKEN_UNIT,
  })
  await eventually('the provider is indexed', 30_000, async () => {
    const { providers } = await foggara.query<{ providers: { totalCount: number } }>(
      '{ providers(first: 1) { totalCount } }',
    )
    return providers.totalCount === 1 ? true : undefined
  })
  const receipt = await signedReceipt(tuned)
  expect(await submit(receipt)).toMatchObject({ status: 'accepted', digest: receipt.digest })
  expect(await submit(receipt)).toMatchObject({ status: 'duplicate' })
  await anchorDigests(devnet, [receipt])
  await pay(devnet, { payer: consumer, assetId: tuned, amount: 30n * TOKEN_UNIT })
  return { token }
}

async function signedReceipt(asset: Hex): Promise<SignedReceipt> {
  const head = await devnet.rpc.request('eth_getBlockByNumber', 'latest', false)
  const endedAtSeconds = BigInt((head as { readonly timestamp: Hex }).timestamp)
  const receipt = {
    provider: operator,
    consumer,
    workload: 'INFERENCE' as const,
    nonce: 1n,
    assets: [asset],
    units: 1_000n,
    fee: 12n * TOKEN_UNIT + 1n,
    startedAtSeconds: endedAtSeconds,
    finishedAtSeconds: endedAtSeconds,
    inputHash: `0x${'01'.repeat(32)}` as const,
    outputHash: `0x${'02'.repeat(32)}` as const,
  }
  return signReceipt(devnet.deployment, receipt, testers[3].privateKey)
}

async function submit(receipt: SignedReceipt): Promise<unknown> {
  const answer = await fetch(`${foggara.url}/receipts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(receiptToJson(receipt)),
  })
  return answer.json()
}

async function balanceOf(account: Hex): Promise<bigint> {
  return (await read(devnet, 'VotesToken', 'balanceOf', [account])) as bigint
}

const EPOCH = `{
  epoch(number: 2) {
    status root
    identity { budget paid carryChange withheld unallocated difference }
    allocations(first: 100) {
      nodes {
        account { address } token earned cumulative proof
        explanation { pools { pool earned } partsDifference }
      }
    }
  }
}`

type Epoch = {
  status: string
  root: Hex
  identity: Record<
    'budget' | 'paid' | 'carryChange' | 'withheld' | 'unallocated' | 'difference',
    string
  >
  allocations: {
    nodes: readonly {
      account: { address: Hex }
      token: Hex
      earned: string
      cumulative: string
      proof: readonly Hex[]
      explanation: { pools: readonly { pool: string; earned: string }[] } | null
    }[]
  }
}
