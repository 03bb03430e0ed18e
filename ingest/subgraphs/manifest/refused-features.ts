import type { EntitySchema } from '../entity-cache/entity-schema.ts'
import type { Finding, Findings } from './finding.ts'
import { FILE_KINDS } from './source-template.ts'
import { items, member, text, type YamlNode } from './yaml-node.ts'

/** Adds a finding for everything in the manifest and schema that the runtime leaves out. */
export function findRefusedFeatures(
  manifest: YamlNode,
  schema: EntitySchema | undefined,
  findings: Findings,
): void {
  const refuse = (where: string, found: string, hint: string) =>
    findings.all.push(refusal(where, found, hint))
  if (member(manifest, 'graft') !== undefined || items(manifest, 'features').includes('grafting')) {
    refuse('subgraph.yaml', 'grafting', 'Remove `graft`; the subgraph is indexed from its start.')
  }
  if (schema?.hasFullText === true || items(manifest, 'features').includes('fullTextSearch')) {
    refuse('schema.graphql', 'a full-text search', 'Remove `@fulltext` and its feature.')
  }
  const specVersion = text(manifest, 'specVersion') ?? 'none'
  if ((schema?.aggregations.length ?? 0) > 0 && /^(0\.|1\.0\.)/.test(specVersion)) {
    const hint = 'Write specVersion: 1.1.0 or a later one, and build again.'
    refuse('schema.graphql', `an aggregation under specVersion ${specVersion}`, hint)
  }
  for (const [list, what] of [
    ['dataSources', 'data source'],
    ['templates', 'template'],
  ] as const) {
    for (const node of items(manifest, list)) {
      const where = `${what} ${text(node, 'name') ?? 'without a name'}`
      if (list === 'templates' && FILE_KINDS.has(text(node, 'kind') ?? '')) {
        refuseApiVersion(node, where, refuse)
      } else refuseSource(node, where, refuse)
    }
  }
}

type Refuse = (where: string, found: string, hint: string) => void

function refuseSource(node: YamlNode, where: string, refuse: Refuse): void {
  const kind = text(node, 'kind') ?? 'none'
  if (kind === 'subgraph') {
    refuse(where, 'composition', 'Take the events from the contracts instead of another subgraph.')
  } else if (kind !== 'ethereum' && kind !== 'ethereum/contract') {
    const hint = 'Only data sources of the kind `ethereum`, and files as templates, run here.'
    refuse(where, `the kind ${kind}`, hint)
  }
  if (items(node, 'mapping', 'callHandlers').length > 0) {
    refuse(where, 'call handlers', 'Emit events and handle those; traces are not read.')
  }
  for (const handler of items(node, 'mapping', 'blockHandlers')) {
    if (text(handler, 'filter', 'kind') !== 'call') continue
    refuse(where, 'a block handler with the filter call', 'Use the filters once or polling.')
  }
  refuseApiVersion(node, where, refuse)
}

function refuseApiVersion(node: YamlNode, where: string, refuse: Refuse): void {
  const apiVersion = text(node, 'mapping', 'apiVersion') ?? 'none'
  if (/^0\.0\.[5-9]$/.test(apiVersion)) return
  refuse(where, `apiVersion ${apiVersion}`, 'Build with a graph-cli that writes 0.0.5 to 0.0.9.')
}

function refusal(where: string, found: string, hint: string): Finding {
  return {
    code: 'SUBGRAPH_FEATURE_REFUSED',
    where,
    message: `expected only features that run here, found ${found}`,
    hint,
  }
}
