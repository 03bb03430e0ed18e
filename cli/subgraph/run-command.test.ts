import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type ScratchDatabase, migrate, queryRows, startScratchDatabase } from '@foggara/database'
import { migrations } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { ChainLog } from '../../ingest/subgraphs/chain-source.ts'
import { type SampleOptions, writeSample } from '../../ingest/subgraphs/testing/build-sample.ts'
import { address, sampleLog } from '../../ingest/subgraphs/testing/sample-chain.ts'
import { type SampleNode, startSampleNode } from '../../ingest/subgraphs/testing/sample-node.ts'
import { type OwnChain, startProtocolChain } from '../../test/oracle/protocol-chain.ts'
import { readTrace } from '../../test/oracle/record-traces.ts'
import { COMMANDS } from '../commands.ts'
import { run } from '../run.ts'
import { folderName } from './named-folders.ts'

const PROTOCOL = path.join(import.meta.dirname, '..', '..', 'subgraph', 'build')
/** Nothing listens there. */
const CLOSED = 'http://127.0.0.1:1'

let directory: string
let scratch: ScratchDatabase
let clickhouse: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-run-'))
  scratch = await startScratchDatabase({ memoryMib: 3_000 })
  const { url, username, password } = scratch.database
  clickhouse = url.replace('http://', `http://${username}:${encodeURIComponent(password)}@`)
  await migrate({ url, username, password, database: 'foggara' }, migrations('single'))
}, 60_000)

