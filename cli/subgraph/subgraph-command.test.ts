import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFuzzChain } from '../../test/oracle/fuzz-chain.ts'
import { type OwnChain, startProtocolChain } from '../../test/oracle/protocol-chain.ts'
import { readTrace } from '../../test/oracle/record-traces.ts'
import { COMMANDS } from '../commands.ts'
import { run } from '../run.ts'

const ROOT = path.join(import.meta.dirname, '..', '..')
const PROTOCOL = path.join(ROOT, 'subgraph', 'build')
const FUZZ = path.join(ROOT, 'test', 'oracle', 'fuzz', 'build')
/** Nothing listens there. */
const CLOSED = 'http://127.0.0.1:1'
const INDEXER = `0x${'11'.repeat(20)}`

let directory: string
let protocol: OwnChain
let fuzz: OwnChain

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-subgraph-'))
  protocol = await startProtocolChain()
  fuzz = await startFuzzChain({ seed: 'command', failuresPerMille: 100 }, 12)
}, 120_000)

afterAll(async () => {
  await protocol?.anvil.stop()
  await fuzz?.anvil.stop()
  await rm(directory, { recursive: true })
})

test('every block has the running digest that graph-node recorded, and a proof for whom it is', async () => {
  const { rpcUrl } = protocol.anvil
  const { indexer, ...proven } = readTrace('protocol').proof
  const whose = ['--indexer', indexer]
  const all = await runHere(['poi', PROTOCOL, '--rpc', rpcUrl, '--json', ...whose])
  expect(all.code).toBe(0)
  const lines = all.printed.map(parsed)
  const digests = lines
    .filter(({ type, digest }) => type === 'block' && digest !== undefined)
    .map(({ block, digest }) => [String(block), String(digest).slice(2)])
  const trace = readTrace('protocol')
  expect(Object.fromEntries(digests)).toMatchObject(trace.proofDigests)
  const end = { type: 'end', state: 'done', block: trace.headBlock, hash: trace.headHash }
  expect(lines.at(-1)).toMatchObject({ ...end, failures: [], storesEntities: false })
  expect(lines.at(-1)).toMatchObject({ deployment: proven.deployment, proof: proven.value })
  const proofs = new Set(lines.map(({ proof }) => proof))
  expect(proofs.size).toBe(lines.length - 1)
}, 60_000)

test('blocks in which nothing can run are left out, and the proof is that of all blocks', async () => {
  for (const [folder, { anvil }] of [
    [PROTOCOL, protocol],
    [FUZZ, fuzz],
  ] as const) {
    const poi = ['poi', folder, '--rpc', anvil.rpcUrl, '--blocks', '..12']
    const every = parsed((await runHere([...poi, '--json'])).printed.at(-1) ?? '')
    const some = await runHere(poi)
    expect(some.printed[1]).toContain(every['proof'])
    expect(some.printed[2]).toContain(every['digest'])
  }
})

test('two folders run side by side, each for its deployment, and the range says what is printed', async () => {
  const { rpcUrl } = protocol.anvil
  const where = ['--rpc', rpcUrl, '--blocks', '4..6']
  const whose = ['--deployment', 'QmA,QmB', '--indexer', INDEXER]
  const both = await runHere(['poi', PROTOCOL, PROTOCOL, ...where, ...whose, '--json'])
  const lines = both.printed.map(parsed)
  expect(lines.map(({ type, block }) => [type, block])).toEqual([
    ...[4, 4, 5, 5, 6, 6].map((block) => ['block', block]),
    ['end', 6],
    ['end', 6],
  ])
  const [a, b] = lines.slice(-2)
  expect(a?.['digest']).toBe(b?.['digest'])
  expect(a?.['proof']).not.toBe(b?.['proof'])
  const text = await runHere(['poi', PROTOCOL, ...where, '--deployment', 'QmA', ...whose.slice(2)])
  expect(text.code).toBe(0)
  expect(text.printed[0]).toMatch(/: at block 6 0x[0-9a-f]{64}$/)
  expect(text.printed[1]).toBe(
    `  proof of indexing  ${String(a?.['proof'])} (deployment QmA, indexer ${INDEXER})`,
  )
  expect(text.printed.at(-1)).toMatch(
    /entities .* in memory only: foggara subgraph run stores them$/,
  )
})

test('a handler that fails for good ends its subgraph there, and the other goes on', async () => {
  await cp(FUZZ, path.join(directory, 'strict'), { recursive: true })
  await edit('strict/subgraph.yaml', (yaml) => yaml.replace(/- nonFatalErrors/, '[]'))
  await edit('strict/subgraph.yaml', (yaml) => yaml.replace(/features:\s*\[\]/, 'features: []'))
  const { rpcUrl } = fuzz.anvil
  const both = await runHere(['poi', 'strict', FUZZ, '--rpc', rpcUrl])
  expect(both.code).toBe(1)
  const text = both.printed.join('\n')
  expect(text).toMatch(/^strict: failed for good at block \d+ 0x/)
  expect(text).toMatch(/ {2}failed: Fuzz, handle\w+, block \d+, log \d+: /)
  expect(text).toContain(`: at block ${fuzz.headBlock} ${fuzz.headHash}, with `)
})

