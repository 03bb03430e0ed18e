import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { ChainLog } from './chain-source.ts'
import { valueText } from './entity-cache/entity.ts'
import { type MemoryStore, openMemoryStore } from './entity-cache/memory-store.ts'
import { parseContentId } from './files/content-id.ts'
import type { FileMonitor, FileName, FoundFile } from './files/file-monitor.ts'
import { compatibilityReport } from './manifest/compatibility.ts'
import { ipfsHash } from './manifest/ipfs-hash.ts'
import { loadSubgraph } from './manifest/load-subgraph.ts'
import { openSubgraphRunner, type SubgraphRunner } from './subgraph-runner.ts'
import { writeSample } from './testing/build-sample.ts'
import { address, sampleBlock, sampleChain, sampleLog } from './testing/sample-chain.ts'

const TASK = { plain: 1, names: 2, createsSource: 3, touches: 4, calls: 5, looks: 6, shares: 7 }

let root = ''
let folder = ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'foggara-files-'))
  folder = await writeSample(join(root, 'files'), {
    hasFiles: true,
    handlers: {
      handleNameFile: 'Transfer',
      handleNameOther: 'Created',
      handleLookForFiles: 'Poked',
    },
  })
})

afterAll(() => rm(root, { recursive: true, force: true }))

test('a file is read in the block after it was found, once, and leaves no trace in the proof', async () => {
  const { runner, store, files } = await open()
  const without = await openWithout()
  await runner.runBlock(sampleBlock(1, [name('a'), name('a')]))
  await without.runner.runBlock(sampleBlock(1, [name('a'), name('a')]))
  expect(files.watched).toEqual([`ipfs ${ipfsHash(bytes('a'))}`])
  files.bring('a')
  expect(runner.handlesBlock(2)).toBe(true)
  await runner.runBlock(sampleBlock(2, [name('b')]))
  await without.runner.runBlock(sampleBlock(2, [name('b')]))
  expect(documents(store)).toEqual([
    { id: ipfsHash(bytes('a')), content: 'a', from: 2, region: 1, vid: (2n << 32n) + 100n },
  ])
  expect(store.get('Document', ipfsHash(bytes('a')))).toBeUndefined()
  await runner.runBlock(sampleBlock(3, [name('a')]))
  expect(documents(store)).toHaveLength(1)
  expect(store.proofs().slice(0, 2)).toEqual(without.store.proofs())
  expect(without.runner.waitingFiles()).toMatchObject([
    { kind: 'ipfs', reason: 'expected a gateway for ipfs, found none' },
    { kind: 'ipfs', reason: 'expected a gateway for ipfs, found none' },
  ])
})

test('a name that is none is left out, one of Arweave is looked for, and files name files', async () => {
  const { runner, store, files } = await open()
  await runner.runBlock(sampleBlock(1, [sampleLog('Created', [address(1)])]))
  expect(files.watched).toEqual(['arweave 8APeQ5lW0-csTcBaGdPBDLAL2ci2AT9pTn2tppGPU_8'])
  const inner = ipfsHash(bytes('inner'))
  await runner.runBlock(sampleBlock(2, [name(inner, TASK.names)]))
  files.bring(inner)
  await runner.runBlock(sampleBlock(3))
  expect(files.watched).toContain(`ipfs ${inner}`)
  files.bring('inner')
  await runner.runBlock(sampleBlock(4))
  expect(documents(store).map(({ content, region }) => [content, region])).toEqual([
    [inner, 2],
    ['inner', 3],
  ])
  expect(store.createdSources().find(({ address: id }) => id === inner)?.block).toBe(2)
})

test('a file sees no entity of the chain or of other files, and the chain none of a file', async () => {
  const { runner, store, files } = await open()
  await runner.runBlock(sampleBlock(1, [name('a', TASK.shares), name('shared', TASK.looks)]))
  files.bring('a')
  await runner.runBlock(sampleBlock(2))
  files.bring('shared')
  await runner.runBlock(sampleBlock(3, [sampleLog('Poked', [address(1)])]))
  expect(documents(store)).toHaveLength(2)
  expect(valueText(store.get('Counter', 'documents')?.get('count'))).toBe('0')
})

const REFUSED: readonly (readonly [string, number, string])[] = [
  ['creates a source of the chain', TASK.createsSource, 'Attempted to create on-chain data source'],
  [
    'touches what is not on its list',
    TASK.touches,
    "is not on the 'entities' list for data source",
  ],
  ['calls a contract', TASK.calls, "chain host function 'ethereum.getBalance' is not available"],
]

