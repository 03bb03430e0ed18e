import type { Hex, SourceFactory } from '@foggara/schema'
import { decodeEventLog, toEventSelector } from 'viem'

import { type LogColumns, blockOf } from './log-columns.ts'
import { type ScannedLog, logsOf, scannedLogs } from './scanned-logs.ts'
import { WantedWords, wordsOf } from './wanted-words.ts'

/** A log that may name a contract that its own made. */
export type FactoryLog = Omit<ScannedLog, 'blockHash'>

/** A contract that a factory made, and by which log it said so. */
type Child = {
  readonly address: Hex
  readonly words: Uint32Array
  readonly block: number
  readonly logIndex: number
  readonly transactionWords: Uint32Array
}

/** The contracts that the factory of a source made, as far as they are known. */
export class Children {
  readonly #factory: SourceFactory
  readonly #listed: ReadonlySet<Hex>
  readonly #topic: Hex
  readonly #known = new WantedWords<Child>()
  #all: Child[] = []

  /** Contracts that the source lists itself count from the first block on, whoever made them. */
  constructor(factory: SourceFactory, listed: readonly Hex[]) {
    this.#factory = factory
    this.#listed = new Set(listed)
    this.#topic = toEventSelector(factory.event)
  }

  get count(): number {
    return this.#all.length
  }

  /** Their addresses from a place on, in the order in which they became known. */
  addressesFrom(place: number): readonly Hex[] {
    return this.#all.slice(place).map(({ address }) => address)
  }

  /** Takes in the contracts that logs of the factory name; of two that name one the first counts. */
  addFrom(columns: LogColumns): void {
    const topic = wordsOf(this.#topic)
    for (let index = 0; index < columns.count; index += 1) {
      const firstTopic = index === 0 ? 0 : (columns.topicEnds[2 * index - 2] ?? 0)
      if (topic.some((word, place) => columns.topics[8 * firstTopic + place] !== word)) continue
      for (const log of logsOf(scannedLogs(columns, index, index + 1))) this.addLog(log)
    }
  }

  /** As `addFrom`, for one log. */
  addLog(log: FactoryLog): void {
    if (!this.#factory.addresses.includes(log.address)) return
    const address = this.#childOf(log)
    if (address === undefined || this.#listed.has(address)) return
    const words = wordsOf(address)
    if (this.#known.find(words, 0) !== undefined) return
    const { block, logIndex, transactionHash } = log
    const transactionWords = wordsOf(transactionHash)
    const child = { address, block, logIndex, words, transactionWords }
    this.#known.add(child)
    this.#all.push(child)
  }

  /** Forgets those that became known in a block or later. */
  forgetFrom(block: number): void {
    for (const child of this.#all) if (child.block >= block) this.#known.delete(child)
    this.#all = this.#all.filter((child) => child.block < block)
  }

  /**
   * Whether a log is of a child that was there already: made in an earlier block, before in the same one,
   * or in the same transaction, whose first log may come from the constructor. `undefined`: of no child.
   */
  counts(columns: LogColumns, index: number): boolean | undefined {
    const child = this.#known.find(columns.addresses, 5 * index)
    if (child === undefined) return undefined
    const block = blockOf(columns, index)
    if (block !== child.block) return block > child.block
    if ((columns.logIndexes[index] ?? 0) >= child.logIndex) return true
    return child.transactionWords.every(
      (word, place) => columns.transactionHashes[8 * index + place] === word,
    )
  }

  #childOf(log: { readonly topics: readonly Hex[]; readonly payload: Hex }): Hex | undefined {
    const { event, parameter } = this.#factory
    try {
      const topics = [...log.topics] as [Hex, ...Hex[]]
      const { args } = decodeEventLog({ abi: [event], topics, data: log.payload })
      const value = (args as unknown as Readonly<Record<string, unknown>>)[parameter]
      return typeof value === 'string' ? (value.toLowerCase() as Hex) : undefined
    } catch {
      // What is not the event's encoding stays in the archive; the view of what was not decoded shows it.
      return undefined
    }
  }
}
