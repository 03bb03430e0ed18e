import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { readChains } from './chain-settings.ts'

const TRANSFER = 'event Transfer(address indexed from, address indexed to, uint256 value)'
const ONE = `0x${'AB'.repeat(20)}`
const SOURCE = { abi: [TRANSFER], addresses: [ONE] }
const CHAIN = {
  chainId: 7,
  rpcUrls: ['http://127.0.0.1:8545'],
  startBlock: 3,
  sources: { token: SOURCE },
}

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-chains-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('chains come from the settings or from a JSON file, whose own files lie beside it', async () => {
  expect(await readChains(undefined, directory)).toEqual([])
  const [plan] = await readChains({ base: CHAIN }, directory)
  expect(plan).toMatchObject({ name: 'base', chainId: 7, startBlock: 3, adapters: [], views: [] })
  expect(plan?.sources).toMatchObject([
    { name: 'token', addresses: [ONE.toLowerCase()], events: [{ name: 'Transfer' }] },
  ])
  const abi = [
    { type: 'function', name: 'f', inputs: [] },
    ...['A', 'B'].map((name) => ({ type: 'event', name, inputs: [] })),
  ]
  await writeFile(path.join(directory, 'artifact.json'), JSON.stringify({ abi }))
  const token = { abi: 'artifact.json', events: ['B'], addresses: 'any' }
  await writeFile(
    path.join(directory, 'chains.json'),
    JSON.stringify({ base: { ...CHAIN, sources: { token } } }),
  )
  const [read] = await readChains(path.join(directory, 'chains.json'), '/')
  expect(read?.sources).toMatchObject([{ addresses: 'any', events: [{ name: 'B' }] }])
  expect(read?.sources[0]?.events).toHaveLength(1)
})

test('a factory names what it makes, and needs no addresses beside it', async () => {
  const factory = {
    addresses: [ONE],
    event: 'event Made(uint256 number, address child)',
    parameter: 'child',
  }
  const pool = { abi: [TRANSFER], factory }
  const [plan] = await readChains({ base: { ...CHAIN, sources: { pool } } }, directory)
  expect(plan?.sources).toMatchObject([
    {
      addresses: [],
      factory: { addresses: [ONE.toLowerCase()], event: { name: 'Made' }, parameter: 'child' },
    },
  ])
  const other = { abi: [TRANSFER], factory: { ...factory, parameter: 'number' } }
  await expect(
    readChains({ base: { ...CHAIN, sources: { pool: other } } }, directory),
  ).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
})

test('two chains of one id are refused by both names', async () => {
  await expect(readChains({ one: CHAIN, other: CHAIN }, directory)).rejects.toMatchObject({
    code: 'CHAIN_ID_REPEATED',
    message: 'expected chains of different ids, found 7 for one and other',
  })
})

test('what is wrong is refused by its place, a wrong key with the nearest one', async () => {
  const { chainId: _, ...nameless } = CHAIN
  const wrong: readonly [unknown, string, string][] = [
    [nameless, 'CHAIN_CONFIG_MALFORMED', 'chains.base.chainId: '],
    [{ ...CHAIN, rpcUrls: ['ftp://x'] }, 'CHAIN_CONFIG_MALFORMED', 'chains.base.rpcUrls.0: '],
    [{ ...CHAIN, rpcUrls: [] }, 'CHAIN_CONFIG_MALFORMED', 'chains.base.rpcUrls: '],
    [{ ...CHAIN, sources: {} }, 'CHAIN_CONFIG_MALFORMED', 'expected adapters or sources'],
    [{ ...CHAIN, startBlock: undefined }, 'CHAIN_CONFIG_MALFORMED', 'chains.base.startBlock: '],
    [{ ...CHAIN, rpcUrl: 'x' }, 'CONFIG_KEY_UNKNOWN', 'found rpcUrl'],
    [source({ abi: ['event Transfer('] }), 'CHAIN_ABI_MALFORMED', 'chains.base.sources.token.abi'],
    [source({ abi: 'none.json' }), 'CHAIN_ABI_MALFORMED', 'ENOENT'],
    [source({ events: ['Transfr'] }), 'CHAIN_ABI_MALFORMED', 'no event Transfr'],
    [source({ addresses: ['0x12'] }), 'CHAIN_CONFIG_MALFORMED', 'chains.base.sources.token.addr'],
    [
      source({ abi: ['event Holding()'] }, 'asset'),
      'CHAIN_TABLE_REPEATED',
      'found asset_holding twice',
    ],
    [{ ...CHAIN, adapters: ['stry'] }, 'ADAPTER_UNKNOWN', 'found no "stry"'],
    [{ ...CHAIN, adapters: ['./none'] }, 'ADAPTER_UNKNOWN', 'found no "./none"'],
  ]
  for (const [base, code, text] of wrong) {
    await expect(readChains({ base }, directory)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    })
  }
  await expect(readChains({ deployment: CHAIN }, directory)).rejects.toMatchObject({
    code: 'CHAIN_NAME_MALFORMED',
  })
  await expect(readChains({ base: { ...CHAIN, rpcUrl: 'x' } }, directory)).rejects.toMatchObject({
    hint: 'Did you mean rpcUrls?',
  })
  await expect(readChains({ base: source({ events: ['Transfr'] }) }, '')).rejects.toMatchObject({
    hint: 'Did you mean Transfer?',
  })
})

function source(change: Readonly<Record<string, unknown>>, name = 'token'): unknown {
  return { ...CHAIN, sources: { [name]: { ...SOURCE, ...change } } }
}
