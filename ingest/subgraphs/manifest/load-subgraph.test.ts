import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { writeSample } from '../testing/build-sample.ts'
import { compatibilityReport } from './compatibility.ts'
import { SubgraphRefusedError } from './finding.ts'
import { loadSubgraph } from './load-subgraph.ts'

let root = ''
let folder = ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'foggara-manifest-'))
  folder = join(root, 'sample')
})

afterAll(() => rm(root, { recursive: true, force: true }))

test('a folder that graph build wrote loads, and an address stays one', async () => {
  await sample()
  const { sources, templates, network, schema } = await loadSubgraph(folder)
  expect(sources[0]).toMatchObject({
    name: 'Sample',
    address: '0x00000000000000000000000000000000000000aa',
    startBlock: 1,
    api: 9,
    manifestIndex: 0,
  })
  expect(templates[0]).toMatchObject({ name: 'Child', manifestIndex: 1 })
  expect(network).toBe('sample')
  expect(schema.entities.get('Account')?.fields.get('tokens')).toMatchObject({
    refersTo: 'Token',
    derivedFrom: 'owner',
  })
})

const REFUSALS: readonly {
  readonly what: string
  readonly change: () => Promise<void>
  readonly code: string
  readonly message: string
}[] = [
  {
    what: 'call handlers',
    change: () => manifest('      file: mapping.wasm\n', CALL_HANDLERS),
    code: 'SUBGRAPH_FEATURE_REFUSED',
    message: 'data source Sample: expected only features that run here, found call handlers',
  },
  {
    what: 'grafting',
    change: () => manifest('schema:', 'graft:\n  base: Qm\n  block: 3\nschema:'),
    code: 'SUBGRAPH_FEATURE_REFUSED',
    message: 'subgraph.yaml: expected only features that run here, found grafting',
  },
  {
    what: 'composition',
    change: () => manifest('kind: ethereum\n    name: Sample', 'kind: subgraph\n    name: Sample'),
    code: 'SUBGRAPH_FEATURE_REFUSED',
    message: 'data source Sample: expected only features that run here, found composition',
  },
  {
    what: 'an old apiVersion',
    change: () => manifest('apiVersion: 0.0.9', 'apiVersion: 0.0.4'),
    code: 'SUBGRAPH_FEATURE_REFUSED',
    message: 'data source Sample: expected only features that run here, found apiVersion 0.0.4',
  },
  {
    what: 'a later specVersion',
    change: () => manifest('specVersion: 1.3.0', 'specVersion: 1.5.0'),
    code: 'SUBGRAPH_FEATURE_REFUSED',
    message: 'subgraph.yaml: expected specVersion 0.0.6 to 1.4.0, found 1.5.0',
  },
  {
    what: 'an aggregation under an old specVersion',
    change: async () => {
      await manifest('specVersion: 1.3.0', 'specVersion: 1.0.0')
      await edit('schema.graphql', 'type ', AGGREGATION)
    },
    code: 'SUBGRAPH_FEATURE_REFUSED',
    message:
      'schema.graphql: expected only features that run here, found an aggregation under specVersion 1.0.0',
  },
  {
    what: 'an aggregation that is not computed here',
    change: () => edit('schema.graphql', 'type ', AGGREGATION.replace('"units"', '"units ^ 2"')),
    code: 'SUBGRAPH_SCHEMA_INVALID',
    message:
      'schema.graphql: expected an expression for BigInt that is computed here at Stats.total, found `^ 2` in `units ^ 2`',
  },
  {
    what: 'a second apiVersion',
    change: () => manifest('apiVersion: 0.0.9', 'apiVersion: 0.0.7'),
    code: 'SUBGRAPH_MANIFEST_INVALID',
    message: 'subgraph.yaml: expected one apiVersion, found 0.0.7, 0.0.9',
  },
  {
    what: 'a full-text search',
    change: () => edit('schema.graphql', 'type Counter', `${FULL_TEXT}\ntype Counter`),
    code: 'SUBGRAPH_FEATURE_REFUSED',
    message: 'schema.graphql: expected only features that run here, found a full-text search',
  },
  {
    what: 'a missing file',
    change: () => manifest('file: mapping.wasm', 'file: other.wasm'),
    code: 'SUBGRAPH_FILE_MISSING',
    message: 'data source Sample: expected the file other.wasm in the folder, found none',
  },
  {
    what: 'a file outside of the folder',
    change: () => manifest('file: mapping.wasm', 'file: ../../mapping.wasm'),
    code: 'SUBGRAPH_FILE_MISSING',
    message: 'data source Sample: expected the file ../../mapping.wasm in the folder, found none',
  },
  {
    what: 'an event that the ABI lacks',
    change: () => manifest('event: Transfer(indexed address', 'event: Moved(indexed address'),
    code: 'SUBGRAPH_EVENT_MISSING',
    message:
      'data source Sample: expected the event Moved(indexed address,indexed address,indexed uint256) in the ABI, found no event with this signature',
  },
  {
    what: 'a handler that the mapping lacks',
    change: () => manifest('handler: handleTransfer', 'handler: handleOther'),
    code: 'SUBGRAPH_HANDLER_MISSING',
    message:
      'data source Sample: expected an exported function handleOther in the mapping, found none',
  },
  {
    what: 'an ABI that is none',
    change: () => edit('Token.json', '[', '{'),
    code: 'SUBGRAPH_ABI_INVALID',
    message: 'data source Sample: expected the JSON of an ABI in Token.json, found something else',
  },
  {
    what: 'a schema that is none',
    change: () => edit('schema.graphql', 'count: BigInt!', 'count: Unknown!'),
    code: 'SUBGRAPH_SCHEMA_INVALID',
    message: 'schema.graphql: expected a known type for Counter.count, found Unknown',
  },
  {
    what: 'a manifest that is no YAML',
    change: () => edit('subgraph.yaml', 'dataSources:', 'dataSources: ['),
    code: 'SUBGRAPH_MANIFEST_INVALID',
    message: 'subgraph.yaml: expected YAML, found',
  },
]

