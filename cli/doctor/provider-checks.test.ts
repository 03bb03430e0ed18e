import {
  type SimulatedChain,
  createSimulatedChain,
  openRandom,
  startSimulatedNode,
} from '@foggara/ingest'
import { EVENT_TABLES } from '@foggara/schema'
import { expect, test } from 'vitest'

import type { Context } from '../command.ts'
import { type Finding, findingOf } from './finding.ts'
import { providerChecks } from './provider-checks.ts'

const SEED = 5_190

test('a provider that can do everything has nothing to warn of', async () => {
  const chain = openChain(300)
  await using node = await startSimulatedNode(chain, openRandom(SEED))
  const found = await examine(node.url, chain)
  expect([...found.values()].filter(({ level }) => level !== 'ok')).toEqual([])
  expect(found.get('logs')?.text).toBe('the whole chain at once')
  expect(found.get('history')?.text).toContain('states since block 0')
})

test('over a WebSocket it is asked the same, and for new heads', async () => {
  const chain = openChain(30)
  await using node = await startSimulatedNode(chain, openRandom(SEED))
  const found = await examine(node.socketUrl, chain)
  expect([...found.values()].filter(({ level }) => level !== 'ok')).toEqual([])
  expect([...found.keys()].at(-1)).toBe('new heads')
})

test('what a provider lacks is told with what to do', async () => {
  const chain = openChain(300)
  await using node = await startSimulatedNode(chain, openRandom(SEED))
  node.limits = { blocksMax: 20, lacksReceipts: true, callsMax: 1, stateBlocks: 200 }
  const found = await examine(node.url, chain, 60)
  expect(found.get('logs')).toMatchObject({
    level: 'warn',
    text: expect.stringContaining('10 blocks at once, 100 are refused'),
  })
  expect(found.get('receipts')).toMatchObject({ level: 'warn', advice: expect.any(String) })
  expect(found.get('batch')).toMatchObject({ level: 'warn' })
  expect(found.get('history')).toMatchObject({
    level: 'ok',
    text: expect.stringContaining('the last 128 blocks'),
  })
  node.limits = { stateBlocks: 10 }
  expect((await examine(node.url, chain)).get('history')).toMatchObject({ level: 'warn' })
})

test('another chain fails, and so does a clock of tomorrow', async () => {
  const chain = openChain(10)
  await using node = await startSimulatedNode(chain, openRandom(SEED))
  const found = await examine(node.url, chain, 0, 5, -3_600)
  expect(found.get('chain')).toMatchObject({
    level: 'fail',
    text: expect.stringMatching(/^expected chain 5, found chain /),
  })
  expect(found.get('clock')).toMatchObject({
    level: 'warn',
    text: expect.stringContaining('3600 s ahead'),
  })
})

test('a provider that does not answer fails with its code', async () => {
  const found = await examine('http://127.0.0.1:9/key', openChain(1))
  expect(found.get('chain')).toMatchObject({
    level: 'fail',
    text: expect.stringMatching(/^RPC_UNREACHABLE /),
  })
  expect(JSON.stringify([...found.values()])).not.toContain('key')
})

function openChain(blocks: number): SimulatedChain {
  const chain = createSimulatedChain(openRandom(SEED), EVENT_TABLES.slice(0, 3))
  chain.mine(blocks)
  return chain
}

/** The findings by what they are about. */
async function examine(
  url: string,
  chain: SimulatedChain,
  startBlock = 0,
  chainId = chain.deployment.chainId,
  clockSeconds = 0,
): Promise<ReadonlyMap<string, Finding>> {
  const head = Number(Object(chain.blocks().at(-1)?.header).timestamp)
  const context: Context = {
    environment: {},
    directory: '.',
    print: () => undefined,
    warn: () => undefined,
    nowMs: () => 1_000 * (head + clockSeconds),
    stopped: new AbortController().signal,
  }
  const questions = { chainId, startBlock, contract: chain.deployment.contracts.OwnershipNFT }
  const found = new Map<string, Finding>()
  for (const check of providerChecks('rpc', url, questions, context)) {
    found.set(check.what.slice('rpc '.length), await findingOf(check))
  }
  return found
}
