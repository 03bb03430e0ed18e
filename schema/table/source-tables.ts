import { type AbiEvent, keccak256, stringToBytes, toEventSelector } from 'viem'

import { FatalError } from '../errors.ts'
import type { Hex } from '../hex.ts'
import { type Column, type Derivation, EVIDENCE_COLUMNS, type Table, snakeCase } from './column.ts'
import { type DecodedEvent, decodeInSql } from './decode-sql.ts'
import { latestRows } from './relation.ts'

/** Events of somebody's contracts that are indexed beside our own. */
export type EventSource = {
  /** Names its tables and marks its logs in the raw archive: lower-case letters, digits and `_`. */
  readonly name: string
  readonly events: readonly AbiEvent[]
  /** Lower-case addresses of the contracts; `any`: whoever emits such an event. */
  readonly addresses: readonly Hex[] | 'any'
  /** Contracts that make further ones, whose events count from their creation on. */
  readonly factory?: SourceFactory
}

/** Contracts that say in an event which contract they made. */
export type SourceFactory = {
  /** Lower-case addresses. */
  readonly addresses: readonly Hex[]
  readonly event: AbiEvent
  /** The name of the parameter, an address, that is the contract made. */
  readonly parameter: string
}

/**
 * From which block on every log of a part of a source (an address, or the first topic of an event) is
 * there: `covered_from`, of the newest `change` of the configuration the lowest. Logs of a part that was
 * added later are fetched from `live_from` downwards; below `covered_from` nothing of it may be there yet.
 */
export const SOURCE_PART_TABLE: Table = {
  name: 'source_part',
  stream: 'none',
  columns: [
    { name: 'source', type: 'LowCardinality(String)' },
    { name: 'part', type: 'Bytes' },
    { name: 'change', type: 'UInt32' },
    { name: 'live_from', type: 'UInt64' },
    { name: 'covered_from', type: 'UInt64' },
  ],
  orderBy: ['source', 'part', 'change'],
}

/** Makes the view of what of each source is there: a row per part that is configured. */
export const SOURCE_COVERAGE_SQL = `create or replace view source_coverage as select * from (
    select source, part, live_from, covered_from
    from source_part
    order by source, part, change desc, covered_from
    limit 1 by source, part
  ) where covered_from <= live_from`

/** All events of a source, that of its factory last. */
export function sourceEvents({ events, factory }: EventSource): readonly AbiEvent[] {
  if (factory === undefined) return events
  const isListed = events.some((event) => layoutOf(event) === layoutOf(factory.event))
  return isListed ? events : [...events, factory.event]
}

/** A source's own name of each event's view, in the order of {@link sourceEvents}. */
function viewOf(source: EventSource, events: readonly AbiEvent[], place: number): string {
  const name = events[place]?.name ?? ''
  const before = events.slice(0, place).filter((event) => event.name === name).length
  return `${source.name}_${snakeCase(name)}${before === 0 ? '' : `_${before + 1}`}`
}

/**
 * The table of one event of a source. Its rows are computed in SQL from the raw archive: hot ones
 * when they are read, final ones when they are settled. Its name ends in a digest of how, so that
 * another ABI makes another table; the view `view` shows the one that is current.
 */
export type SourceTable = Table & {
  readonly source: string
  readonly view: string
  /** The first topic of its logs. */
  readonly topic: Hex
  readonly derived: Derivation
}

/**
 * One table per event, called by source and event in snake case. Of events that share a name, such as
 * the transfers of ERC-20 and ERC-721, the second is called `…_2`.
 *
 * @throws {SourceInvalidError | EventUnsupportedError}
 */
export function sourceTables(source: EventSource): readonly SourceTable[] {
  checkSource(source)
  const events = sourceEvents(source)
  return events.map((event, place) => {
    const view = viewOf(source, events, place)
    const decoded = decodeInSql(event)
    const columns = [...EVIDENCE_COLUMNS, ADDRESS_COLUMN, ...parameterColumns(event, decoded)]
    const rows = (archive: string, more: readonly string[]): string =>
      decodedRows(source, event, { decoded, columns, archive, more })
    const finalRows = rows('log_settled', [])
    const digest = keccak256(stringToBytes(`${JSON.stringify(columns)}${finalRows}`)).slice(2, 10)
    return {
      name: `${view}_${digest}`,
      stream: 'chain' as const,
      columns,
      orderBy: ['block', 'log_index'],
      source: source.name,
      view,
      topic: toEventSelector(event),
      derived: {
        hotRows: rows('log_hot', ['source.commit_seq as commit_seq']),
        candidates: `select block, commit_seq from log_hot as source where ${labelsOf(source, event)}`,
        finalRows,
      },
    }
  })
}

/** Makes the view of a source's table show it, in one step for every reader. */
export function sourceViewSql(table: SourceTable): string {
  return `create or replace view ${table.view} as ${latestRows(table)}`
}

/** The name of the table that a source's view shows, from the text of the view. */
export function shownTable(view: string, text: string): string | undefined {
  return new RegExp(`\\b(${view}_[0-9a-f]{8})_settled\\b`, 'u').exec(text)?.[1]
}