afterAll(async () => {
  await scratch?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

test('the protocol’s subgraph is stored with the digests that graph-node recorded', async () => {
  const chain: OwnChain = await startProtocolChain()
  await using _ = { [Symbol.asyncDispose]: () => chain.anvil.stop() }
  const { rpcUrl } = chain.anvil
  const until = ['--until', `${chain.headBlock}`]
  const first = await runHere(['run', PROTOCOL, '--name', 'protocol', '--rpc', rpcUrl, ...until])
  expect(first).toMatchObject({ code: 0 })
  expect(first.printed.at(-1)).toMatch(/^protocol: done, block 120 of 120, .* \d+ entities$/)
  const stored = await runHere(['poi', PROTOCOL, '--name', 'protocol', '--stored', '--json'])
  const lines = stored.printed.map(parsed)
  const trace = readTrace('protocol')
  const digests = lines
    .filter(({ type, digest }) => type === 'block' && digest !== undefined)
    .map(({ block, digest }) => [String(block), String(digest).slice(2)])
  expect(Object.fromEntries(digests)).toMatchObject(trace.proofDigests)
  expect(lines.at(-1)).toMatchObject({ type: 'end', block: trace.headBlock, hash: trace.headHash })
  const again = await runHere(['run', PROTOCOL, '--name', 'protocol', '--rpc', rpcUrl, ...until])
  expect(again.printed.at(-1)).toMatch(/^protocol: done, block 120, 0 handler calls\/s, 0 events/)
  expect((await runHere(['status'])).printed).toContainEqual(
    expect.stringMatching(/^protocol: done, block 120/),
  )
}, 240_000)

test('a stop comes after a whole block, and the next run goes on to the same proof', async () => {
  const folder = await sample({ handlers: { handleTransfer: 'Transfer', handleCreate: 'Created' } })
  await using node = await startSampleNode()
  node.mine(Array.from({ length: 60 }, (_, at) => [transfer(1, at % 5, 7n), create(at % 7)]))
  await runToHead(folder, 'undisturbed', node)
  let requestCount = 0
  const stopping = new AbortController()
  node.nextFault = () => {
    requestCount += 1
    if (requestCount === 9) stopping.abort()
    return undefined
  }
  const rpc = ['--rpc', node.url]
  const stopped = await runHere(['run', folder, '--name', 'stopped', ...rpc], stopping)
  expect(stopped.code).toBe(0)
  const at = await storedBlock('stopped')
  expect(at).toBeLessThan(60)
  node.nextFault = () => undefined
  await runToHead(folder, 'stopped', node)
  expect(await storedBlock('stopped')).toBe(60)
  const [one, other] = await Promise.all([
    proofOf(folder, 'undisturbed'),
    proofOf(folder, 'stopped'),
  ])
  expect(other).toBe(one)
})

test('a folder that cannot run is refused by a code before anything is stored', async () => {
  const cases: readonly (readonly [string, string, (folder: string) => Promise<void>])[] = [
    [
      'corrupt',
      'SUBGRAPH_WASM_CORRUPT',
      (folder) => writeFile(path.join(folder, 'mapping.wasm'), 'no code'),
    ],
    ['missing', 'SUBGRAPH_FILE_MISSING', (folder) => rm(path.join(folder, 'Token.json'))],
    [
      'eventless',
      'SUBGRAPH_EVENT_MISSING',
      async (folder) => {
        const file = path.join(folder, 'Token.json')
        const abi: unknown[] = JSON.parse(await readFile(file, 'utf8'))
        await writeFile(file, JSON.stringify(abi.slice(1)))
      },
    ],
  ]
  for (const [name, code, spoil] of cases) {
    const folder = path.join(directory, name)
    await cp(await sample({ handlers: { handleTransfer: 'Transfer' } }), folder, {
      recursive: true,
    })
    await spoil(folder)
    const { code: exit, warned } = await runHere(['run', name, '--rpc', CLOSED])
    expect(exit).toBe(1)
    expect(warned[0]).toMatch(new RegExp(`^${code} ${name}: data source Sample: `))
    expect(warned[1]).toContain('hint: ')
  }
  const found = await queryRows(
    scratch.writer,
    `select name from system.databases where name in ('subgraph_corrupt', 'subgraph_missing')`,
  )
  expect(found).toEqual([])
})

test('a handler without end, one without measure and a node that refuses calls leave whole blocks', async () => {
  const cases = [
    ['handleEndless', 'SUBGRAPH_HANDLER_ENDLESS'],
    ['handleGreedy', 'SUBGRAPH_HANDLER_MEMORY'],
    ['handleCall', 'SUBGRAPH_POSSIBLE_REORG'],
  ] as const
  await using node = await startSampleNode()
  node.mine([[transfer(1, 2, 7n)], [transfer(2, 3, 7n)], [transfer(3, 4, 7n), poke(1)]])
  node.calls = 'refuse'
  for (const [handler, code] of cases) {
    const name = handler.toLowerCase()
    const folder = await sample({ handlers: { handleTransfer: 'Transfer', [handler]: 'Poked' } })
    const options = ['--name', name, '--rpc', node.url, '--until', '3', '--fuel', '2000000']
    const { code: exit, printed } = await runHere(['run', folder, ...options])
    expect(exit).toBe(75)
    expect(printed[0]).toMatch(new RegExp(`^${name}: stopped, block 2 of 3`))
    expect(printed[1]).toMatch(new RegExp(`^ {2}${code} Sample, ${handler}, block 3, log 1: `))
    expect(await storedBlock(name)).toBe(2)
    const rows = await queryRows(
      scratch.writer,
      `select max(block) as last from subgraph_${name}._block`,
    )
    expect(rows).toEqual([{ last: '2' }])
  }
  const status = await runHere(['status', '--json'])
  expect(status.code).toBe(1)
  expect(status.printed.map(parsed)).toContainEqual(
    expect.objectContaining({
      name: 'handleendless',
      errorPlace: { dataSource: 'Sample', handler: 'handleEndless', block: 3, logIndex: 1 },
    }),
  )
}, 60_000)

test('a failure for good stops its subgraph alone, and stays after a restart', async () => {
  await using node = await startSampleNode()
  node.mine([[transfer(1, 2, 7n)], [transfer(2, 3, 7n), poke(1)], [transfer(3, 4, 7n)]])
  const failing = await sample({ handlers: { handleTransfer: 'Transfer', handleAssert: 'Poked' } })
  const fine = await sample({ handlers: { handleTransfer: 'Transfer' } })
  const both = ['run', failing, fine, '--name', 'failing,fine', '--rpc', node.url, '--until', '3']
  for (const _ of ['first', 'again']) {
    const { code, printed } = await runHere(both)
    expect(code).toBe(1)
    expect(printed[0]).toMatch(/^failing: failed, block 2/)
    expect(printed[1]).toMatch(
      /^ {2}SUBGRAPH_HANDLER_FAILED Sample, handleAssert, block 2, log 1: M/,
    )
    expect(printed.at(-1)).toMatch(/^fine: done, block 3/)
  }
})

test('logs of another fork are never taken, and a chain that does not answer ends a run to a block', async () => {
  await using node = await startSampleNode()
  node.mine([[transfer(1, 2, 7n)], [transfer(2, 3, 7n)]])
  node.nextFault = () => 'other-fork-log'
  const folder = await sample({ handlers: { handleTransfer: 'Transfer' } })
  const lied = await runHere(['run', folder, '--name', 'lied', '--rpc', node.url, '--until', '2'])
  expect(lied.code).toBe(75)
  expect(lied.warned[0]).toMatch(
    /^RPC_INCONSISTENT .* block 1, found log 0 of another fork; tried /,
  )
  expect(await storedBlock('lied')).toBeUndefined()
  const away = await runHere(['run', folder, '--name', 'away', '--rpc', CLOSED])
  expect(away.code).toBe(75)
  expect(away.warned[0]).toMatch(/^RPC_UNREACHABLE /)
}, 60_000)

test('a run beside a service writes into its database, on its chain', async () => {
  await using node = await startSampleNode()
  node.mine([[transfer(1, 2, 7n)]])
  const folder = await sample({ handlers: { handleTransfer: 'Transfer' } })
  const service = createServer((_, response) => response.end('ok'))
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const { url, username, password } = scratch.database
  const writer = { url, username, password, database: 'foggara' }
  const { port } = service.address() as AddressInfo
  const running = {
    pid: process.ppid,
    url: `http://127.0.0.1:${port}`,
    reader: writer,
    writer,
    rpcUrl: node.url,
    deployment: '{}',
  }
  await writeFile(path.join(directory, 'running.json'), JSON.stringify(running))
  const beside = ['run', folder, '--name', 'beside', '--until', '1', '--data-dir', directory]
  const { code, printed } = await runHere(beside, new AbortController(), {})
  await new Promise((resolve) => service.close(resolve))
  expect([code, printed[0]]).toMatchObject([0, expect.stringMatching(/^beside: done, block 1/)])
  expect(await storedBlock('beside')).toBe(1)
})

test('another build under the name of the first is refused, and so are equal names', async () => {
  await using node = await startSampleNode()
  node.mine([[transfer(1, 2, 7n)]])
  const folder = await sample({ handlers: { handleTransfer: 'Transfer' } })
  const other = await sample({ handlers: { handleTransfer: 'Transfer', handleCount: 'Poked' } })
  const options = ['--name', 'changed', '--rpc', node.url, '--until', '1']
  expect((await runHere(['run', folder, ...options])).code).toBe(0)
  const changed = await runHere(['run', other, ...options])
  expect(changed.code).toBe(1)
  expect(changed.warned[0]).toMatch(/^SUBGRAPH_DEPLOYMENT_CHANGED subgraph_changed: /)
  const equal = await runHere(['run', folder, folder, '--rpc', node.url])
  expect(equal.warned[0]).toMatch(/^SUBGRAPH_NAMES_EQUAL /)
})

test('a command line that cannot be meant exits with 64', async () => {
  const codeOf = async (...args: string[]) => (await runHere(args)).code
  expect(await codeOf('run')).toBe(64)
  expect(await codeOf('run', PROTOCOL)).toBe(64)
  expect(await codeOf('run', PROTOCOL, '--rpc', 'nowhere')).toBe(64)
  expect(await codeOf('run', PROTOCOL, '--rpc', CLOSED, '--until', 'soon')).toBe(64)
  expect(await codeOf('run', PROTOCOL, '--rpc', CLOSED, '--name', 'a,b')).toBe(64)
  expect(await codeOf('run', PROTOCOL, '--rpc', CLOSED, '--ipfs', 'nowhere')).toBe(64)
})

test('a folder gives its name to the tables', () => {
  expect(folderName('/work/My-Token v2/build')).toBe('my_token_v2')
  expect(folderName('/2nd')).toBe('nd')
  expect(folderName('/')).toBe('subgraph')
})

let sampleCount = 0

async function sample(options: SampleOptions): Promise<string> {
  sampleCount += 1
  return writeSample(path.join(directory, `sample${sampleCount}`), options)
}

async function runToHead(folder: string, name: string, node: SampleNode): Promise<void> {
  const where = ['--rpc', node.url, '--until', `${node.head()}`]
  const { code, warned } = await runHere(['run', folder, '--name', name, ...where])
  expect([code, warned]).toEqual([0, []])
}

async function storedBlock(name: string): Promise<number | undefined> {
  const { printed } = await runHere([
    'poi',
    await anyFolder(),
    '--stored',
    '--name',
    name,
    '--json',
  ])
  const block = parsed(printed.at(-1) ?? '{}')['block']
  return typeof block === 'number' ? block : undefined
}

async function proofOf(folder: string, name: string): Promise<unknown> {
  const { printed } = await runHere(['poi', folder, '--stored', '--name', name, '--json'])
  return parsed(printed.at(-1) ?? '{}')['proof']
}

async function anyFolder(): Promise<string> {
  const folder = path.join(directory, 'any')
  return writeSample(folder, { handlers: { handleTransfer: 'Transfer' } })
}

function transfer(from: number, to: number, token: bigint): ChainLog {
  return sampleLog('Transfer', [address(from), address(to), token])
}

function poke(who: number): ChainLog {
  return sampleLog('Poked', [address(who)])
}

function create(child: number): ChainLog {
  return sampleLog('Created', [address(0xc0 + child)])
}

function parsed(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function runHere(
  args: readonly string[],
  stopping = new AbortController(),
  environment: Readonly<Record<string, string>> = { FOGGARA_CLICKHOUSE_URL: clickhouse },
) {
  const printed: string[] = []
  const warned: string[] = []
  const code = await run(['subgraph', ...args], COMMANDS, '1.2.3', {
    environment,
    directory,
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    nowMs: () => Date.now(),
    stopped: stopping.signal,
  })
  return { code, printed, warned }
}
