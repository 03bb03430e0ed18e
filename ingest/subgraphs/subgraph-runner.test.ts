import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { keccak256 } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { ChainLog } from './chain-source.ts'
import { valueText } from './entity-cache/entity.ts'
import { type MemoryStore, openMemoryStore } from './entity-cache/memory-store.ts'
import { HandlerError } from './handler-error.ts'
import { loadSubgraph } from './manifest/load-subgraph.ts'
import { openSubgraphRunner, type SubgraphRunner } from './subgraph-runner.ts'
import { type SampleOptions, writeSample } from './testing/build-sample.ts'
import { address, sampleBlock, sampleChain, sampleLog } from './testing/sample-chain.ts'

const LIMITS = { fuel: 2_000_000n, memoryPageCountMax: 64 }

let root = ''
let sampleCount = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'foggara-subgraph-'))
})

afterAll(() => rm(root, { recursive: true, force: true }))

test('a move of a token changes two accounts, the token and the record of moves', async () => {
  const { runner, store } = await openSample({ handlers: { handleTransfer: 'Transfer' } })
  await runner.runBlock(sampleBlock(1, [transfer(1, 2, 7n)]))
  await runner.runBlock(sampleBlock(2, [transfer(2, 3, 7n), transfer(2, 1, 8n)]))
  expect(textOf(store, 'Account', 2)).toEqual([
    { id: addressText(2), balance: '1', from: 1, until: 2 },
    { id: addressText(2), balance: '-1', from: 2, until: undefined },
  ])
  expect(store.get('Token', '7')?.get('owner')).toEqual({ type: 'String', value: addressText(3) })
  expect(store.versions().map(({ vid }) => vid & 0xffff_ffffn)).toContain(103n)
  expect(store.proofs().map(({ block }) => block)).toEqual([1, 2])
})

test('every handler finds memory and globals as they were at the start', async () => {
  const { runner, store } = await openSample({ handlers: { handleCount: 'Poked' } })
  const pokes = Array.from({ length: 30 }, () => poke(1))
  await runner.runBlock(sampleBlock(1, pokes))
  await runner.runBlock(sampleBlock(2, pokes))
  expect(counter(store, 'calls')).toBe('60')
  expect(counter(store, 'seen')).toBe('1')
})

test('a handler without end stops, is named, and leaves the store at the block before', async () => {
  const { runner, store } = await openSample({
    handlers: { handleCount: 'Poked', handleEndless: 'Created' },
  })
  await runner.runBlock(sampleBlock(1, [poke(1)]))
  const error = await failureOf(runner.runBlock(sampleBlock(2, [poke(1), create(1)])))
  expect(error).toMatchObject({
    code: 'SUBGRAPH_HANDLER_ENDLESS',
    retryable: true,
    place: { dataSource: 'Sample', handler: 'handleEndless', block: 2, logIndex: 1 },
  })
  expect(error.message).toContain('Sample, handleEndless, block 2, log 1: expected a handler that')
  expect(counter(store, 'calls')).toBe('1')
  await runner.runBlock(sampleBlock(2, [poke(1)]))
  expect(counter(store, 'calls')).toBe('2')
})

test('a change of what must not change names the handler that made it', async () => {
  const { runner, store } = await openSample({
    handlers: { handleMoveAgain: 'Poked', handleCount: 'Created' },
  })
  await runner.runBlock(sampleBlock(1, [poke(1)]))
  const error = await failureOf(runner.runBlock(sampleBlock(2, [create(1), poke(1), create(1)])))
  expect(error).toMatchObject({
    code: 'SUBGRAPH_ENTITY_IMMUTABLE',
    place: { dataSource: 'Sample', handler: 'handleMoveAgain', block: 2, logIndex: 1 },
  })
  expect(store.lastBlock()?.number).toBe(1)
})

test('a second version of what skips duplicates is left out', async () => {
  const { runner, store } = await openSample({ handlers: { handleSeal: 'Poked' } })
  for (let number = 1; number < 4; number += 1)
    await runner.runBlock(sampleBlock(number, [poke(1)]))
  const seals = store
    .versions()
    .map(({ entity, from, until }) => [valueText(entity.get('block')), from, until])
  expect(seals).toEqual([['1', 1, undefined]])
  expect(store.proofs()).toHaveLength(3)
})

