import { type EventSource, FatalError, type Hex, invariant, sourceTables } from '@foggara/schema'
import { toEventSelector } from 'viem'

import { type BloomBits, bloomBits } from '../chain/bloom.ts'
import type { LogColumns } from './log-columns.ts'

/** A word sequence that is looked for: an address or a first topic. */
type Wanted = {
  readonly words: Uint32Array
  readonly bits: BloomBits
  /** Its number among all that are wanted. */
  readonly slot: number
}

/** One source, ready to be compared with columns. */
type MatchedSource = {
  readonly name: string
  /** Absent: any address. */
  readonly addresses: WantedWords | undefined
  readonly topics: WantedWords
  /** By slot of the topic, the place of the event in the words of the matcher. */
  readonly events: ReadonlyMap<number, number>
}

/** What a log was found to be. */
export type Match = {
  readonly source: number
  readonly event: number
  readonly address: Wanted | undefined
  readonly topic: Wanted
}

/** Tells of which source a log is, and which event of it. */
export type SourceMatcher = {
  /** What to ask `eth_getLogs` for, without a range. */
  readonly filters: readonly Readonly<Record<string, unknown>>[]
  readonly sourceNames: readonly string[]
  readonly eventNames: readonly string[]
  /** How many different addresses and topics are wanted. */
  readonly slotCount: number
  /** The bits of each filter: a log of it sets those of one address, if any are named, and of one topic. */
  readonly blooms: readonly {
    readonly addresses: readonly BloomBits[] | undefined
    readonly topics: readonly BloomBits[]
  }[]
  readonly match: (columns: LogColumns, index: number) => Match | undefined
}

/**
 * Prepares sources, of which no two may claim the same log.
 *
 * @throws {SourcesOverlapError | SourceInvalidError | EventUnsupportedError}
 */
export function openSourceMatcher(sources: readonly EventSource[]): SourceMatcher {
  checkOverlap(sources)
  const slots = { count: 0 }
  const eventNames: string[] = []
  const matched = sources.map((source): MatchedSource => {
    // Refuses what could not be decoded later.
    sourceTables(source)
    const topics = new WantedWords(source.events.map(toEventSelector), slots)
    for (const event of source.events) {
      if (!eventNames.includes(event.name)) eventNames.push(event.name)
    }
    const { name, addresses, events } = source
    const placeOf = (index: number): number => eventNames.indexOf(events[index]?.name ?? '')
    return {
      name,
      addresses: addresses === 'any' ? undefined : new WantedWords(addresses, slots),
      topics,
      events: new Map(topics.all.map(({ slot }, index) => [slot, placeOf(index)])),
    }
  })
  invariant(sources.length < 256 && eventNames.length < 256, 'words of a column fit one byte')
  return {
    filters: sources.map(filterOf),
    sourceNames: matched.map(({ name }) => name),
    eventNames,
    slotCount: slots.count,
    blooms: matched.map(({ addresses, topics }) => ({
      addresses: addresses?.all.map(({ bits }) => bits),
      topics: topics.all.map(({ bits }) => bits),
    })),
    match: (columns, index) => matchOne(matched, columns, index),
  }
}

function matchOne(
  sources: readonly MatchedSource[],
  columns: LogColumns,
  index: number,
): Match | undefined {
  const firstTopic = index === 0 ? 0 : (columns.topicEnds[2 * index - 2] ?? 0)
  if (columns.topicEnds[2 * index] === firstTopic) return undefined
  for (let source = 0; source < sources.length; source += 1) {
    const candidate = sources[source]
    const topic = candidate?.topics.find(columns.topics, 8 * firstTopic)
    if (candidate === undefined || topic === undefined) continue
    const address = candidate.addresses?.find(columns.addresses, 5 * index)
    if (address === undefined && candidate.addresses !== undefined) continue
    return { source, event: candidate.events.get(topic.slot) ?? 0, address, topic }
  }
  return undefined
}

/** Byte sequences by their first word. */
class WantedWords {
  readonly all: readonly Wanted[]
  readonly #byFirst = new Map<number, readonly Wanted[]>()

  constructor(texts: readonly Hex[], slots: { count: number }) {
    this.all = texts.map((text) => {
      const bytes = Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
      slots.count += 1
      return {
        words: new Uint32Array(bytes.buffer),
        bits: bloomBits(text),
        slot: slots.count - 1,
      }
    })
    for (const wanted of this.all) {
      const first = wanted.words[0] ?? 0
      this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), wanted])
    }
  }

  find(column: Uint32Array, at: number): Wanted | undefined {
    return this.#byFirst.get(column[at] ?? 0)?.find(({ words }) => {
      for (let word = 1; word < words.length; word += 1) {
        if (words[word] !== column[at + word]) return false
      }
      return true
    })
  }
}

function filterOf({ addresses, events }: EventSource): Readonly<Record<string, unknown>> {
  const topics = [events.map(toEventSelector)]
  return addresses === 'any' ? { topics } : { address: addresses, topics }
}

function checkOverlap(sources: readonly EventSource[]): void {
  for (const [place, one] of sources.entries()) {
    for (const other of sources.slice(place + 1)) {
      const topics = new Set(one.events.map(toEventSelector))
      const sharesEvent = other.events.some((event) => topics.has(toEventSelector(event)))
      const sharesAddress = haveCommon(one.addresses, other.addresses)
      const isSame = one.name === other.name
      if (isSame || (sharesEvent && sharesAddress)) {
        throw new SourcesOverlapError(one.name, other.name)
      }
    }
  }
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
