import type { Subgraph } from '../manifest/manifest.ts'
import type { LogInterest } from '../subgraph-runner.ts'

/** What `eth_getLogs` is asked for, besides the blocks. */
export type LogFilter = {
  /** Undefined for any address. */
  readonly addresses: readonly string[] | undefined
  readonly topics: readonly string[]
}

/** Whether somebody wants to see a log. */
export type LogMatcher = (address: string, topic: string | undefined) => boolean

/** More addresses than these go unfiltered: a longer list is refused by some providers. */
const ADDRESS_COUNT_MAX = 500

/** The filter that lets all of these logs through, and maybe others; undefined where there are none. */
export function logFilter(interests: readonly LogInterest[]): LogFilter | undefined {
  const heard = interests.filter(({ topics }) => topics.length > 0)
  if (heard.length === 0) return undefined
  const addresses = [...new Set(heard.flatMap(({ address }) => address ?? []))].toSorted()
  const isAnywhere = heard.some(({ address }) => address === undefined)
  const topics = [...new Set(heard.flatMap((interest) => interest.topics))].toSorted()
  return {
    addresses: isAnywhere || addresses.length > ADDRESS_COUNT_MAX ? undefined : addresses,
    topics,
  }
}

/**
 * Everything that a subgraph may want of a block in which one of its handlers runs: a data source
 * that is created there hears the whole block, and its address is not known before.
 */
export function possibleInterests(
  subgraph: Subgraph,
  interests: readonly LogInterest[],
): readonly LogInterest[] {
  const topics = subgraph.templates.flatMap(({ eventHandlers }) =>
    eventHandlers.flatMap((handler) => handler.topics[0] ?? []),
  )
  return topics.length === 0 ? interests : [...interests, { address: undefined, topics }]
}

/** The parameters of `eth_getLogs` for a filter and its blocks. */
export function filterParameters(
  filter: LogFilter,
  blocks: Readonly<Record<string, string>>,
): readonly unknown[] {
  const { addresses, topics } = filter
  const address = addresses === undefined ? {} : { address: addresses }
  return [{ ...blocks, ...address, topics: [topics] }]
}

/** Tells exactly which logs are wanted by address and first topic. */
export function logMatcher(interests: readonly LogInterest[]): LogMatcher {
  const anywhere = new Set<string>()
  const byAddress = new Map<string, Set<string>>()
  for (const { address, topics } of interests) {
    if (address === undefined) for (const topic of topics) anywhere.add(topic)
    else {
      const known = byAddress.get(address) ?? new Set<string>()
      for (const topic of topics) known.add(topic)
      byAddress.set(address, known)
    }
  }
  return (address, topic) =>
    topic !== undefined && (anywhere.has(topic) || byAddress.get(address)?.has(topic) === true)
}
