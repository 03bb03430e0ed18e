import {
  type ClickHouseClient,
  type StoredChain,
  chainCut,
  openClient,
  queryRows,
  readChainCatalogue,
  storedChains,
} from '@foggara/database'
import {
  type ChainCatalogue,
  FatalError,
  VIEWS,
  pinnedRelations,
  selectText,
} from '@foggara/schema'

import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { suggestion } from '../nearest-name.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { type ShownChain, chainLines, chainObject, cutObject } from './chain-lines.ts'

/** What `foggara chains` was asked. */
export type ChainsRequest = {
  readonly atSeconds: number | undefined
  /** Whose rows are printed. */
  readonly relation: string | undefined
  readonly chain: string | undefined
  readonly asJson: boolean
}

/** Runs `foggara chains`: 0 where no chain stands still. */
export async function showChains(
  options: OptionValues,
  context: Context,
  request: ChainsRequest,
): Promise<number> {
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, context.warn)
  const all = await storedChains(database.client)
  const chains = all.filter(({ name }) => request.chain === undefined || name === request.chain)
  if (request.chain !== undefined && chains.length === 0) {
    throw new ChainUnknownError(request.chain, all)
  }
  if (all.length === 0) context.warn('no chain was indexed into this database yet')
  let exitCode = 0
  const found: { readonly shown: ShownChain; readonly client: ClickHouseClient }[] = []
  try {
    for (const chain of chains) {
      const client = openClient({ ...database.reader, database: chain.database })
      found.push({ client, shown: await readChain(client, chain, request.atSeconds) })
      if (chain.state === 'stopped') exitCode = 1
    }
    if (request.relation === undefined)
      printChains(
        found.map(({ shown }) => shown),
        request,
        context,
      )
    else await printRows(found, request.relation, context)
  } finally {
    await Promise.all(found.map(({ client }) => client.close()))
  }
  return exitCode
}

async function readChain(
  client: ClickHouseClient,
  chain: StoredChain,
  atSeconds: number | undefined,
): Promise<ShownChain> {
  const cut = await chainCut(client, chain, atSeconds)
  const isOther = chain.sources.length > 0
  const catalogue = isOther && cut !== undefined ? await readChainCatalogue(client) : undefined
  return { chain, cut, catalogue }
}

function printChains(
  shown: readonly ShownChain[],
  { asJson }: ChainsRequest,
  { print, nowMs }: Context,
): void {
  if (asJson) for (const each of shown) print(JSON.stringify(chainObject(each, nowMs())))
  else for (const line of chainLines(shown, nowMs())) print(line)
}

/** The rows of each chain in the order of the relation's key, so that two runs print the same. */
async function printRows(
  found: readonly { readonly shown: ShownChain; readonly client: ClickHouseClient }[],
  relation: string,
  { print }: Context,
): Promise<void> {
  const known = found.flatMap(({ shown }) => viewsOf(shown).map(({ name }) => name))
  if (!known.includes(relation)) throw new ChainRelationUnknownError(relation, known)
  for (const { shown } of found) print(JSON.stringify({ type: 'chain', ...cutObject(shown) }))
  for (const { shown, client } of found) {
    const { chain, cut, catalogue } = shown
    const view = viewsOf(shown).find(({ name }) => name === relation)
    if (view === undefined || cut === undefined) continue
    const rows = await queryRows<object>(
      client,
      `${selectText(view.columns, pinnedRelations(cut.pin, catalogue).relation(relation))}
      order by ${view.key.map((column) => `source.${column}`).join(', ')}`,
    )
    for (const row of rows) print(JSON.stringify({ type: 'row', chain: chain.name, ...row }))
  }
}

function viewsOf({ catalogue, cut }: ShownChain): ChainCatalogue['views'] {
  if (cut === undefined) return []
  return catalogue === undefined ? VIEWS : catalogue.views
}

/** No chain of that name was indexed. */
export class ChainUnknownError extends FatalError {
  constructor(name: string, chains: readonly StoredChain[]) {
    super('CHAIN_UNKNOWN', `expected a chain that is indexed, found ${JSON.stringify(name)}`, {
      hint: suggestion(
        name,
        chains.map((chain) => chain.name),
      ),
    })
  }
}

/** No chain has a relation of that name. */
export class ChainRelationUnknownError extends FatalError {
  constructor(name: string, known: readonly string[]) {
    const found = JSON.stringify(name)
    super('CHAIN_RELATION_UNKNOWN', `expected a relation of some chain, found ${found}`, {
      hint:
        known.length === 0
          ? 'Relations come from adapters, and no chain here has one.'
          : suggestion(name, [...new Set(known)]),
    })
  }
}
