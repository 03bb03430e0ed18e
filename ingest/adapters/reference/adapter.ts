import {
  ASSET_VIEWS,
  type ContractName,
  EVENT_TABLES,
  MARKET_VIEWS,
  type Relations,
  eventsOf,
  snakeCase,
} from '@foggara/schema'

import type { Adapter, ViewSql } from '../adapter.ts'

/** Contracts whose events the domain relations of assets and of the market are made of. */
const CONTRACTS: readonly ContractName[] = [
  'OwnershipNFT',
  'LicenseNFT',
  'ContributionNFT',
  'Marketplace',
  'RevenueVault',
  'VotesToken',
]

/**
 * The reference contracts on one more chain: `{ adapter: 'reference', addresses: { OwnershipNFT: '0x…', … } }`.
 *
 * The deployment that is scored has written tables, receipts, epochs and accumulators; a copy of the
 * contracts elsewhere has none of them here, only what its events say about assets and the market, through
 * the very SQL of the product's own views.
 */
export const adapter: Adapter = {
  name: 'reference',
  chains: {},
  sources: Object.fromEntries(
    CONTRACTS.map((contract) => [
      snakeCase(contract),
      { contracts: [contract], events: eventsOf(contract) },
    ]),
  ),
  views: Object.fromEntries(
    [...ASSET_VIEWS, ...MARKET_VIEWS].map(({ name, sql }): [string, ViewSql] => [
      name,
      (from) => sql(overSources(from)),
    ]),
  ),
}

/** Where the product's views say a table's name, the adapter's table of the same event is meant. */
function overSources(from: Relations): Relations {
  return {
    nowSeconds: from.nowSeconds,
    relation: (name) => {
      const table = EVENT_TABLES.find((each) => each.name === name)
      if (table === undefined) return from.relation(name)
      return from.relation(`reference_${snakeCase(table.contract)}_${name}`)
    },
  }
}
