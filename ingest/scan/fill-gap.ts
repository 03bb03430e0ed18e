import { type ClickHouseClient, command, queryRows } from '@foggara/database'
import { type Hex, columnNames, invariant, settledTable, sourceTables } from '@foggara/schema'
import { toEventSelector } from 'viem'

import type { LogFilter } from '../chain/fetch-range-logs.ts'
import { RpcInconsistentError } from '../chain/rpc-errors.ts'
import type { BlockSpan } from '../chain/rpc-verdict.ts'
import { insertColumns } from '../store/insert.ts'
import { type CheckedLogs, checkLogs, without } from './check-logs.ts'
import { type SourceContext, fetchSources } from './fetch-sources.ts'
import { logRows } from './log-batch.ts'
import { blockOf } from './log-columns.ts'
import { type SourcePart, readParts, writeParts } from './source-parts.ts'

/** What filling gaps works with. */
export type GapContext = SourceContext & {
  readonly client: ClickHouseClient
  readonly startBlock: number
  /** The stored hash of a final block. */
  readonly hashOf: (block: number) => Promise<Hex | undefined>
}

/** What was fetched of a source's past. */
export type FilledGap = { readonly source: string; readonly coveredFrom: number }

/** Blocks of one step, between two looks at the chain. */
const STEP_BLOCKS = 1_000

/**
 * Fetches some more of the past of parts that were added late, downwards, into the settled tables; what it
 * filled, `undefined` when there is no gap. A step that was cut short is done again: what is there already
 * is left out.
 */
export async function fillGap(context: GapContext): Promise<FilledGap | undefined> {
  const { client } = context
  const firstBlock = await firstStored(context)
  const open = (await readParts(client)).filter(
    ({ coveredFrom, liveFrom }) => coveredFrom > firstBlock && coveredFrom <= liveFrom,
  )
  const [first] = open
  if (first === undefined) return undefined
  const { source, coveredFrom } = first
  const parts = open.filter((each) => each.source === source && each.coveredFrom === coveredFrom)
  const from = Math.max(firstBlock, coveredFrom - STEP_BLOCKS)
  await fillSpan(context, parts, { from, to: coveredFrom - 1 })
  await writeParts(
    client,
    parts.map((each) => ({ ...each, coveredFrom: from })),
  )
  return { source, coveredFrom: from }
}

/** Blocks before the first one that is stored are none of the index, wherever it is to begin now. */
async function firstStored({ client, startBlock }: GapContext): Promise<number> {
  const [row] = await queryRows<{ block: string }>(
    client,
    'select min(block) as block from block_settled having count() > 0',
  )
  return Math.max(startBlock, Number(row?.block ?? startBlock))
}

async function fillSpan(
  context: GapContext,
  parts: readonly SourcePart[],
  span: BlockSpan,
): Promise<void> {
  const { matcher, hashOf } = context
  const place = matcher.sources.findIndex(({ name }) => name === parts[0]?.source)
  const filters = filtersFor(context, place, new Set(parts.map(({ part }) => part)))
  const asking = { filters, childCounts: [] }
  const { provider, headers, columns } = await fetchSources(context, span, () => asking)
  const last = headers.at(-1)
  invariant(last !== undefined, 'a span has blocks')
  const ours = await hashOf(last.block)
  const { shownUrl } = provider
  if (ours !== last.hash) {
    throw new RpcInconsistentError(shownUrl, `block ${last.block} to be ${ours}`, last.hash)
  }
  const { trustsBloom } = provider.headers
  const checked = checkLogs({ shownUrl, matcher, headers, trustsBloom }, columns)
  await store(context, place, span, checked)
}

/** New addresses with all topics, and the others with new topics: no log twice. */
function filtersFor(
  { matcher }: GapContext,
  place: number,
  parts: ReadonlySet<Hex>,
): readonly LogFilter[] {
  const source = matcher.sources[place]
  invariant(source !== undefined, 'the parts are of a source')
  const topics = source.events.map(toEventSelector)
  const { addresses } = source
  if (addresses === 'any') return [{ addresses, topics }]
  const made = matcher.children[place]?.addressesFrom(0) ?? []
  const [added = [], others = []] = [true, false].map((isNew) =>
    addresses.filter((address) => parts.has(address) === isNew),
  )
  const newTopics = topics.filter((topic) => parts.has(topic))
  const filters: readonly LogFilter[] = [
    { addresses: added, topics },
    { addresses: [...others, ...made], topics: newTopics },
  ]
  return filters.filter((filter) => filter.addresses.length > 0 && filter.topics?.length !== 0)
}

async function store(
  { client, matcher }: GapContext,
  place: number,
  { from, to }: BlockSpan,
  checked: CheckedLogs,
): Promise<void> {
  const source = matcher.sources[place]
  invariant(source !== undefined, 'the logs are of a source')
  const within = `block >= ${from} and block <= ${to}`
  const rows = await queryRows<{ block: string; log_index: number }>(
    client,
    `select block, log_index from log_settled where ${within} order by block, log_index`,
  )
  const there = new Set(rows.map((row) => `${row.block} ${row.log_index}`))
  const { columns } = checked
  const doubled = Array.from({ length: columns.count }, (_, index) => index).filter((index) =>
    there.has(`${blockOf(columns, index)} ${columns.logIndexes[index]}`),
  )
  const fresh = without(checked, doubled)
  if (fresh.columns.count > 0) {
    const tokenSeed = `gap ${source.name} ${from}-${to} ${doubled.length}`
    await insertColumns(client, 'log_settled', logRows(matcher, [fresh]), { tokenSeed })
  }
  for (const table of sourceTables(source)) {
    const names = columnNames(table).join(', ')
    const settled = settledTable(table)
    await command(
      client,
      `insert into ${settled} (${names}) select ${names} from (${table.derived.finalRows}) as computed
      where ${within} and (block, log_index) not in (
        select block, log_index from ${settled} where ${within}
      )
      order by block, log_index`,
    )
  }
}
