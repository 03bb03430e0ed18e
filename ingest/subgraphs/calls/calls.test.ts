import { queryRows, type ScratchDatabase, startScratchDatabase } from '@foggara/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { ChainBlock, ChainCall } from '../chain-source.ts'
import { bytesText } from '../entity-cache/entity.ts'
import { address, sampleBlock, sampleChain } from '../testing/sample-chain.ts'
import { cacheCalls, type CallAnswer, type CallStore } from './cached-chain.ts'
import { openCallTable } from './call-table.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await startScratchDatabase()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('a call is asked once per block, by however many subgraphs and at whatever time', async () => {
  const chain = sampleChain()
  const kept: KeptAnswer[] = []
  const cached = cacheCalls(chain, storeOf(kept))
  const [block, other] = [sampleBlock(1), sampleBlock(1, [], 'other')]
  const calls = [cached.call(call(1), block), cached.call(call(1), block)]
  expect(await Promise.all(calls)).toEqual([undefined, undefined])
  expect(chain.asked).toHaveLength(1)
  await cached.call(call(2), block)
  await cached.call(call(1), other)
  expect(chain.asked).toHaveLength(3)
  await cacheCalls(chain, storeOf(kept)).call(call(2), block)
  expect(chain.asked).toHaveLength(3)
})

test('a failure is not kept, and a store that fails is as good as none', async () => {
  const chain = sampleChain()
  const kept: KeptAnswer[] = []
  const broken: CallStore = { ...storeOf(kept), read: () => Promise.reject(new TypeError('gone')) }
  const cached = cacheCalls(chain, broken)
  chain.failure = 'refuses'
  await expect(cached.call(call(1), sampleBlock(1))).rejects.toThrow('the node is gone')
  chain.failure = 'none'
  expect(await cached.call(call(1), sampleBlock(1))).toBeUndefined()
  expect(kept).toHaveLength(1)
})

test('answers stand in a table after a restart, reverted calls among them', async () => {
  const { writer: client } = scratch
  const sleep = () => Promise.resolve()
  const table = await openCallTable({ client, sleep })
  const block = sampleBlock(7)
  const answers: readonly CallAnswer[] = [
    { call: call(1), value: Uint8Array.of(0, 255, 10) },
    { call: call(2), value: undefined },
    { call: call(3), value: new Uint8Array() },
  ]
  for (const answer of [...answers, ...answers]) table.keep(block, answer)
  await table.flush()
  const again = await openCallTable({ client, sleep })
  expect(await again.read(block)).toEqual(answers)
  expect(await again.read(sampleBlock(7, [], 'other'))).toEqual([])
  const rows = await queryRows<{ count: number }>(
    client,
    'select toUInt32(count()) as count from subgraph_call final',
  )
  expect(rows[0]?.count).toBe(3)
})

/** A store in memory. */
function storeOf(kept: KeptAnswer[]): CallStore {
  const hashOf = (block: ChainBlock) => bytesText(block.hash)
  return {
    read: async (block) => kept.filter(({ hash }) => hash === hashOf(block)),
    keep: (block, answer) => kept.push({ ...answer, hash: hashOf(block) }),
  }
}

type KeptAnswer = CallAnswer & { readonly hash: string }

function call(last: number): ChainCall {
  return { to: address(last), data: Uint8Array.of(1, 2, 3, last) }
}