/** Makes the view of a source's logs that are no event of it, with the reason, or replaces it. */
export function undecodedViewSql(source: EventSource): string {
  const reasons = Object.entries(Object.groupBy(sourceEvents(source), toEventSelector)).map(
    ([topic, events = []]) => {
      const problems = events.map((event) => problemSql(event, decodeInSql(event)))
      const all = `arrayStringConcat([${problems.join(', ')}], '; ')`
      const isOne = problems.map((problem) => `${problem} = ''`).join(' or ')
      return `source.topics[1] = unhex('${topic.slice(2)}'), if(${isOne}, '', ${all})`
    },
  )
  return `create or replace view ${source.name}_undecoded as select * from (
    select
      source.block as block,
      source.log_index as log_index,
      source.transaction_hash as transaction_hash,
      source.at_seconds as at_seconds,
      source.address as address,
      multiIf(${reasons.join(', ')}, 'expected an event of the source') as reason
    from log as source
    where source.contract = '${source.name}'
  ) where reason != ''`
}

const ADDRESS_COLUMN: Column = { name: 'address', type: 'FixedString(20)' }
const TAKEN_NAMES = new Set([...EVIDENCE_COLUMNS, ADDRESS_COLUMN].map(({ name }) => name))

function parameterColumns(event: AbiEvent, { parameters }: DecodedEvent): readonly Column[] {
  return parameters.map(({ type }, index) => {
    const given = snakeCase(event.inputs[index]?.name ?? '').replaceAll('$', '_')
    const name = given === '' ? `parameter_${index}` : given
    return { name: TAKEN_NAMES.has(name) || name === 'commit_seq' ? `event_${name}` : name, type }
  })
}

function decodedRows(
  source: EventSource,
  event: AbiEvent,
  rows: {
    readonly decoded: DecodedEvent
    readonly columns: readonly Column[]
    readonly archive: string
    readonly more: readonly string[]
  },
): string {
  const { decoded, columns, archive, more } = rows
  const evidence = [...EVIDENCE_COLUMNS, ADDRESS_COLUMN].map(({ name }) => `source.${name}`)
  const values = [...evidence, ...decoded.parameters.map(({ value }) => value)]
  const list = columns.map(({ name }, index) => `${values[index]} as \`${name}\``)
  return `select ${[...list, ...more].join(', ')} from ${archive} as source where ${[
    labelsOf(source, event),
    `source.topics[1] = unhex('${toEventSelector(event).slice(2)}')`,
    `${problemSql(event, decoded)} = ''`,
  ].join(' and ')}`
}

/** The archive's own names of an event: its first topic is what its name and types hash to. */
function labelsOf(source: EventSource, event: AbiEvent): string {
  return `source.contract = '${source.name}' and source.event = '${event.name}'`
}

/** Why a log is not the event; empty when it is. */
function problemSql(event: AbiEvent, { parameters, topicCount, headBytes }: DecodedEvent): string {
  const conditions: (readonly [string, string])[] = [
    [`length(source.topics) != ${topicCount}`, `expected ${topicCount} topics`],
    ...(headBytes === 0
      ? []
      : [[`length(source.payload) < ${headBytes}`, `expected ${headBytes} bytes`] as const]),
    ...parameters.flatMap(({ problems }) => problems),
  ]
  const cases = conditions.map(([condition, reason]) => `${condition}, '${event.name}: ${reason}'`)
  return `multiIf(${cases.join(', ')}, '')`
}

function checkSource(source: EventSource): void {
  const { name, addresses, factory } = source
  if (!/^[a-z][a-z0-9_]{0,63}$/u.test(name)) {
    throw new SourceInvalidError(name, 'a name of lower-case letters, digits and _', name)
  }
  if (source.events.length === 0) throw new SourceInvalidError(name, 'at least one event', 'none')
  const isAny = addresses === 'any'
  const all = [...(isAny ? [] : addresses), ...(factory?.addresses ?? [])]
  const bad = all.find((text) => !/^0x[0-9a-f]{40}$/u.test(text))
  if (bad !== undefined || (all.length === 0 && !isAny)) {
    throw new SourceInvalidError(name, 'lower-case addresses', bad ?? 'none')
  }
  if (factory !== undefined) checkFactory(name, isAny, factory)
  const layouts = new Set<string>()
  for (const event of sourceEvents(source)) {
    const words = [event.name, ...event.inputs.map((input) => input.name ?? '')]
    const odd = words.find((word) => !/^[\w$]{0,128}$/u.test(word))
    if (odd !== undefined) throw new SourceInvalidError(name, 'names of Solidity', odd)
    if (event.anonymous === true) throw new SourceInvalidError(name, 'named events', event.name)
    const layout = layoutOf(event)
    if (layouts.has(layout)) throw new SourceInvalidError(name, 'each event once', event.name)
    layouts.add(layout)
  }
}

function checkFactory(name: string, isAny: boolean, factory: SourceFactory): void {
  const { addresses, event, parameter } = factory
  if (isAny) throw new SourceInvalidError(name, 'a factory or addresses of any', 'both')
  if (addresses.length === 0) throw new SourceInvalidError(name, 'a factory’s addresses', 'none')
  const child = event.inputs.find((input) => input.name === parameter)
  if (child?.type !== 'address') {
    throw new SourceInvalidError(name, `an address ${parameter} of ${event.name}`, 'none')
  }
}

function layoutOf({ name, inputs }: AbiEvent): string {
  return JSON.stringify([name, inputs.map(({ type, indexed }) => [type, indexed])])
}

/** A source cannot be made into tables. */
export class SourceInvalidError extends FatalError {
  constructor(source: string, expected: string, found: string) {
    const shown = JSON.stringify(found.slice(0, 80))
    super('SOURCE_INVALID', `source ${source}: expected ${expected}, found ${shown}`, {
      hint: 'Correct the ABI or the list of contracts in the configuration.',
    })
  }
}
