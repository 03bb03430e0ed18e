import { RetryableError } from '@foggara/schema'

import type { EntityChange } from '../entity-cache/entity-store.ts'
import {
  type GraphData,
  type GraphNode,
  GraphNodeResponseInvalidError,
  fieldsOf,
  listOf,
} from './graph-node.ts'
import { readEntity, selectionOf } from './read-entity.ts'
import type { RemoteType } from './remote-schema.ts'

/** The head of a subgraph, as it says so itself. */
export type RemoteHead = {
  readonly number: number
  /** Lower-case hex after `0x`. */
  readonly hash: string
  readonly deployment: string
  readonly hasIndexingErrors: boolean
}

/** What to read: the entities that changed from `first` to `last`, as they are at `last`. */
export type PassRange = { readonly first: number; readonly last: number }

/** How to ask for a pass. */
export type PassReading = {
  readonly node: GraphNode
  /** Reads what a subgraph with indexing errors has. */
  readonly allowsErrors: boolean
  /**
   * A word of letters and digits that no other pass has. graph-node 0.45 caches the answers for a
   * block by its number alone, and gives those of the old branch after a reorganisation: only a
   * query that was never asked before is answered from the tables.
   */
  readonly mark: string
  /** Hears the subgraph's head as of each answer; may throw to end the reading. */
  readonly onHead: (head: RemoteHead) => Promise<void>
}

/** Rows of one answer and list: the most that graph-node gives. */
const PAGE_ROW_COUNT = 1000
const LISTS_PER_QUERY = 24

const META = '_meta { block { number hash } deployment hasIndexingErrors }'

/** Asks for the head of the subgraph. */
export async function readHead(node: GraphNode): Promise<RemoteHead> {
  return headOf(await node.ask(`{ ${META} }`))
}

/** The newest versions of what changed in the range, page by page; each entity comes once. */
export async function* readChanges(
  reading: PassReading,
  types: readonly RemoteType[],
  { first, last }: PassRange,
): AsyncGenerator<readonly EntityChange[]> {
  const change = first === 0 ? '' : `_change_block: { number_gte: ${first} }`
  const pages = readPages(reading, types, {
    last,
    condition: change,
    selection: (listed) => selectionOf(listed.type),
  })
  for await (const { listed, rows } of pages) {
    yield rows.map((row) => {
      const entityType = listed.type.name
      // The API does not say the vid of a version.
      return { type: 'overwrite', entityType, ...entityOf(reading.node, listed, row), vid: 0n }
    })
  }
}

/** The ids of all entities that are there at a block, page by page. */
export async function* readIds(
  reading: PassReading,
  types: readonly RemoteType[],
  last: number,
): AsyncGenerator<{ readonly entityType: string; readonly ids: readonly string[] }> {
  const pages = readPages(reading, types, { last, condition: '', selection: () => 'id' })
  for await (const { listed, rows } of pages) {
    yield { entityType: listed.type.name, ids: rows.map(({ id }) => String(id)) }
  }
}

type PageQuery = {
  readonly last: number
  readonly condition: string
  readonly selection: (listed: RemoteType) => string
}

type Page = { readonly listed: RemoteType; readonly rows: readonly GraphData[] }

/** Lists are asked for together; those that fill their page are asked again from the last id on. */
async function* readPages(
  { node, allowsErrors, mark, onHead }: PassReading,
  types: readonly RemoteType[],
  { last, condition, selection }: PageQuery,
): AsyncGenerator<Page> {
  const errors = allowsErrors ? 'allow' : 'deny'
  let open = types.map((listed) => ({ listed, after: '' }))
  while (open.length > 0) {
    const asked = open.slice(0, LISTS_PER_QUERY)
    const lists = asked.map(({ listed, after }, index) => {
      const where = [condition, after === '' ? '' : `id_gt: ${JSON.stringify(after)}`]
      return `${mark}_${index}: ${listed.listName}(
        first: ${PAGE_ROW_COUNT}, orderBy: id, orderDirection: asc,
        where: { ${where.filter(Boolean).join(', ')} },
        block: { number: ${last} }, subgraphError: ${errors}
      ) { ${selection(listed)} }`
    })
    const answer = await node.ask(`{ ${META} ${lists.join('\n')} }`)
    await onHead(headOf(answer))
    const unfinished: typeof open = []
    for (const [index, { listed }] of asked.entries()) {
      const rows = listOf(answer[`${mark}_${index}`]).map(fieldsOf)
      if (rows.length > 0) yield { listed, rows }
      const lastId = rows.at(-1)?.['id']
      if (rows.length === PAGE_ROW_COUNT) unfinished.push({ listed, after: String(lastId) })
    }
    open = [...unfinished, ...open.slice(LISTS_PER_QUERY)]
  }
}

function entityOf({ shownUrl }: GraphNode, { type }: RemoteType, row: GraphData) {
  try {
    return readEntity(type, row)
  } catch (error) {
    throw new GraphNodeResponseInvalidError(shownUrl, JSON.stringify(row), error)
  }
}

function headOf(answer: GraphData): RemoteHead {
  const { block, deployment, hasIndexingErrors } = fieldsOf(answer['_meta'])
  const { number, hash } = fieldsOf(block)
  if (typeof number !== 'number' || typeof hash !== 'string') throw new NotStartedError(answer)
  return {
    number,
    hash: hash.toLowerCase(),
    deployment: String(deployment),
    hasIndexingErrors: hasIndexingErrors === true,
  }
}

/** The subgraph has no block yet. */
export class NotStartedError extends RetryableError {
  constructor(found: unknown) {
    const shown = JSON.stringify(found)?.slice(0, 100) ?? 'nothing'
    super('GRAPH_NODE_NOT_STARTED', `expected the subgraph’s newest block, found ${shown}`)
  }
}
