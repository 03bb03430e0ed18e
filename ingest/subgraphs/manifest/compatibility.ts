import type { FileKind } from '../files/file-monitor.ts'
import type { Finding } from './finding.ts'
import { readSubgraph } from './load-subgraph.ts'
import type { FileTemplate, NamedMapping, SourceTemplate } from './manifest.ts'
import { items, text } from './yaml-node.ts'

/** What a subgraph uses, and what of it would be refused. */
export type CompatibilityReport = {
  readonly runs: boolean
  readonly specVersion: string
  readonly dataSources: readonly string[]
  readonly templates: readonly string[]
  readonly features: readonly string[]
  /** Per data source and template; empty where one cannot be read. */
  readonly uses: readonly SourceUse[]
  readonly refused: readonly Finding[]
}

/** What one data source or template uses. */
export type SourceUse = {
  readonly name: string
  readonly apiVersion: string
  readonly eventHandlerCount: number
  readonly blockFilters: readonly string[]
  readonly hasTopicFilters: boolean
  readonly needsReceipts: boolean
  readonly declaredCallCount: number
  /** Where the files come from; undefined for what watches the chain. */
  readonly files: FileKind | undefined
  /** Host functions that the mapping imports. */
  readonly functions: readonly string[]
}

/** Reports what the subgraph in the folder uses, and everything that keeps it from running. */
export async function compatibilityReport(folder: string): Promise<CompatibilityReport> {
  const { manifest, findings, subgraph } = await readSubgraph(folder)
  const names = (list: string) =>
    items(manifest, list).map((node) => text(node, 'name') ?? 'without a name')
  return {
    runs: findings.length === 0,
    specVersion: text(manifest, 'specVersion') ?? 'none',
    dataSources: names('dataSources'),
    templates: names('templates'),
    features: items(manifest, 'features').filter((feature) => typeof feature === 'string'),
    uses:
      subgraph === undefined
        ? []
        : [
            ...[...subgraph.sources, ...subgraph.templates].map(sourceUse),
            ...subgraph.fileTemplates.map(fileUse),
          ],
    refused: findings,
  }
}

function sourceUse(source: SourceTemplate): SourceUse {
  const { eventHandlers } = source
  return {
    ...mappingUse(source),
    eventHandlerCount: eventHandlers.length,
    blockFilters: source.blockHandlers.map(({ filter }) => filter.type),
    hasTopicFilters: eventHandlers.some(({ topics }) =>
      topics.slice(1).some((topic) => topic !== undefined),
    ),
    needsReceipts: eventHandlers.some(({ needsReceipt }) => needsReceipt),
    declaredCallCount: eventHandlers.reduce((sum, { calls }) => sum + calls.length, 0),
  }
}

function fileUse(template: FileTemplate): SourceUse {
  return { ...mappingUse(template), files: template.kind }
}

function mappingUse({ name, api, mapping }: NamedMapping): SourceUse {
  return {
    name,
    apiVersion: `0.0.${api}`,
    eventHandlerCount: 0,
    blockFilters: [],
    hasTopicFilters: false,
    needsReceipts: false,
    declaredCallCount: 0,
    files: undefined,
    functions: mapping.imports.map((imported) => imported.name).toSorted(),
  }
}
