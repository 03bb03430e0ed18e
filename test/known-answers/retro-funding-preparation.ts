import type { GraphRow } from '@foggara/gpu-analytics'

import { publishedRows } from './published.ts'

/** The two passes of the round, by the kind of link that leads to a developer tool. */
export const LINK_TYPES = ['PACKAGE_DEPENDENCY', 'DEVELOPER_TO_DEVTOOLING_PROJECT'] as const
export type LinkType = (typeof LINK_TYPES)[number]

// The parameters of weights/devtooling__arcturus.yaml, S7/M6.
const ONCHAIN_PRETRUST = { total_transaction_count: 0.4, total_gas_fees: 0.4 }
const TOOL_PRETRUST = { num_package_connections: 0.3, num_developer_connections: 0.7 }
const TIME_DECAY = {
  PACKAGE_DEPENDENCY: 1,
  ONCHAIN_PROJECT_TO_DEVELOPER: 0.8,
  DEVELOPER_TO_DEVTOOLING_PROJECT: 0.6,
}
const EVENT_WEIGHTS = new Map([
  ...['RUST', 'NPM', 'PIP', 'GO', 'FORKED', 'STARRED'].map((type) => [type, 1] as const),
  ...['COMMIT_CODE', 'ISSUE_OPENED', 'PULL_REQUEST_OPENED'].map((type) => [type, 1] as const),
  ['NPM_TRANSITIVE', 0.1],
])
const UTILITY_WEIGHTS = new Map([
  ['Language & Compilation Tools', 5],
  ['Core Protocol Interfaces', 5],
  ['Development Frameworks', 5],
  ['Deployment & Lifecycle Management', 2],
  ['Data Indexing & Analytics', 2],
  ['Testing & Verification Tools', 2],
])
const PACKAGE_LINKS_MIN = 3
const DEVELOPER_LINKS_MIN = 5

type Link = {
  readonly from: string
  readonly to: string
  readonly type: string
  readonly month: string
}

/**
 * The protocol's own preparation of its data, in floating point as it is published: pre-trust from
 * min-max scaled logarithms, edge weights from event type, age and utility label. What leaves here is
 * whole numbers, in the published order of rows.
 */
export function prepareRetroFunding(folder: string) {
  const onchain = publishedRows(`${folder}/devtooling__onchain_metadata.csv`)
  const tools = publishedRows(`${folder}/devtooling__project_metadata.csv`)
  const onchainIds = new Set(onchain.map((row) => field(row, 'project_id')))
  const toolIds = new Set(tools.map((row) => field(row, 'project_id')))
  const links = readLinks(folder, onchainIds, toolIds)
  const toolCounts = countByTarget(links)
  const pretrust = {
    onchain: pretrustOf(onchain, ONCHAIN_PRETRUST, (row, column) => Number(row.get(column) ?? 0)),
    tools: pretrustOf(tools, TOOL_PRETRUST, (row, column) => {
      const counted =
        column === 'num_package_connections' ? toolCounts.packages : toolCounts.developers
      return counted.get(field(row, 'project_id')) ?? 0
    }),
  }
  const trust = new Map<string, bigint>()
  for (const part of [
    pretrust.onchain,
    pretrust.tools,
    developerTrust(links.onchain, pretrust.onchain),
  ]) {
    for (const [id, value] of part) trust.set(id, (trust.get(id) ?? 0n) + wholeNumber(value))
  }
  const utility = utilityByTool(folder, tools)
  const toRows = (list: readonly Link[], decay: number, isLabelled: boolean): GraphRow[] =>
    list
      .map((link) => ({
        from: link.from,
        to: link.to,
        weight: wholeNumber(
          ageWeight(link.month, links.newest, decay) *
            (EVENT_WEIGHTS.get(link.type) ?? 0) *
            (isLabelled ? (utility.get(link.to) ?? 1) : 1),
        ),
      }))
      // Links of weight 0 do not even make nodes in the published pipeline.
      .filter((row) => row.weight > 0n)
  return {
    toolIds,
    trust,
    eligibleIds: eligibleTools(links),
    edges: {
      PACKAGE_DEPENDENCY: toRows(links.packages, TIME_DECAY.PACKAGE_DEPENDENCY, true),
      DEVELOPER_TO_DEVTOOLING_PROJECT: [
        ...toRows(links.onchain, TIME_DECAY.ONCHAIN_PROJECT_TO_DEVELOPER, false),
        ...toRows(links.tools, TIME_DECAY.DEVELOPER_TO_DEVTOOLING_PROJECT, true),
      ],
    } satisfies Record<LinkType, GraphRow[]>,
  }
}

type Links = {
  readonly newest: string
  readonly packages: readonly Link[]
  readonly onchain: readonly Link[]
  readonly tools: readonly Link[]
}

