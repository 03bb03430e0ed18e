import {
  type Accumulator,
  CONTRACT_NAMES,
  type ContractName,
  EMPTY_ACCUMULATOR,
  type Hex,
  RELATIONS,
  type SignedReceipt,
  accumulate,
  eventsOf,
} from '@foggara/schema'
import { type AbiEvent, decodeEventLog, toEventSelector } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Anvil, startAnvil } from '../anvil.ts'
import { type Devnet, type RawLog, connectDevnet, read } from '../chain.ts'
import { deploy } from '../deploy.ts'
import { decodeEvent } from './event.ts'
import { runEconomy, seedHistory } from './history.ts'
import { openEconomy } from './step.ts'

const SMALL = { seed: 'one', blockCount: 16, assetCount: 14 }
const WHOLE = { seed: 'whole', blockCount: 130, assetCount: 120 }

type Chain = { readonly anvil: Anvil; readonly devnet: Devnet }

async function freshChain(): Promise<Chain> {
  const anvil = await startAnvil()
  return { anvil, devnet: connectDevnet(anvil.rpcUrl, await deploy(anvil.rpcUrl)) }
}

async function allLogs(devnet: Devnet): Promise<readonly RawLog[]> {
  const filter = { fromBlock: '0x0', toBlock: 'latest' }
  return (await devnet.rpc.request('eth_getLogs', filter)) as readonly RawLog[]
}

let whole: Chain
beforeAll(async () => {
  whole = await freshChain()
  await seedHistory(whole.devnet, WHOLE)
})
afterAll(() => whole.anvil.stop())

async function headHash(seed: string): Promise<Hex> {
  const { anvil, devnet } = await freshChain()
  await using _ended = anvil
  return (await seedHistory(devnet, { ...SMALL, seed })).headHash
}

test('the same seed gives the same chain, another seed another', async () => {
  const first = await headHash('one')
  expect(await headHash('one')).toBe(first)
  expect(await headHash('two')).not.toBe(first)
})

test('every contract’s accumulator is the fold of its events', async () => {
  const { devnet } = whole
  const byAddress = new Map<string, ContractName>(
    CONTRACT_NAMES.map((name) => [devnet.deployment.contracts[name], name]),
  )
  const events = new Map<string, AbiEvent>(
    CONTRACT_NAMES.flatMap((name) => eventsOf(name)).map((event) => [
      toEventSelector(event),
      event,
    ]),
  )
  const folded = new Map<ContractName, Accumulator>()
  for (const log of await allLogs(devnet)) {
    const contract = byAddress.get(log.address)
    const [topic, ...topics] = log.topics
    const event = events.get(topic ?? '')
    if (contract === undefined || event === undefined || topic === undefined) continue
    const { args } = decodeEventLog({ abi: [event], data: log.data, topics: [topic, ...topics] })
    const before = folded.get(contract) ?? EMPTY_ACCUMULATOR
    const values = Object.fromEntries(Object.entries(args ?? {}))
    expect(values['sequence']).toBe(before.sequence + 1n)
    folded.set(contract, accumulate(before, event, values))
  }
  for (const name of CONTRACT_NAMES) {
    const [sequence, hash] = (await read(devnet, name, 'accumulator')) as readonly [bigint, Hex]
    expect({ name, ...folded.get(name) }).toEqual({ name, sequence, hash })
  }
})

test('the history holds every kind of event but those of epoch roots, and all relations', async () => {
  const events = (await allLogs(whole.devnet)).map((log) => decodeEvent(log))
  const found = new Set(events.map((event) => event?.eventName))
  const names = CONTRACT_NAMES.flatMap((name) => eventsOf(name).map((event) => event.name))
  const missing = names.filter((name) => !found.has(name as 'AssetRegistered'))
  expect(missing).toEqual([
    'EpochRootProposed',
    'EpochRootChallenged',
    'EpochRootRejected',
    'EpochRootActivated',
    'RewardClaimed',
  ])
  const relations = events.flatMap((event) => {
    return event?.eventName === 'EdgeLinked' ? [event.args.relation] : []
  })
  expect(new Set(relations).size).toBe(RELATIONS.length)
})

test('an economy that reads the chain goes on exactly like one that made it', async () => {
  const { anvil, devnet } = await freshChain()
  await using _ended = anvil
  await seedHistory(devnet, { ...SMALL, blockCount: 9 })
  const again = connectDevnet(anvil.rpcUrl, devnet.deployment)
  const half = await openEconomy(again, SMALL)
  expect(half.world.head.number).toBe(9)

  const sizes = { ...SMALL, blockCount: 9 }
  const straight = await freshChain()
  await using _straightEnded = straight.anvil
  await seedHistory(straight.devnet, sizes)
  const hashes: Hex[][] = [[], []]
  for (const [index, chain] of [again, straight.devnet].entries()) {
    const options = { devnet: chain, size: sizes, sleep: async () => {} }
    for await (const block of runEconomy(options)) {
      hashes[index]?.push(block.hash)
      if (block.number === 14) break
    }
  }
  expect(hashes[0]).toHaveLength(5)
  expect(hashes[0]).toEqual(hashes[1])
})

test('live batches without bodies are delivered first; undeliverable ones carry them', async () => {
  const { devnet } = whole
  const stop = new AbortController()
  const taken: SignedReceipt[] = []
  let isDown = true
  const blocks = runEconomy({
    devnet,
    size: WHOLE,
    sleep: async () => {},
    signal: stop.signal,
    async submitReceipts(receipts) {
      if (isDown) throw new Error('nobody listens')
      taken.push(...receipts)
    },
  })
  for await (const block of blocks) {
    if (block.number === WHOLE.blockCount + 20) isDown = false
    if (taken.length > 10) stop.abort()
  }
  const batches = (await allLogs(devnet)).flatMap((log) => {
    const event = decodeEvent(log)
    return event?.eventName === 'BatchAnchored' ? [event.args] : []
  })
  const detached = batches.filter((batch) => batch.receipts === '0x')
  const digests = detached.flatMap((batch) => batch.digests)
  expect(digests.toSorted()).toEqual(taken.map((receipt) => receipt.digest).toSorted())
  expect(digests.length).toBeGreaterThan(10)
})
