import {
  type ChainCut,
  type ClickHouseClient,
  type StoredChain,
  chainCut,
  readChainCatalogue,
  storedChains,
} from '@foggara/database'
import { type ChainCatalogue, FatalError } from '@foggara/schema'

import { type Pins, createPins } from './sql/pins.ts'
import { type StatementCache, createStatementCache } from './sql/statement-cache.ts'

/** The database of one chain, and what requests share of it. */
export type ChainPlace = {
  readonly client: ClickHouseClient
  readonly pins: Pins
  readonly cache: StatementCache
}

/** Every chain that is indexed into the server. */
export type Chains = AsyncDisposable & {
  list(): Promise<readonly StoredChain[]>
  /** What is known of a chain at its newest block, or at the last one that is not after the time. */
  cut(chain: StoredChain, atSeconds: number | undefined): Promise<ChainCut | undefined>
  /**
   * Where a chain's events are, by its name.
   *
   * @throws {ChainUnknownError}
   */
  place(name: string): Promise<ChainPlace>
  /** The source events of a chain and the SQL views that show them. */
  catalogue(database: string): Promise<ChainCatalogue>
}

/** An ABI that changes brings another table into use: it is looked for so often. */
const CATALOGUE_HOLD_MS = 1_000

/** Finds chains through the product's own database; `open` gives a reader's client of another one. */
export function createChains(
  client: ClickHouseClient,
  open: ((database: string) => ClickHouseClient) | undefined,
): Chains {
  const places = new Map<string, ChainPlace>()
  const catalogues = new Map<string, Promise<ChainCatalogue>>()
  const placeOf = (database: string): ChainPlace => {
    const known = places.get(database)
    if (known !== undefined) return known
    const own = open?.(database) ?? client
    const place = { client: own, pins: createPins(own), cache: createStatementCache() }
    places.set(database, place)
    return place
  }
  const list = async () => (open === undefined ? [] : storedChains(client))
  return {
    list,
    cut: (chain, atSeconds) => chainCut(placeOf(chain.database).client, chain, atSeconds),
    place: async (name) => {
      const chains = await list()
      const chain = chains.find((each) => each.name === name)
      if (chain === undefined) throw new ChainUnknownError(name, chains)
      return placeOf(chain.database)
    },
    catalogue: (database) => {
      const held = catalogues.get(database)
      if (held !== undefined) return held
      const reading = readChainCatalogue(placeOf(database).client)
      catalogues.set(database, reading)
      const forget = (): void => {
        catalogues.delete(database)
      }
      reading.then(() => setTimeout(forget, CATALOGUE_HOLD_MS).unref(), forget)
      return reading
    },
    [Symbol.asyncDispose]: async () => {
      const own = [...places.values()].map((place) => place.client)
      await Promise.all(own.filter((each) => each !== client).map((each) => each.close()))
    },
  }
}

/** No chain of that name is indexed. */
export class ChainUnknownError extends FatalError {
  constructor(name: string, known: readonly StoredChain[]) {
    const shown = JSON.stringify(name.slice(0, 60))
    super('CHAIN_UNKNOWN', `expected a chain that is indexed, found ${shown}`, {
      hint: `Known: ${known.map((chain) => chain.name).join(', ') || 'none'}.`,
    })
  }
}
