import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  type EventSource,
  FatalError,
  type Hex,
  SOURCE_PART_TABLE,
  sourceEvents,
} from '@foggara/schema'
import { toEventSelector } from 'viem'

import { insertTable } from '../store/insert.ts'
import type { SourceStore } from './source-store.ts'

/** An address or a first topic of a source, and how far down its logs are there. */
export type SourcePart = {
  readonly source: string
  readonly part: Hex
  readonly change: number
  /** The first block that was asked for with it. */
  readonly liveFrom: number
  /** The first block from which on all its logs are there. */
  readonly coveredFrom: number
}

type WantedPart = Pick<SourcePart, 'source' | 'part'> & { readonly isFactory: boolean }

/** Nothing is covered of a part that is not wanted any more. */
const NEVER = Number.MAX_SAFE_INTEGER

/** What is known of all parts that were ever wanted, the newest change of each. */
export async function readParts(client: ClickHouseClient): Promise<readonly SourcePart[]> {
  const rows = await queryRows<PartRow>(
    client,
    `select source, concat('0x', lower(hex(part))) as part_text, change, live_from, covered_from
    from source_part
    order by source, part, change desc, covered_from
    limit 1 by source, part`,
  )
  return rows.map((row) => ({
    source: row.source,
    part: row.part_text,
    change: row.change,
    liveFrom: Number(row.live_from),
    coveredFrom: Number(row.covered_from),
  }))
}

/**
 * Notes which addresses and events are wanted. Where that changed, blocks that are not final are asked for
 * again with what is wanted now, and of what is new everything final is a gap.
 *
 * @throws {SourceFactoryLateError}
 */
export async function noteParts(
  client: ClickHouseClient,
  store: Pick<SourceStore, 'head' | 'settled' | 'retractFrom'>,
  sources: readonly EventSource[],
  startBlock: number,
): Promise<void> {
  const stored = await readParts(client)
  const known = new Map(stored.map((each) => [keyOf(each), each]))
  const wanted = new Map(sources.flatMap(partsOf).map((each) => [keyOf(each), each]))
  const isEmpty = store.head() === undefined
  const added = [...wanted].flatMap(([key, each]) => {
    const coveredFrom = known.get(key)?.coveredFrom ?? NEVER
    // A start block that was corrected before anything was stored is no gap.
    return coveredFrom === NEVER || (isEmpty && coveredFrom !== startBlock) ? [each] : []
  })
  const removed = stored.filter((each) => each.coveredFrom !== NEVER && !wanted.has(keyOf(each)))
  if (added.length === 0 && removed.length === 0) return
  const liveFrom = (store.settled()?.block ?? startBlock - 1) + 1
  const late = added.find(({ isFactory }) => isFactory)
  if (late !== undefined && liveFrom > startBlock) throw new SourceFactoryLateError(late.source)
  // Before anything is noted: a start that is cut short between the two finds the change again.
  if (!isEmpty) await store.retractFrom(liveFrom)
  const change = 1 + stored.reduce((last, each) => Math.max(last, each.change), 0)
  await writeParts(client, [
    ...added.map(({ source, part }) => ({ source, part, change, liveFrom, coveredFrom: liveFrom })),
    ...removed.map(({ source, part }) => ({ source, part, change, liveFrom, coveredFrom: NEVER })),
  ])
}

/** Stores how far down parts are there. */
export async function writeParts(
  client: ClickHouseClient,
  parts: readonly SourcePart[],
): Promise<void> {
  const rows = parts.map((each) => ({
    source: each.source,
    part: each.part,
    change: each.change,
    live_from: each.liveFrom,
    covered_from: each.coveredFrom,
  }))
  const [first] = parts
  const seed = `${first?.source} ${first?.part} ${first?.change} ${first?.coveredFrom} ${rows.length}`
  const { name: table, columns } = SOURCE_PART_TABLE
  await insertTable(client, { table, columns, rows }, seed)
}

/** `any` address is the part without bytes. */
function partsOf(source: EventSource): readonly WantedPart[] {
  const { name, addresses, factory } = source
  const topics = sourceEvents(source).map(toEventSelector)
  const own = addresses === 'any' ? (['0x'] as const) : addresses
  const part = (isFactory: boolean) => (each: Hex) => ({ source: name, part: each, isFactory })
  return [...[...own, ...topics].map(part(false)), ...(factory?.addresses ?? []).map(part(true))]
}

function keyOf({ source, part }: Pick<SourcePart, 'source' | 'part'>): string {
  return `${source} ${part}`
}

type PartRow = {
  readonly source: string
  readonly part_text: Hex
  readonly change: number
  readonly live_from: string
  readonly covered_from: string
}

/** A factory is named for blocks that are indexed already: what it made in them is not known. */
export class SourceFactoryLateError extends FatalError {
  constructor(source: string) {
    super(
      'SOURCE_FACTORY_LATE',
      `source ${source}: expected the factories it began with, found more`,
      {
        hint: 'Index into an empty database: what a factory made before is learned from the first block on.',
      },
    )
  }
}
