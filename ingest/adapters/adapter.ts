import {
  type ColumnType,
  EVIDENCE,
  type EventSource,
  FatalError,
  type Hex,
  type Relations,
  VIEWS,
  type View,
  parseAddress,
} from '@foggara/schema'
import { type AbiEvent, parseAbiItem } from 'viem'

/**
 * Somebody's contracts in the words of this product: which events to index, and SQL that reads domain
 * rows from them. A folder with a file `adapter.ts` that exports one as `adapter` is all there is to it.
 */
export type Adapter = {
  /** Its tables are called `NAME_SOURCE_EVENT`: lower-case letters, digits and `_`. */
  readonly name: string
  /** Where its contracts are, by chain id; for other chains the configuration says it. */
  readonly chains: Readonly<Record<number, AdapterChain>>
  readonly sources: Readonly<Record<string, AdapterSource>>
  /** SQL per domain relation (`asset`, `edge`, `payment`, …) with the columns of the product's own view. */
  readonly views: Readonly<Record<string, ViewSql | ViewRows>>
  /** Relations of its own, called `NAME_…`, for what the domain has no words for. */
  readonly ownViews?: readonly View[]
}

/** Where an adapter's contracts are on a chain. */
export type AdapterChain = {
  /** The first block that may hold an event of them. */
  readonly startBlock: number
  readonly addresses: Readonly<Record<string, string>>
}

/** Events of an adapter that come from the same contracts. */
export type AdapterSource = {
  /** Names of contracts, as the addresses call them; `any`: whoever emits such an event. */
  readonly contracts: readonly string[] | 'any'
  /** As Solidity writes them, `event Transfer(address indexed from, …)`, or as JSON. */
  readonly events: readonly (string | AbiEvent)[]
}

/** SQL of a relation over the adapter's event tables, or over relations before it. */
export type ViewSql = (from: Relations) => string

/** A relation whose rows are events of one kind. */
export type ViewRows = {
  /** The name of their table, `ADAPTER_SOURCE_EVENT`. */
  readonly events: string
  /** SQL of columns, over `source.…`; others are empty, and the evidence is that of the event. */
  readonly columns: Readonly<Record<string, string>>
  /** What follows, such as `where source.…`. */
  readonly clauses?: string
}

/** An adapter on a chain: what to index and what to show. */
export type PlacedAdapter = {
  readonly sources: readonly EventSource[]
  readonly views: readonly View[]
  readonly startBlock: number | undefined
}

/**
 * Puts an adapter on a chain, at the addresses given or at those that it knows.
 *
 * @throws {AdapterInvalidError | AdapterPlaceError}
 */
export function placeAdapter(
  adapter: Adapter,
  chainId: number,
  given: Readonly<Record<string, string>> | undefined,
): PlacedAdapter {
  const known = adapter.chains[chainId]
  if (given === undefined && known === undefined && contractNames(adapter).length > 0) {
    throw new AdapterPlaceError(adapter, chainId, 'no addresses')
  }
  const addresses = { ...known?.addresses, ...given }
  const odd = Object.keys(given ?? {}).find((name) => !contractNames(adapter).includes(name))
  if (odd !== undefined) throw new AdapterPlaceError(adapter, chainId, `one of ${odd}`)
  const sources = Object.entries(adapter.sources).map(([name, { contracts, events }]) => ({
    name: `${adapter.name}_${name}`,
    events: events.map((event) => parsedEvent(adapter.name, event)),
    addresses: contracts === 'any' ? contracts : contracts.map((each) => addressOf(each)),
  }))
  return { sources, views: viewsOf(adapter), startBlock: known?.startBlock }

  function addressOf(contract: string): Hex {
    const text = addresses[contract]
    if (text !== undefined) return parseAddress(text.toLowerCase(), contract)
    throw new AdapterPlaceError(adapter, chainId, `none of ${contract}`)
  }
}

/**
 * SQL of rows of a domain relation: each column as given, the others empty, the evidence that of the
 * event. The event's columns are there as `source.…`.
 *
 * @example
 * domainRows('asset', from.relation('notes_registry_note_written'), { name: 'source.title' })
 */