test('the check prints what a subgraph uses, and is silent about nothing that is refused', async () => {
  const fine = await runHere(['check', PROTOCOL])
  expect(fine).toMatchObject({ code: 0, warned: [] })
  expect(fine.printed).toContain('  specVersion 1.3.0, apiVersion 0.0.9')
  expect(fine.printed).toContain('    VotesToken: 2 events, 1 declared call')
  expect(fine.printed.join('\n')).toMatch(/host functions: abort, .*store\.loadRelated.* \(\d+\)/)
  await cp(PROTOCOL, path.join(directory, 'bad'), { recursive: true })
  await edit('bad/subgraph.yaml', (yaml) =>
    yaml
      .replace(
        'eventHandlers:',
        'callHandlers:\n    - function: a()\n      handler: b\n    eventHandlers:',
      )
      .replace('schema:', 'graft:\n  base: Qm\n  block: 1\nschema:'),
  )
  await writeFile(path.join(directory, 'bad/VotesToken/VotesToken.wasm'), 'no code')
  await rm(path.join(directory, 'bad/Marketplace/Marketplace.json'))
  const bad = await runHere(['check', 'bad', PROTOCOL])
  expect(bad.code).toBe(1)
  const text = bad.printed.join('\n')
  expect(text).toContain('SUBGRAPH_FEATURE_REFUSED subgraph.yaml: expected only features')
  expect(text).toMatch(/SUBGRAPH_FEATURE_REFUSED data source OwnershipNFT: .*found call handlers/)
  expect(text).toMatch(/SUBGRAPH_WASM_CORRUPT data source VotesToken: /)
  expect(text).toMatch(/SUBGRAPH_FILE_MISSING data source Marketplace: .*Marketplace.json/)
  expect(text).toContain(`${PROTOCOL}: runs here`)
  const [json] = (await runHere(['check', 'bad', '--json'])).printed.map(parsed)
  expect(json).toMatchObject({ folder: 'bad', runs: false })
  const refused = await runHere(['poi', 'bad', '--rpc', CLOSED])
  expect(refused.code).toBe(1)
  expect(refused.warned[0]).toMatch(/^SUBGRAPH_FEATURE_REFUSED bad: subgraph.yaml: .*grafting/)
})

test('a folder without a subgraph is refused, one with the sources says where to look', async () => {
  const nothing = await runHere(['check', 'nowhere'])
  expect(nothing.code).toBe(1)
  expect(nothing.printed[0]).toBe('nowhere: refused for 1 reason')
  expect(nothing.printed[1]).toMatch(/^ {2}SUBGRAPH_FILE_MISSING subgraph.yaml: /)
  const sources = await runHere(['poi', path.dirname(PROTOCOL), '--rpc', CLOSED])
  expect(sources.code).toBe(1)
  expect(sources.warned[1]).toContain(`the compiled subgraph is in ${PROTOCOL}`)
})

test('a chain that is away or too short may answer later, and a stop is heard', async () => {
  const away = await runHere(['poi', PROTOCOL, '--rpc', CLOSED])
  expect(away.code).toBe(75)
  expect(away.warned[0]).toMatch(/^RPC_UNREACHABLE /)
  const { rpcUrl } = protocol.anvil
  const beyond = await runHere(['poi', PROTOCOL, '--rpc', rpcUrl, '--blocks', '..999'])
  expect(beyond.code).toBe(75)
  expect(beyond.warned[0]).toBe(
    'SUBGRAPH_BLOCK_MISSING expected block 999 on the chain, found none',
  )
  const stopping = new AbortController()
  const stopped = await runHere(['poi', PROTOCOL, '--rpc', rpcUrl, '--json'], stopping, (line) => {
    if (line.includes('"block":3,')) stopping.abort()
  })
  expect(stopped.code).toBe(130)
  expect(stopped.warned[0]).toMatch(/^RUN_ABORTED /)
  expect(stopped.printed.map(parsed).filter(({ type }) => type === 'end')).toEqual([])
})

test('a subgraph command line that cannot be meant exits with 64', async () => {
  const codeOf = async (...args: string[]) => (await runHere(args)).code
  expect(await codeOf('paint', PROTOCOL)).toBe(64)
  expect(await codeOf('check')).toBe(64)
  expect(await codeOf('poi', PROTOCOL)).toBe(64)
  expect(await codeOf('poi', PROTOCOL, '--rpc', 'nowhere')).toBe(64)
  const poi = ['poi', PROTOCOL, '--rpc', CLOSED]
  expect(await codeOf(...poi, '--blocks', '9..4')).toBe(64)
  expect(await codeOf(...poi, '--indexer', '0x12')).toBe(64)
  expect(await codeOf(...poi, '--deployment', 'QmA,QmB')).toBe(64)
})

test('a node that has forgotten old states stops a subgraph that reads them', async () => {
  const { rpcUrl } = protocol.anvil
  const body = { jsonrpc: '2.0', id: 1, method: 'anvil_mine', params: ['0x140'] }
  const headers = { 'content-type': 'application/json' }
  await fetch(rpcUrl, { method: 'POST', headers, body: JSON.stringify(body) })
  const { code, printed, warned } = await runHere(['poi', PROTOCOL, '--rpc', rpcUrl])
  expect(code).toBe(75)
  expect(printed[0]).toMatch(/: stopped before its first block was done$/)
  expect(warned[0]).toMatch(
    /^SUBGRAPH_POSSIBLE_REORG ProtocolParameters, readAccumulators, block 1/,
  )
})

async function edit(name: string, change: (text: string) => string): Promise<void> {
  const file = path.join(directory, name)
  await writeFile(file, change(await readFile(file, 'utf8')))
}

function parsed(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function runHere(
  args: readonly string[],
  stopping = new AbortController(),
  onPrint: (line: string) => void = () => undefined,
) {
  const printed: string[] = []
  const warned: string[] = []
  const code = await run(['subgraph', ...args], COMMANDS, '1.2.3', {
    environment: {},
    directory,
    print: (line) => {
      printed.push(line)
      onPrint(line)
    },
    warn: (line) => warned.push(line),
    nowMs: () => 0,
    stopped: stopping.signal,
  })
  return { code, printed, warned }
}
