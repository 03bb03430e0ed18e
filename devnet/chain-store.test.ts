import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { devnetAccounts } from './accounts.ts'
import { mineTo, registerAsset } from './actions.ts'
import { type Anvil, startAnvil } from './anvil.ts'
import { openChainStore } from './chain-store.ts'
import { type Devnet, connectDevnet, mine } from './chain.ts'
import { deploy, devnetDeployment } from './deploy.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'foggara-chain-store-'))
})
afterAll(() => rm(directory, { recursive: true }))

const OWNER = devnetAccounts.testers[0].address

async function withNode<T>(work: (devnet: Devnet, anvil: Anvil) => Promise<T>): Promise<T> {
  await using anvil = await startAnvil()
  return await work(connectDevnet(anvil.rpcUrl, devnetDeployment()), anvil)
}

async function head(devnet: Devnet): Promise<unknown> {
  const block = await devnet.rpc.request('eth_getBlockByNumber', 'latest', false)
  const { number, hash } = block as { number: string; hash: string }
  return { number: Number(number), hash }
}

/** A stored chain: a checkpoint at block 3 and a journal up to block 6. */
async function storeChain(file: string): Promise<unknown> {
  return withNode(async (devnet, anvil) => {
    await using store = await openChainStore(file)
    expect(await store.restore(devnet.rpc)).toBe(0)
    await deploy(anvil.rpcUrl)
    await mineTo(devnet, 3)
    await store.checkpoint(devnet.rpc)
    for (const name of ['One', 'Two', 'Three']) {
      await registerAsset(devnet, { owner: OWNER, kind: 'TOOL', name })
      await store.record(devnet.rpc)
    }
    return head(devnet)
  })
}

test('a chain comes back with its hashes, and goes on as if nothing had happened', async () => {
  const file = join(directory, 'restored')
  const last = await storeChain(file)
  await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    expect(await store.restore(devnet.rpc)).toBe(6)
    expect(await head(devnet)).toEqual(last)
    await mine(devnet, 2)
    await store.record(devnet.rpc)
  })
  await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    expect(await store.restore(devnet.rpc)).toBe(8)
  })
})

test('a line that a kill has cut short is dropped with its block', async () => {
  const file = join(directory, 'torn')
  await storeChain(file)
  await appendFile(`${file}.journal`, '{"number":7,"hash":"0x12')
  await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    expect(await store.restore(devnet.rpc)).toBe(6)
  })
  expect((await readFile(`${file}.journal`, 'utf8')).endsWith('}\n')).toBe(true)
})

test('lines that a checkpoint already holds are passed over', async () => {
  const file = join(directory, 'overlapping')
  await storeChain(file)
  const journal = await readFile(`${file}.journal`, 'utf8')
  await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    await store.restore(devnet.rpc)
    await store.checkpoint(devnet.rpc)
  })
  await writeFile(`${file}.journal`, journal)
  await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    expect(await store.restore(devnet.rpc)).toBe(6)
  })
})

test('a reorganisation is stored as the chain that it left', async () => {
  const file = join(directory, 'reorganised')
  await storeChain(file)
  const last = await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    await store.restore(devnet.rpc)
    await devnet.rpc.request('anvil_reorg', 2, [])
    await mine(devnet, 1)
    await store.record(devnet.rpc)
    return head(devnet)
  })
  await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    await store.restore(devnet.rpc)
    expect(await head(devnet)).toEqual(last)
  })
})

test('a journal that does not replay to its hashes is refused', async () => {
  const file = join(directory, 'diverged')
  await storeChain(file)
  const journal = await readFile(`${file}.journal`, 'utf8')
  await writeFile(`${file}.journal`, journal.replace(/"timestamp":(\d+)/, '"timestamp":1$1'))
  await withNode(async (devnet) => {
    await using store = await openChainStore(file)
    await expect(store.restore(devnet.rpc)).rejects.toMatchObject({ code: 'CHAIN_STORE_DIVERGED' })
  })
})