for (const { what, change, code, message } of REFUSALS) {
  test(`${what} is refused by name`, async () => {
    await sample()
    await change()
    const error = await refusalOf(folder)
    expect(error.code).toBe(code)
    expect(error.message.startsWith(message)).toBe(true)
    expect(error.hint).not.toBe('')
  })
}

test('a mapping cut or changed at any place is refused or is a module, and nothing else', async () => {
  await sample()
  const whole = await readFile(join(folder, 'mapping.wasm'))
  for (let part = 0; part < 40; part += 1) {
    const at = Math.floor((whole.length * part) / 40)
    await writeFile(join(folder, 'mapping.wasm'), whole.subarray(0, at))
    expect((await refusalOf(folder)).code).toBe('SUBGRAPH_WASM_CORRUPT')
    const changed = Uint8Array.from(whole)
    changed[at] = (changed[at] ?? 0) ^ 0x55
    await writeFile(join(folder, 'mapping.wasm'), changed)
    const found = await compatibilityReport(folder)
    expect(found.refused.every(({ where }) => where.startsWith('data source'))).toBe(true)
  }
})

test('the report names what a subgraph uses, and everything that is refused', async () => {
  await sample()
  const report = await compatibilityReport(folder)
  expect(report).toMatchObject({ runs: true, dataSources: ['Sample'], templates: ['Child'] })
  expect(report.uses[0]?.functions).toContain('store.loadRelated')
  await manifest('apiVersion: 0.0.9', 'apiVersion: 0.0.3')
  await manifest('schema:', 'graft:\n  base: Qm\nschema:')
  const refused = await compatibilityReport(folder)
  expect(refused.runs).toBe(false)
  expect(refused.refused.map(({ message }) => message)).toEqual([
    'expected only features that run here, found grafting',
    'expected only features that run here, found apiVersion 0.0.3',
  ])
})

const CALL_HANDLERS = `      file: mapping.wasm
      callHandlers:
        - function: transfer(address,uint256)
          handler: handleTransfer
`
const AGGREGATION = `
type Stats @aggregation(intervals: ["hour"], source: "Reading") {
  id: Int8!
  timestamp: Timestamp!
  total: BigInt! @aggregate(fn: "sum", arg: "units")
}
type Reading @entity(timeseries: true) { id: Int8! timestamp: Timestamp! units: BigInt! }
type `
const FULL_TEXT =
  'type _Schema_ @fulltext(name: "search", language: en, algorithm: rank, include: [])'

function sample(): Promise<string> {
  return writeSample(folder, { handlers: { handleTransfer: 'Transfer' } })
}

function manifest(from: string, to: string): Promise<void> {
  return edit('subgraph.yaml', from, to)
}

/** Replaces the first place, and fails where there is none. */
async function edit(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file)
  const content = await readFile(path, 'utf8')
  if (!content.includes(from)) throw new TypeError(`expected ${from} in ${file}, found none`)
  await writeFile(path, content.replace(from, to))
}

async function refusalOf(path: string): Promise<SubgraphRefusedError> {
  const error: unknown = await loadSubgraph(path).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof SubgraphRefusedError) return error
  throw new TypeError(`expected a refusal, found ${String(error)}`)
}
