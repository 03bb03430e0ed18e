import path from 'node:path'

import { type CompatibilityReport, type SourceUse, compatibilityReport } from '@foggara/ingest'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { count } from './count.ts'
import { compiledFolderHint } from './open-folder.ts'

/** Runs `foggara subgraph check FOLDER…`: 0 where every folder runs here, else 1. */
export async function checkFolders(
  folders: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  let exitCode = 0
  for (const folder of folders) {
    const resolved = path.resolve(context.directory, folder)
    const report = await compatibilityReport(resolved)
    if (!report.runs) exitCode = 1
    const lines = flagOption(options, 'json')
      ? [JSON.stringify({ folder, ...report })]
      : reportLines(folder, report, compiledFolderHint(folder, resolved))
    for (const line of lines) context.print(line)
  }
  return exitCode
}

/** What a report says, in lines. */
function reportLines(
  folder: string,
  report: CompatibilityReport,
  elsewhere: string | undefined,
): readonly string[] {
  const verdict = report.runs
    ? 'runs here'
    : `refused for ${count(report.refused.length, 'reason')}`
  return [
    `${folder}: ${verdict}`,
    ...manifestLines(report),
    ...report.refused.flatMap(({ code, where, message, hint }, index) => [
      `  ${code} ${where}: ${message}`,
      ...(report.refused[index + 1]?.hint === hint ? [] : [`    hint: ${hint}`]),
    ]),
    ...(report.runs || elsewhere === undefined ? [] : [`  ${elsewhere}`]),
  ]
}

function manifestLines(report: CompatibilityReport): readonly string[] {
  const { specVersion, features, dataSources, templates, uses } = report
  if (dataSources.length === 0 && uses.length === 0 && specVersion === 'none') return []
  const apiVersions = [...new Set(uses.map(({ apiVersion }) => apiVersion))]
  const functions = [...new Set(uses.flatMap((use) => use.functions))].toSorted()
  return [
    `  specVersion ${specVersion}${apiVersions.length > 0 ? `, apiVersion ${apiVersions.join(', ')}` : ''}`,
    `  features: ${listed(features)}`,
    `  data sources: ${listed(dataSources)}`,
    `  templates: ${listed(templates)}`,
    ...(uses.length > 0 ? ['  handlers:'] : []),
    ...uses.map((use) => `    ${use.name}: ${handlersOf(use)}`),
    ...(uses.length > 0 ? [`  host functions: ${listed(functions)}`] : []),
  ]
}

function handlersOf(use: SourceUse): string {
  if (use.files !== undefined) return `files of ${use.files}, outside of the Proof of Indexing`
  return [
    count(use.eventHandlerCount, 'event'),
    ...(use.blockFilters.length > 0 ? [`blocks (${use.blockFilters.join(', ')})`] : []),
    ...(use.declaredCallCount > 0 ? [count(use.declaredCallCount, 'declared call')] : []),
    ...(use.hasTopicFilters ? ['topic filters'] : []),
    ...(use.needsReceipts ? ['receipts'] : []),
  ].join(', ')
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : `${names.join(', ')} (${names.length})`
}
