import {
  type EventSource,
  FatalError,
  type Hex,
  invariant,
  sourceEvents,
  sourceTables,
} from '@foggara/schema'
import { toEventSelector } from 'viem'

import type { LogFilter } from '../chain/fetch-range-logs.ts'
import { Children } from './children.ts'
import type { LogColumns } from './log-columns.ts'
import { type Wanted, WantedWords, wantedOf } from './wanted-words.ts'

/** What a log was found to be. */
export type Match = {
  readonly source: number
  readonly event: number
  /** Absent: the source names no addresses, or a factory made this one. */
  readonly address: Wanted | undefined
  readonly topic: Wanted
}

/** Tells of which source a log is, and which event of it. */
export type SourceMatcher = {
  readonly sources: readonly EventSource[]
  /** By source that has a factory, the contracts that it made. */
  readonly children: readonly (Children | undefined)[]
  /** What to ask `eth_getLogs` of a provider for that takes so many addresses at once. */
  readonly asking: (addressesMax: number) => Asking
  readonly sourceNames: readonly string[]
  readonly eventNames: readonly string[]
  /** How many different addresses and topics are wanted. */
  readonly slotCount: number
  /**
   * The bits of what is wanted: a log of it sets those of one address, if any are named, and of one topic.
   */
  readonly blooms: readonly {
    readonly addresses: readonly Wanted[] | undefined
    readonly topics: readonly Wanted[]
  }[]
  /** `uncounted`: the filters let it through, and no source wants it. */
  readonly match: (columns: LogColumns, index: number) => Match | 'uncounted' | undefined
}

/** Filters that let every log of the sources through, and how much of their factories they cover. */
export type Asking = {
  readonly filters: readonly LogFilter[]
  /** By source, how many contracts of its factory are asked for: all there ever will be, or a number. */
  readonly childCounts: readonly number[]
}

/** More addresses are not sent: whoever emits the events is asked for, and the rest left aside here. */
const ADDRESSES_SENT_MAX = 2_000
/** So many requests for one range are worth it to leave nothing aside. */
const FILTERS_SENT_MAX = 16
/** Few addresses are sent as they are, so that a log of another is a fault of the provider. */
const ADDRESSES_EXACT_MAX = FILTERS_SENT_MAX

/** One source, ready to be compared with columns. */
type MatchedSource = {
  readonly source: EventSource
  /** Absent: any address. */
  readonly addresses: WantedWords | undefined
  readonly wantedAddresses: readonly Wanted[] | undefined
  readonly topics: readonly Wanted[]
  /** By slot of the topic, the place of the event in the words of the matcher. */
  readonly events: ReadonlyMap<number, number>
  readonly topicWords: WantedWords
  readonly factory: MatchedFactory | undefined
}

type MatchedFactory = {
  readonly children: Children
  readonly addresses: WantedWords
  readonly wantedAddresses: readonly Wanted[]
  readonly topic: Wanted
  readonly event: number
}

/**
 * Prepares sources, of which no two may claim the same log.
 *
 * @throws {SourcesOverlapError | SourceInvalidError | EventUnsupportedError}
 */
export function openSourceMatcher(sources: readonly EventSource[]): SourceMatcher {
  // Refuses what could not be decoded later.
  for (const source of sources) sourceTables(source)
  checkOverlap(sources)
  const slots = { count: 0 }
  const eventNames = [
    ...new Set(sources.flatMap((source) => sourceEvents(source).map(({ name }) => name))),
  ]
  invariant(sources.length < 256 && eventNames.length < 256, 'words of a column fit one byte')
  const matched = sources.map((source) => matchedSource(source, eventNames, slots))
  return {
    sources,
    children: matched.map(({ factory }) => factory?.children),
    asking: (addressesMax) => askingFor(matched, addressesMax),
    sourceNames: sources.map(({ name }) => name),
    eventNames,
    slotCount: slots.count,
    blooms: matched.flatMap(bloomsOf),
    match: (columns, index) => matchOne(matched, columns, index),
  }
}

function matchedSource(
  source: EventSource,
  eventNames: readonly string[],
  slots: { count: number },
): MatchedSource {
  const { addresses, events, factory } = source
  const topics = wantedOf(events.map(toEventSelector), slots)
  const wantedAddresses = addresses === 'any' ? undefined : wantedOf(addresses, slots)
  const placeOf = (name: string): number => eventNames.indexOf(name)
  return {
    source,
    addresses: wantedAddresses === undefined ? undefined : wordsAmong(wantedAddresses),
    wantedAddresses,
    topics,
    topicWords: wordsAmong(topics),
    events: new Map(topics.map(({ slot }, index) => [slot, placeOf(events[index]?.name ?? '')])),
    factory: factory === undefined ? undefined : matchedFactory(),
  }

  function matchedFactory(): MatchedFactory | undefined {
    if (factory === undefined) return undefined
    const [topic] = wantedOf([toEventSelector(factory.event)], slots)
    invariant(topic !== undefined, 'one text is one word')
    const makers = wantedOf(factory.addresses, slots)
    return {
      children: new Children(factory, addresses === 'any' ? [] : addresses),
      addresses: wordsAmong(makers),
      wantedAddresses: makers,
      topic,
      event: placeOf(factory.event.name),
    }
  }
}