test('a handler that allocates without end stops, and one that recurses without end too', async () => {
  const { runner } = await openSample({
    handlers: { handleGreedy: 'Poked', handleRecursion: 'Created', handleReread: 'Transfer' },
  })
  const rereads = await failureOf(runner.runBlock(sampleBlock(1, [transfer(1, 2, 7n)])))
  expect(rereads.code).toBe('SUBGRAPH_HANDLER_MEMORY')
  const greedy = await failureOf(runner.runBlock(sampleBlock(1, [poke(1)])))
  expect(greedy.code).toBe('SUBGRAPH_HANDLER_MEMORY')
  const deep = await failureOf(runner.runBlock(sampleBlock(1, [create(1)])))
  expect(deep.retryable).toBe(true)
})

test('a failure that every run repeats fails the subgraph and leaves only the proof', async () => {
  const { runner, store } = await openSample({
    handlers: { handleCount: 'Poked', handleAssert: 'Created' },
  })
  const block = sampleBlock(1, [poke(1), create(1), poke(1)])
  const report = await runner.runBlock(block)
  expect(report).toMatchObject({ hasFailed: true, changeCount: 0 })
  expect(report.failures).toMatchObject([
    { dataSource: 'Sample', handler: 'handleAssert', block: 1, logIndex: 1 },
  ])
  expect(report.failures[0]?.message).toMatch(/^Mapping aborted at index\.ts, line \d+/)
  expect(store.versions()).toEqual([])
  expect(store.createdSources()).toEqual([])
  expect(store.proofs()).toHaveLength(1)
  await expect(runner.runBlock(sampleBlock(2))).rejects.toThrow('found one that failed before')
})

test('with non-fatal errors a failing handler is skipped and the others stay', async () => {
  const { runner, store } = await openSample({
    features: ['nonFatalErrors'],
    handlers: { handleCount: 'Poked', handleTrap: 'Created' },
  })
  const report = await runner.runBlock(sampleBlock(1, [poke(1), create(1), poke(1)]))
  expect(report.hasFailed).toBe(false)
  expect(report.failures.map(({ message }) => message)).toEqual(['wasm trap: divide by zero'])
  expect(counter(store, 'calls')).toBe('2')
  expect(counter(store, 'trapped')).toBeUndefined()
})

test('an entity without a field that it needs is no failure of the chain', async () => {
  const { runner } = await openSample({
    handlers: { handleMissingField: 'Poked', handleUnknownField: 'Created' },
  })
  const missing = await failureOf(runner.runBlock(sampleBlock(1, [poke(1)])))
  expect(missing.code).toBe('SUBGRAPH_ENTITY_INVALID')
  expect(missing.message).toContain('missing value for non-nullable field `balance`')
  const unknown = await runner.runBlock(sampleBlock(1, [create(1)]))
  expect(unknown.failures[0]?.message).toContain('Attempted to set undefined fields [other]')
})

test('before apiVersion 0.0.8 a field outside of the schema is dropped', async () => {
  const { runner, store } = await openSample({
    apiVersion: '0.0.7',
    handlers: { handleUnknownField: 'Created' },
  })
  expect((await runner.runBlock(sampleBlock(1, [create(1)]))).failures).toEqual([])
  expect([...(store.get('Counter', 'a')?.keys() ?? [])].toSorted()).toEqual(['count', 'id'])
})

test('a created data source hears its block from the first log on, once', async () => {
  const { runner, store } = await openSample({ handlers: { handleCreate: 'Created' } })
  const child = address(0xcc)
  const created = sampleLog('Created', [child])
  const poked = sampleLog('Poked', [address(1)], child)
  await runner.runBlock(sampleBlock(1, [poked, created, poked, created]))
  const id = `child here ${addressText(0xcc)}`
  expect(counter(store, id)).toBe('2')
  await runner.runBlock(sampleBlock(2, [poked]))
  expect(counter(store, id)).toBe('3')
  expect(store.createdSources()).toHaveLength(1)
})

test('a handler that calls a contract runs again with each answer and leaves one trace', async () => {
  const { runner, store, chain } = await openSample({ handlers: { handleCall: 'Poked' } })
  await runner.runBlock(sampleBlock(1, [poke(1), poke(1)]))
  expect(chain.asked).toEqual(['balanceOf', 'reverts'])
  expect(counter(store, 'before the call')).toBe('2')
  expect(counter(store, 'between')).toBe('2')
  expect(counter(store, 'reverted')).toBe('7')
  const [first] = store.versions()
  expect(first?.vid).toBe((1n << 32n) + 103n)
})