for (const [what, task, message] of REFUSED) {
  test(`a file that ${what} stops its block and is named`, async () => {
    const { runner, store, files } = await open()
    await runner.runBlock(sampleBlock(1, [name('a', task)]))
    files.bring('a')
    const failure = runner.runBlock(sampleBlock(2))
    const where = `File, handleFile, block 2, file ${ipfsHash(bytes('a'))}: `
    await expect(failure).rejects.toThrow(where)
    await expect(failure).rejects.toThrow(message)
    expect(store.lastBlock()?.number).toBe(1)
    await expect(runner.runBlock(sampleBlock(2))).rejects.toThrow(where)
  })
}

test('two files with an entity of one id stop the block that has the second one', async () => {
  const { runner, store, files } = await open()
  await runner.runBlock(sampleBlock(1, [name('a', TASK.shares), name('b', TASK.shares)]))
  files.bring('a')
  await runner.runBlock(sampleBlock(2))
  files.bring('b')
  await expect(runner.runBlock(sampleBlock(3))).rejects.toThrow(
    'expected Document[shared] from one',
  )
  expect(documents(store)).toHaveLength(1)
})

test('going back forgets files named later and reads those anew that were read later', async () => {
  const { runner, store, files } = await open()
  await runner.runBlock(sampleBlock(1, [name('a')]))
  files.bring('a')
  await runner.runBlock(sampleBlock(2, [name('b')]))
  files.bring('b')
  await runner.runBlock(sampleBlock(3))
  expect(documents(store)).toHaveLength(2)
  await runner.revertTo(1)
  expect(documents(store)).toEqual([])
  files.bring('a')
  files.bring('b')
  await runner.runBlock(sampleBlock(2, [], 'other'))
  expect(documents(store).map(({ content }) => content)).toEqual(['a'])
})

test('a runner that is opened again looks for the files that were not read', async () => {
  const { runner, store, files } = await open()
  await runner.runBlock(sampleBlock(1, [name('a'), name('b')]))
  files.bring('a')
  await runner.runBlock(sampleBlock(2))
  const again = await open(store)
  expect(again.files.watched).toEqual([`ipfs ${ipfsHash(bytes('b'))}`])
})

test('the report names where files come from', async () => {
  const { runs, uses } = await compatibilityReport(folder)
  expect(runs).toBe(true)
  expect(uses.map((use) => [use.name, use.files])).toEqual([
    ['Sample', undefined],
    ['Child', undefined],
    ['File', 'ipfs'],
    ['Transaction', 'arweave'],
  ])
})

type TestFiles = FileMonitor & {
  readonly watched: string[]
  /** The file whose content is this text comes, if it is looked for. */
  bring(content: string): void
}

type Open = {
  readonly runner: SubgraphRunner
  readonly store: MemoryStore
  readonly files: TestFiles
}

async function open(store = openMemoryStore()): Promise<Open> {
  const files = openTestFiles()
  const subgraph = await loadSubgraph(folder)
  const options = { subgraph, store, chain: sampleChain() }
  return { runner: openSubgraphRunner({ ...options, files }), store, files }
}

/** A runner for which no gateway is configured. */
async function openWithout(): Promise<Omit<Open, 'files'>> {
  const store = openMemoryStore()
  const subgraph = await loadSubgraph(folder)
  return { runner: openSubgraphRunner({ subgraph, store, chain: sampleChain() }), store }
}

/** Files that come when a test says so. */
function openTestFiles(): TestFiles {
  const watched: string[] = []
  const found: FoundFile[] = []
  const keyOf = ({ kind, name: text }: FileName) => `${kind} ${text}`
  return {
    watched,
    watch: (file) => {
      if (!watched.includes(keyOf(file))) watched.push(keyOf(file))
    },
    found: () => [...found],
    forget: (file) => {
      const at = found.findIndex((other) => keyOf(other) === keyOf(file))
      if (at >= 0) found.splice(at, 1)
    },
    waiting: () => [],
    bring: (content) =>
      found.push({ kind: 'ipfs', name: ipfsHash(bytes(content)), bytes: bytes(content) }),
  }
}

/** A log whose handler names the file of that content. */
function name(content: string, task = TASK.plain): ChainLog {
  const digest = parseContentId(ipfsHash(bytes(content)))?.digest ?? new Uint8Array()
  const number = BigInt(`0x${Buffer.from(digest).toString('hex')}`)
  return sampleLog('Transfer', [address(task), address(0), number])
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function documents(store: MemoryStore) {
  return store
    .versions()
    .filter(({ entityType }) => entityType === 'Document')
    .map(({ id, entity, from, region, vid }) => ({
      id,
      content: valueText(entity.get('content')),
      from,
      region,
      vid,
    }))
}