function wordsAmong(all: readonly Wanted[]): WantedWords {
  const words = new WantedWords()
  for (const wanted of all) words.add(wanted)
  return words
}

function askingFor(sources: readonly MatchedSource[], addressesMax: number): Asking {
  const sentMax = Math.min(ADDRESSES_SENT_MAX, FILTERS_SENT_MAX * addressesMax)
  const asked = sources.map(({ source, factory }) => {
    const topics = source.events.map(toEventSelector)
    if (source.addresses === 'any') {
      return { filters: [{ addresses: 'any' as const, topics }], childCount: 0 }
    }
    const made = factory?.children.addressesFrom(0) ?? []
    const known = [...source.addresses, ...made]
    const isWide = known.length > sentMax
    const filters: LogFilter[] = []
    if (known.length > 0) filters.push({ addresses: isWide ? 'any' : known, topics })
    if (source.factory !== undefined) {
      const { addresses, event } = source.factory
      filters.push({ addresses, topics: [toEventSelector(event)] })
    }
    return { filters, childCount: isWide ? Number.POSITIVE_INFINITY : made.length }
  })
  return {
    filters: asked.flatMap(({ filters }) => filters),
    childCounts: asked.map(({ childCount }) => childCount),
  }
}

function bloomsOf({ wantedAddresses, topics, factory }: MatchedSource): SourceMatcher['blooms'] {
  const isLong = (wantedAddresses?.length ?? 0) > ADDRESSES_SENT_MAX
  const isOpen = factory !== undefined || isLong
  const own = { addresses: isOpen ? undefined : wantedAddresses, topics }
  if (factory === undefined) return [own]
  return [own, { addresses: factory.wantedAddresses, topics: [factory.topic] }]
}

function matchOne(
  sources: readonly MatchedSource[],
  columns: LogColumns,
  index: number,
): Match | 'uncounted' | undefined {
  const firstTopic = index === 0 ? 0 : (columns.topicEnds[2 * index - 2] ?? 0)
  if (columns.topicEnds[2 * index] === firstTopic) return undefined
  let isAsked = false
  for (let place = 0; place < sources.length; place += 1) {
    const candidate = sources[place]
    if (candidate === undefined) continue
    const match = matchIn(candidate, place, columns, index, firstTopic)
    if (match !== undefined && match !== 'uncounted') return match
    isAsked ||= match === 'uncounted'
  }
  return isAsked ? 'uncounted' : undefined
}

function matchIn(
  { source: { addresses: listed }, addresses, topicWords, events, factory }: MatchedSource,
  source: number,
  columns: LogColumns,
  index: number,
  firstTopic: number,
): Match | 'uncounted' | undefined {
  if (factory !== undefined && isAt(columns.topics, 8 * firstTopic, factory.topic)) {
    const address = factory.addresses.find(columns.addresses, 5 * index)
    const { event, topic } = factory
    if (address !== undefined) return { source, event, address, topic }
  }
  const topic = topicWords.find(columns.topics, 8 * firstTopic)
  if (topic === undefined) return undefined
  const event = events.get(topic.slot) ?? 0
  const address = addresses?.find(columns.addresses, 5 * index)
  if (address !== undefined || addresses === undefined) return { source, event, address, topic }
  const isChild = factory?.children.counts(columns, index)
  if (isChild === true) return { source, event, address: undefined, topic }
  const isWide = factory !== undefined || listed.length > ADDRESSES_EXACT_MAX
  return isWide ? 'uncounted' : undefined
}

function isAt(column: Uint32Array, at: number, { words }: Wanted): boolean {
  return words.every((word, place) => column[at + place] === word)
}

function checkOverlap(sources: readonly EventSource[]): void {
  for (const [place, one] of sources.entries()) {
    for (const other of sources.slice(place + 1)) {
      const topics = new Set(sourceEvents(one).map(toEventSelector))
      const sharesEvent = sourceEvents(other).some((event) => topics.has(toEventSelector(event)))
      const sharesAddress = haveCommon(emittersOf(one), emittersOf(other))
      const isSame = one.name === other.name
      if (isSame || (sharesEvent && sharesAddress)) {
        throw new SourcesOverlapError(one.name, other.name)
      }
    }
  }
}

/** Contracts made by a factory are nobody else's: two sources with one factory overlap. */
function emittersOf({ addresses, factory }: EventSource): readonly Hex[] | 'any' {
  return addresses === 'any' ? addresses : [...addresses, ...(factory?.addresses ?? [])]
}

function haveCommon(one: readonly Hex[] | 'any', other: readonly Hex[] | 'any'): boolean {
  if (one === 'any' || other === 'any') return true
  const known = new Set(one)
  return other.some((address) => known.has(address))
}

/** Two sources would index the same log. */
export class SourcesOverlapError extends FatalError {
  constructor(one: string, other: string) {
    super('SOURCES_OVERLAP', `expected sources of different logs, found ${one} and ${other}`, {
      hint: 'Name their contracts, or give one source all the events.',
    })
  }
}
