import { readFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'

import { FoggaraError } from '@foggara/schema'

import { type EntitySchema, parseEntitySchema } from '../entity-cache/entity-schema.ts'
import { HANDLER_LIMITS, type HandlerLimits } from '../heap/mapping-instance.ts'
import { readContext } from './context.ts'
import { type Finding, type Findings, SubgraphRefusedError } from './finding.ts'
import type { FileTemplate, ManifestSource, SourceTemplate, Subgraph } from './manifest.ts'
import { findRefusedFeatures } from './refused-features.ts'
import { FILE_KINDS, readFileTemplate, readSourceTemplate } from './source-template.ts'
import { items, parseYaml, text, type YamlNode } from './yaml-node.ts'

/** Before 0.0.6 the Proof of Indexing was another, slower hash. */
const SPEC_VERSIONS = [
  '0.0.6',
  '0.0.7',
  '0.0.8',
  '0.0.9',
  '1.0.0',
  '1.1.0',
  '1.2.0',
  '1.3.0',
  '1.4.0',
]

/** What a folder holds, and what of it would be refused. */
export type ReadSubgraph = {
  readonly manifest: YamlNode
  readonly findings: readonly Finding[]
  /** Undefined where there are findings. */
  readonly subgraph: Subgraph | undefined
}

/**
 * Loads a folder as `graph build` writes it.
 *
 * @throws {SubgraphRefusedError} naming the data source and what to do.
 */
export async function loadSubgraph(folder: string, limits?: HandlerLimits): Promise<Subgraph> {
  const { subgraph, findings } = await readSubgraph(folder, limits)
  const [first] = findings
  if (first !== undefined) throw new SubgraphRefusedError(first, findings)
  if (subgraph !== undefined) return subgraph
  const empty = invalid('subgraph.yaml', 'expected a subgraph, found none')
  throw new SubgraphRefusedError(empty, [empty])
}

/** Reads a folder and says everything that keeps it from running. */
export async function readSubgraph(
  folder: string,
  limits: HandlerLimits = HANDLER_LIMITS,
): Promise<ReadSubgraph> {
  const findings: Findings = { all: [] }
  const files = openFiles(folder, findings)
  const manifest = await readManifest(files)
  const schema = await readSchema(manifest, files)
  findRefusedFeatures(manifest, schema, findings)
  const specVersion = text(manifest, 'specVersion') ?? ''
  if (manifest !== null && !SPEC_VERSIONS.includes(specVersion)) {
    findings.all.push(specVersionFinding(specVersion))
  }
  const context = { files, limits, findings }
  const sources: ManifestSource[] = []
  const templates: SourceTemplate[] = []
  const sourceNodes = items(manifest, 'dataSources')
  for (const [index, node] of sourceNodes.entries()) {
    const template = await readSourceTemplate(node, index, context)
    if (template !== undefined) sources.push(placeSource(node, template, findings))
  }
  const fileTemplates: FileTemplate[] = []
  for (const [index, node] of items(manifest, 'templates').entries()) {
    const place = sourceNodes.length + index
    if (FILE_KINDS.has(text(node, 'kind') ?? '')) {
      const template = await readFileTemplate(node, place, context)
      if (template !== undefined) fileTemplates.push(template)
    } else {
      const template = await readSourceTemplate(node, place, context)
      if (template !== undefined) templates.push(template)
    }
  }
  const networks = new Set(sourceNodes.map((node) => text(node, 'network') ?? 'none'))
  if (manifest !== null && networks.size !== 1) {
    const found = [...networks].join(', ') || 'no data source'
    findings.all.push(invalid('subgraph.yaml', `expected one network, found ${found}`))
  }
  const apis = new Set([...sources, ...templates, ...fileTemplates].map(({ api }) => `0.0.${api}`))
  if (apis.size > 1) {
    const found = [...apis].join(', ')
    findings.all.push(invalid('subgraph.yaml', `expected one apiVersion, found ${found}`))
  }
  if (findings.all.length > 0 || schema === undefined) {
    return { manifest, findings: findings.all, subgraph: undefined }
  }
  const [network = ''] = networks
  const hasNonFatalErrors = items(manifest, 'features').includes('nonFatalErrors')
  const all = { sources, templates, fileTemplates }
  const subgraph = { specVersion, network, hasNonFatalErrors, schema, ...all }
  return { manifest, findings: [], subgraph }
}

/** The files of a subgraph's folder; a missing one is a finding. */
export type SubgraphFiles = {
  text(path: string, where: string): Promise<string | undefined>
  bytes(path: string, where: string): Promise<Uint8Array | undefined>
  readonly findings: Findings
}

function openFiles(folder: string, findings: Findings): SubgraphFiles {
  const bytes = async (path: string, where: string) => {
    const inside = normalize(path)
    try {
      if (!inside.startsWith('..')) return await readFile(join(folder, inside))
    } catch (error) {
      if (!(error instanceof Error)) throw error
    }
    findings.all.push({
      code: 'SUBGRAPH_FILE_MISSING',
      where,
      message: `expected the file ${path} in the folder, found none`,
      hint: 'Build the subgraph again with `graph build` and load the folder that it wrote.',
    })
    return undefined
  }
  return {
    findings,
    bytes,
    text: async (path, where) => {
      const content = await bytes(path, where)
      return content === undefined ? undefined : new TextDecoder().decode(content)
    },
  }
}

async function readManifest(files: SubgraphFiles): Promise<YamlNode> {
  const content = await files.text('subgraph.yaml', 'subgraph.yaml')
  if (content === undefined) return null
  try {
    return parseYaml(content)
  } catch (error) {
    const found = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'other text'
    files.findings.all.push(invalid('subgraph.yaml', `expected YAML, found ${found}`))
    return null
  }
}

async function readSchema(
  manifest: YamlNode,
  files: SubgraphFiles,
): Promise<EntitySchema | undefined> {
  if (manifest === null) return undefined
  const path = text(manifest, 'schema', 'file') ?? 'schema.graphql'
  const content = await files.text(path, path)
  if (content === undefined) return undefined
  try {
    return parseEntitySchema(content)
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    files.findings.all.push({
      code: 'SUBGRAPH_SCHEMA_INVALID',
      where: path,
      message: error.message,
      hint: error.hint ?? 'Mend schema.graphql and build the subgraph again.',
    })
    return undefined
  }
}

function placeSource(node: YamlNode, template: SourceTemplate, findings: Findings): ManifestSource {
  const where = `data source ${template.name}`
  const address = text(node, 'source', 'address')?.toLowerCase()
  if (address !== undefined && !/^0x[0-9a-f]{40}$/.test(address)) {
    findings.all.push(invalid(where, `expected an address, found ${address}`))
  }
  if (address === undefined && template.blockHandlers.length > 0) {
    findings.all.push(invalid(where, 'expected an address beside block handlers, found none'))
  }
  const startBlock = blockNumber(text(node, 'source', 'startBlock') ?? '0')
  const endBlock = blockNumber(text(node, 'source', 'endBlock') ?? 'none')
  if (startBlock === undefined) {
    findings.all.push(invalid(where, 'expected a number as startBlock, found other text'))
  }
  const context = readContext(node, where, findings)
  return { ...template, address, startBlock: startBlock ?? 0, endBlock, context }
}

function blockNumber(digits: string): number | undefined {
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

function invalid(where: string, message: string): Finding {
  return {
    code: 'SUBGRAPH_MANIFEST_INVALID',
    where,
    message,
    hint: 'Mend subgraph.yaml and build the subgraph again.',
  }
}

function specVersionFinding(found: string): Finding {
  return {
    code: 'SUBGRAPH_FEATURE_REFUSED',
    where: 'subgraph.yaml',
    message: `expected specVersion 0.0.6 to 1.4.0, found ${found || 'none'}`,
    hint: 'Write specVersion: 1.4.0 or an earlier one, and build again.',
  }
}
