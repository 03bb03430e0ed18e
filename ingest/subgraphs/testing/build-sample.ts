import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { compileAssembly } from '../../compile-assembly.ts'
import { SAMPLE_ABI, SAMPLE_EVENTS, SAMPLE_SCHEMA } from './sample-chain.ts'

const MAPPING_OPTIONS = '-O2 --runtime stub --exportStart _start --bindings none'.split(' ')

/** What a test changes about the sample subgraph. */
export type SampleOptions = {
  readonly apiVersion?: string
  readonly features?: readonly string[]
  /** Events of {@link SAMPLE_EVENTS} by the handler that gets them. */
  readonly handlers: Readonly<Record<string, keyof typeof SAMPLE_EVENTS>>
  readonly blockHandlers?: string
  readonly eventOptions?: string
  readonly endBlock?: number
  /** Adds the templates `File` of IPFS and `Transaction` of Arweave. */
  readonly hasFiles?: boolean
}

let compiled: Promise<Uint8Array> | undefined

/** Writes the sample subgraph into the folder as `graph build` would. */
export async function writeSample(folder: string, options: SampleOptions): Promise<string> {
  compiled ??= compileAssembly(join(import.meta.dirname, 'mapping'), MAPPING_OPTIONS)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'mapping.wasm'), await compiled)
  await writeFile(join(folder, 'schema.graphql'), SAMPLE_SCHEMA)
  await writeFile(join(folder, 'Token.json'), JSON.stringify(SAMPLE_ABI))
  await writeFile(join(folder, 'subgraph.yaml'), sampleManifest(options))
  return folder
}

/** The manifest of the sample subgraph. */
export function sampleManifest(options: SampleOptions): string {
  const { apiVersion = '0.0.9', features = [], handlers, blockHandlers = '' } = options
  const mapping = (eventHandlers: string) => `
      kind: ethereum/events
      apiVersion: ${apiVersion}
      language: wasm/assemblyscript
      entities: [Counter]
      abis:
        - name: Token
          file: Token.json
      file: mapping.wasm
      eventHandlers:${eventHandlers}`
  const own = Object.entries(handlers)
    .map(([handler, event]) => eventHandler(handler, event, options.eventOptions))
    .join('')
  const end = options.endBlock === undefined ? '' : `\n      endBlock: ${options.endBlock}`
  return `specVersion: 1.3.0
features: [${features.join(', ')}]
schema:
  file: schema.graphql
dataSources:
  - kind: ethereum
    name: Sample
    network: sample
    source:
      address: 0x00000000000000000000000000000000000000aa
      abi: Token
      startBlock: 1${end}
    mapping:${mapping(own === '' ? ' []' : own)}${blockHandlers}
templates:
  - kind: ethereum
    name: Child
    network: sample
    source:
      abi: Token
    mapping:${mapping(eventHandler('handleChild', 'Poked'))}
${options.hasFiles === true ? FILE_TEMPLATES.replaceAll('API', apiVersion) : ''}`
}

const FILE_TEMPLATES = ['File ipfs', 'Transaction arweave']
  .map((text) => {
    const [name = '', kind = ''] = text.split(' ')
    return `  - kind: file/${kind}
    name: ${name}
    mapping:
      apiVersion: API
      language: wasm/assemblyscript
      entities: [Document]
      handler: handleFile
      file: mapping.wasm
`
  })
  .join('')

function eventHandler(handler: string, event: keyof typeof SAMPLE_EVENTS, more = ''): string {
  return `
        - event: ${SAMPLE_EVENTS[event]}
          handler: ${handler}${more}`
}