test('a chain that fails stops the block, which then runs as if nothing was', async () => {
  const { runner, store, chain } = await openSample({
    handlers: { handleCount: 'Transfer', handleCall: 'Poked' },
  })
  const block = sampleBlock(1, [transfer(1, 2, 7n), poke(1)])
  const place = { dataSource: 'Sample', handler: 'handleCall', block: 1, logIndex: 1 }
  chain.failure = 'refuses'
  const refused = await failureOf(runner.runBlock(block))
  expect(refused).toMatchObject({ code: 'SUBGRAPH_POSSIBLE_REORG', retryable: true, place })
  expect(refused.message).toContain('found an error: the node is gone')
  expect(store.versions()).toEqual([])
  chain.failure = 'none'
  await runner.runBlock(block)
  expect([counter(store, 'calls'), counter(store, 'reverted')]).toEqual(['1', '7'])
})

test('an answer that does not hold the values is a call that reverted', async () => {
  const { runner, store, chain } = await openSample({ handlers: { handleCall: 'Poked' } })
  chain.failure = 'garbles'
  await runner.runBlock(sampleBlock(1, [poke(1)]))
  expect(counter(store, 'reverted')).toBe('1')
})

test('blocks set off the handlers whose filter they pass, around the logs', async () => {
  const { runner, store } = await openSample({
    handlers: {},
    endBlock: 9,
    blockHandlers: `
      blockHandlers:
        - handler: handleOnce
          filter:
            kind: once
        - handler: handleBlock
          filter:
            kind: polling
            every: 4`,
  })
  for (let number = 0; number <= 13; number += 1) await runner.runBlock(sampleBlock(number))
  expect(counter(store, 'once')).toBe('1')
  expect(store.proofs().map(({ block }) => block)).toEqual([1, 5, 9])
})

test('topics beside the first one choose among logs', async () => {
  const { runner, store } = await openSample({
    handlers: { handleCount: 'Transfer' },
    eventOptions: `
          topic2: ['${addressText(2)}', '${addressText(4)}']`,
  })
  const logs = [transfer(1, 2, 1n), transfer(2, 1, 1n), transfer(1, 4, 1n), transfer(4, 3, 1n)]
  await runner.runBlock(sampleBlock(1, logs))
  expect(counter(store, 'calls')).toBe('2')
})

test('a subgraph goes back to a block as if later ones had never been', async () => {
  const options = { handlers: { handleTransfer: 'Transfer', handleCreate: 'Created' } } as const
  const undisturbed = await openSample(options)
  const disturbed = await openSample(options)
  const chain = (fork: string) =>
    Array.from({ length: 12 }, (_, number) =>
      sampleBlock(number, [transfer(1, number % 3, 7n), createAt(number, fork)], fork),
    )
  const main = chain('main')
  for (const block of main) await undisturbed.runner.runBlock(block)
  for (const block of main.slice(0, 5)) await disturbed.runner.runBlock(block)
  for (const depth of [1, 2, 4]) {
    for (const block of chain('other').slice(5, 5 + depth)) await disturbed.runner.runBlock(block)
    await disturbed.runner.revertTo(4)
  }
  for (const block of main.slice(5)) await disturbed.runner.runBlock(block)
  expect(disturbed.store.proofs()).toEqual(undisturbed.store.proofs())
  expect(disturbed.store.versions()).toEqual(undisturbed.store.versions())
  expect(disturbed.store.createdSources()).toEqual(undisturbed.store.createdSources())
})

test('an entity that is removed and set again in one block keeps its null fields for reads', async () => {
  const { runner, store } = await openSample({
    handlers: { handleSetOptional: 'Poked', handleRemoveAndSet: 'Created' },
  })
  await runner.runBlock(sampleBlock(1, [create(1)]))
  expect(store.get('Optional', 'a')?.has('note')).toBe(false)
  await runner.runBlock(sampleBlock(2, [poke(1)]))
  await runner.runBlock(sampleBlock(3, [create(1)]))
  expect(store.get('Optional', 'a')?.get('note')).toEqual({ type: 'Null' })
})

test('a name of ENS needs a table of names', async () => {
  const named = await openSample({ handlers: { handleEnsName: 'Poked' } }, () => undefined)
  await named.runner.runBlock(sampleBlock(1, [poke(1)]))
  expect(counter(named.store, 'names')).toBe('0')
  const { runner } = await openSample({ handlers: { handleEnsName: 'Poked' } })
  const missing = await failureOf(runner.runBlock(sampleBlock(1, [poke(1)])))
  expect(missing).toMatchObject({
    code: 'SUBGRAPH_ENS_MISSING',
    place: { handler: 'handleEnsName' },
  })
})