export function domainRows(
  relation: string,
  events: string,
  values: Readonly<Record<string, string>>,
  clauses = '',
): string {
  const { columns } = domainView(relation)
  const list = columns.map(({ name, type }) => {
    const value = values[name] ?? (name in EVIDENCE ? `source.${name}` : EMPTY[type])
    if (value === undefined) throw new AdapterInvalidError(relation, `a value of ${name}`, 'none')
    return `cast(${value}, '${type}') as ${name}`
  })
  const odd = Object.keys(values).find((name) => !columns.some((column) => column.name === name))
  if (odd !== undefined) throw new AdapterInvalidError(relation, `a column of ${relation}`, odd)
  return `select ${list.join(', ')} from ${events} as source ${clauses}`
}

/** SQL of the 32 bytes of an id for an address: twelve zeros before it. */
export function idOfAddress(address: string): string {
  return `concat(unhex('000000000000000000000000'), ${address})`
}

const EMPTY: Partial<Record<ColumnType, string>> = {
  Bool: 'false',
  UInt32: '0',
  UInt64: '0',
  UInt256: '0',
  String: "''",
  'FixedString(20)': "toFixedString('', 20)",
  'FixedString(32)': "toFixedString('', 32)",
  'Nullable(UInt64)': 'null',
}

function contractNames({ sources }: Adapter): readonly string[] {
  const all = Object.values(sources).flatMap(({ contracts }) =>
    contracts === 'any' ? [] : contracts,
  )
  return [...new Set(all)]
}

function parsedEvent(adapter: string, event: string | AbiEvent): AbiEvent {
  if (typeof event !== 'string') return event
  try {
    const item = parseAbiItem(event)
    if (item.type === 'event') return item
  } catch (cause) {
    throw new AdapterInvalidError(adapter, 'an event as Solidity writes it', event, cause)
  }
  throw new AdapterInvalidError(adapter, 'an event as Solidity writes it', event)
}

function viewsOf({ name, views, ownViews = [] }: Adapter): readonly View[] {
  const odd = ownViews.find((view) => !view.name.startsWith(`${name}_`))
  if (odd !== undefined) {
    throw new AdapterInvalidError(name, `relations called ${name}_…`, odd.name)
  }
  const domain = Object.entries(views).map(([relation, given]): View => {
    if (typeof given === 'function') return { ...domainView(relation), sql: given }
    const { events, columns, clauses } = given
    const sql: ViewSql = (from) => domainRows(relation, from.relation(events), columns, clauses)
    // What is wrong with its columns is said before anything is opened.
    sql({ nowSeconds: '0', relation: (table) => table })
    return { ...domainView(relation), sql }
  })
  return [...ownViews, ...domain]
}

function domainView(relation: string): View {
  const view = VIEWS.find((candidate) => candidate.name === relation)
  if (view === undefined) {
    const names = VIEWS.map((each) => each.name).join(', ')
    throw new AdapterInvalidError(relation, `a domain relation (${names})`, relation)
  }
  return view
}

/** An adapter is not what one has to be. */
export class AdapterInvalidError extends FatalError {
  constructor(adapter: string, expected: string, found: string, cause?: unknown) {
    const shown = JSON.stringify(found.slice(0, 120))
    super('ADAPTER_INVALID', `adapter ${adapter}: expected ${expected}, found ${shown}`, {
      cause,
      hint: 'docs/adapters.md says what an adapter holds.',
    })
  }
}

/** It is not known where an adapter's contracts are on a chain. */
export class AdapterPlaceError extends FatalError {
  constructor(adapter: Adapter, chainId: number, found: string) {
    const names = contractNames(adapter).join(', ')
    const chains = Object.keys(adapter.chains).join(', ') || 'none'
    super(
      'ADAPTER_ADDRESS_MISSING',
      `adapter ${adapter.name}: expected addresses of ${names} on chain ${chainId}, found ${found}`,
      {
        hint: `It knows chains ${chains}; for others say { adapter: '${adapter.name}', addresses: { … } }.`,
      },
    )
  }
}