function readLinks(
  folder: string,
  onchainIds: ReadonlySet<string>,
  toolIds: ReadonlySet<string>,
): Links {
  const activity = publishedRows(`${folder}/devtooling__developer_graph.csv`).map((row) => ({
    developer: field(row, 'developer_id'),
    project: field(row, 'project_id'),
    type: field(row, 'event_type').toUpperCase(),
    month: field(row, 'bucket_month').slice(0, 10),
  }))
  const newest = activity.reduce((latest, row) => (row.month > latest ? row.month : latest), '')
  const onchain = activity
    .filter((row) => onchainIds.has(row.project) && row.type === 'COMMIT_CODE')
    .map(({ developer, project, type, month }) => ({ from: project, to: developer, type, month }))
  // A developer's work on the project that it last committed to is not a link to a tool.
  const home = new Map(onchain.map((link) => [link.to, link.from]))
  const tools = activity
    .filter((row) => toolIds.has(row.project) && home.get(row.developer) !== row.project)
    .map(({ developer, project, type, month }) => ({ from: developer, to: project, type, month }))
  const packages = publishedRows(`${folder}/devtooling__dependency_graph.csv`).map((row) => ({
    from: field(row, 'onchain_builder_project_id'),
    to: field(row, 'devtooling_project_id'),
    type: field(row, 'dependency_source').toUpperCase(),
    month: newest,
  }))
  return { newest, packages, onchain, tools }
}

function countByTarget(links: Links) {
  const packages = new Map<string, number>()
  const developers = new Map<string, number>()
  for (const { to } of links.packages) packages.set(to, (packages.get(to) ?? 0) + 1)
  for (const { to } of links.tools) developers.set(to, (developers.get(to) ?? 0) + 1)
  return { packages, developers }
}

function pretrustOf(
  rows: readonly ReadonlyMap<string, string>[],
  weights: Readonly<Record<string, number>>,
  valueOf: (row: ReadonlyMap<string, string>, column: string) => number,
): Map<string, number> {
  const values = rows.map(() => 0)
  for (const [column, weight] of Object.entries(weights)) {
    const logarithms = rows.map((row) => Math.log1p(valueOf(row, column)))
    const low = Math.min(...logarithms)
    const range = Math.max(...logarithms) - low
    for (const [index, logarithm] of logarithms.entries()) {
      values[index] =
        (values[index] ?? 0) + weight * (range === 0 ? 0.5 : (logarithm - low) / range)
    }
  }
  const total = values.reduce((left, right) => left + right, 0)
  return new Map(rows.map((row, index) => [field(row, 'project_id'), (values[index] ?? 0) / total]))
}

/** A developer has, per month, the mean pre-trust of the on-chain projects that it committed to. */
function developerTrust(
  links: readonly Link[],
  pretrust: ReadonlyMap<string, number>,
): Map<string, number> {
  const projects = new Map<string, Set<string>>()
  for (const { from, to, month } of links) {
    const key = `${month} ${to}`
    projects.set(key, (projects.get(key) ?? new Set()).add(from))
  }
  const trust = new Map<string, number>()
  for (const [key, ids] of projects) {
    const developer = key.slice(key.indexOf(' ') + 1)
    const total = [...ids].reduce((left, id) => left + (pretrust.get(id) ?? 0), 0)
    trust.set(developer, (trust.get(developer) ?? 0) + total / ids.size)
  }
  return trust
}

function utilityByTool(
  folder: string,
  tools: readonly ReadonlyMap<string, string>[],
): Map<string, number> {
  const labels = publishedRows(`${folder}/devtooling__utility_labels.csv`)
  const labelByName = new Map(
    labels.map((row) => [field(row, 'project_name'), field(row, 'recommendation')]),
  )
  return new Map(
    tools.map((row) => {
      const label = labelByName.get(field(row, 'project_name')) ?? ''
      return [field(row, 'project_id'), UTILITY_WEIGHTS.get(label) ?? 1]
    }),
  )
}

function eligibleTools(links: Links): Set<string> {
  const packages = Map.groupBy(links.packages, (link) => link.to)
  const developers = Map.groupBy(links.tools, (link) => link.to)
  const ids = [...packages.keys(), ...developers.keys()]
  const sourceCount = (list: readonly Link[] | undefined) =>
    new Set(list?.map((link) => link.from)).size
  return new Set(
    ids.filter(
      (id) =>
        sourceCount(packages.get(id)) >= PACKAGE_LINKS_MIN ||
        sourceCount(developers.get(id)) >= DEVELOPER_LINKS_MIN,
    ),
  )
}

function ageWeight(month: string, newest: string, decay: number): number {
  const days = (Date.parse(newest) - Date.parse(month)) / 86_400_000
  return Math.exp(((-Math.log(2) / decay) * days) / 365)
}

/** Decimal text with eighteen digits after the point, as a whole number. */
function wholeNumber(value: number): bigint {
  return BigInt(value.toFixed(18).replace('.', ''))
}

function field(row: ReadonlyMap<string, string>, name: string): string {
  return row.get(name) ?? ''
}