test('related entities come by their present owner, written in this block or before', async () => {
  const { runner, store } = await openSample({
    handlers: { handleTransfer: 'Transfer', handleRelated: 'Poked' },
  })
  const tokensOf = (who: number) => counter(store, `tokens of ${addressText(who)}`)
  await runner.runBlock(sampleBlock(1, [transfer(1, 2, 7n), transfer(1, 2, 8n), poke(2)]))
  expect(tokensOf(2)).toBe('2')
  await runner.runBlock(sampleBlock(2, [transfer(2, 3, 7n), poke(2), poke(3)]))
  expect([tokensOf(2), tokensOf(3)]).toEqual(['1', '1'])
})

test('conversions give what graph-node gives', async () => {
  const { runner, store } = await openSample({ handlers: { handleConvert: 'Poked' } })
  await runner.runBlock(sampleBlock(1, [poke(1)]))
  const texts = store.get('Texts', 'a')?.get('texts')
  expect(texts?.type === 'List' && texts.value.map(valueText)).toEqual([
    `0.${'3'.repeat(34)}`,
    '11111111111111111113w',
    keccak256(address(0xaa)),
    'ab',
    'sample',
  ])
})

test('what is no number has one form', async () => {
  const { runner, store } = await openSample({ handlers: { handleNotANumber: 'Poked' } })
  await runner.runBlock(sampleBlock(1, [poke(1)]))
  const texts = store.get('Texts', 'a')?.get('texts')
  expect(texts?.type === 'List' && texts.value.map(valueText)).toEqual(
    [0x7ff8_0000_0000_0000n, 0x7ff8_0000_0000_0000n, 0x7fc0_0000n, 0x3ff8_0000_0000_0000n].map(
      String,
    ),
  )
})

test('points of a time series get their id and time from the block', async () => {
  const { runner, store } = await openSample({ handlers: { handleTimeseries: 'Poked' } })
  const block = sampleBlock(3, [poke(1)])
  await runner.runBlock(block)
  const points = store.versions().filter(({ entityType }) => entityType === 'Point')
  expect(points.map(({ id }) => id)).toEqual(['12884901888', '12884901889'])
  expect(points[0]?.entity.get('timestamp')).toEqual({
    type: 'Timestamp',
    value: block.timestamp * 1_000_000n,
  })
})

type OpenSample = {
  readonly runner: SubgraphRunner
  readonly store: MemoryStore
  readonly chain: ReturnType<typeof sampleChain>
}

async function openSample(
  options: SampleOptions,
  ensName?: (hash: string) => string | undefined,
): Promise<OpenSample> {
  sampleCount += 1
  const folder = await writeSample(join(root, `${sampleCount}`), options)
  const store = openMemoryStore()
  const chain = sampleChain()
  const subgraph = await loadSubgraph(folder, LIMITS)
  const ens = ensName === undefined ? {} : { ensName }
  return { store, chain, runner: openSubgraphRunner({ subgraph, store, chain, ...ens }) }
}

async function failureOf(run: Promise<unknown>): Promise<HandlerError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof HandlerError) return error
  throw new TypeError(`expected the error of a handler, found ${String(error)}`)
}

function transfer(from: number, to: number, token: bigint): ChainLog {
  return sampleLog('Transfer', [address(from), address(to), token])
}

function poke(who: number): ChainLog {
  return sampleLog('Poked', [address(who)])
}

function create(who: number): ChainLog {
  return sampleLog('Created', [address(who)])
}

function createAt(number: number, fork: string): ChainLog {
  return create(number * 2 + (fork === 'main' ? 0 : 1))
}

function addressText(last: number): string {
  return `0x${last.toString(16).padStart(40, '0')}`
}

function counter(store: MemoryStore, id: string): string | undefined {
  return valueText(store.get('Counter', id)?.get('count'))
}

function textOf(store: MemoryStore, entityType: string, last: number) {
  return store
    .versions()
    .filter((version) => version.entityType === entityType && version.id === addressText(last))
    .map(({ id, entity, from, until }) => ({
      id,
      balance: valueText(entity.get('balance')),
      from,
      until,
    }))
}
