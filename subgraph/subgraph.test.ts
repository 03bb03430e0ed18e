import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CONTRACT_NAMES, eventsOf } from '@foggara/schema'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'

import { devnetDeployment } from '../devnet/index.ts'
import { DIRECTORY, buildSubgraph, compilerMissing, sourcesDigest } from './build-subgraph.ts'
import { ABIS_DIRECTORY, abiFiles } from './write-abis.ts'

type DataSource = {
  readonly name: string
  readonly source: { readonly address: string; readonly abi: string; readonly startBlock: number }
  readonly mapping: {
    readonly eventHandlers: readonly { readonly event: string; readonly handler: string }[]
  }
}

const manifest: { dataSources: readonly DataSource[] } = parse(readText('subgraph.yaml'))

test('the ABIs are those of the contracts: npm run subgraph:abis', () => {
  for (const [name, text] of abiFiles()) {
    expect(readFileSync(join(ABIS_DIRECTORY, name), 'utf8'), name).toBe(text)
  }
})

test('every event of every contract has a handler', () => {
  const handled = manifest.dataSources.map(({ source, mapping }) => [
    source.abi,
    mapping.eventHandlers.map(({ event, handler }) => `${event} ${handler}`),
  ])
  const expected = CONTRACT_NAMES.map((name) => [
    name,
    eventsOf(name).map((event) => {
      const inputs = event.inputs.map(({ type, indexed }) => `${indexed ? 'indexed ' : ''}${type}`)
      return `${event.name}(${inputs.join(',')}) handle${event.name}`
    }),
  ])
  expect(handled).toEqual(expected)
})

test('the manifest names the contracts of the devnet', () => {
  const { contracts, startBlock } = devnetDeployment()
  for (const { name, source } of manifest.dataSources) {
    const contract = CONTRACT_NAMES.find((one) => one === name)
    expect(contract).toBeDefined()
    if (contract === undefined) continue
    expect(source).toMatchObject({ address: contracts[contract], startBlock })
  }
})

test('the committed build is of these sources: npm run subgraph:build', () => {
  expect(readText('build/sources.sha256').trim()).toBe(sourcesDigest())
  expect(readText('build/schema.graphql')).toBe(readText('schema.graphql'))
})

const missing = compilerMissing()
const byWhom = missing === undefined ? '' : ` (skipped: ${missing})`

test.skipIf(missing !== undefined)(`a module compiles to the committed bytes${byWhom}`, () => {
  const name = 'ContributionNFT'
  // Paths to the libraries are in the bytes: the folder lies beside node_modules, as this one does.
  const root = mkdtempSync(join(tmpdir(), 'foggara-subgraph-'))
  const folder = join(root, 'subgraph')
  try {
    mkdirSync(folder)
    symlinkSync(join(DIRECTORY, '..', 'node_modules'), join(root, 'node_modules'))
    for (const part of ['abis', 'mappings', 'schema.graphql']) {
      cpSync(join(DIRECTORY, part), join(folder, part), { recursive: true })
    }
    const dataSources = manifest.dataSources.filter((source) => source.name === name)
    writeFileSync(join(folder, 'subgraph.yaml'), stringify({ ...manifest, dataSources }))
    buildSubgraph(folder)
    const module = join('build', name, `${name}.wasm`)
    const [made, committed] = [folder, DIRECTORY].map((at) => readFileSync(join(at, module)))
    expect(made?.equals(committed ?? new Uint8Array())).toBe(true)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

function readText(name: string): string {
  return readFileSync(join(DIRECTORY, name), 'utf8')
}
