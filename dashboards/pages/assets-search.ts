import { type PlaceSearch, readPlace } from '../app/page-place.ts'
import { type RawSearch, readChoice, readChoices, readText } from '../app/url-search.ts'

/** The kinds of asset, in the order of the domain. */
export const KINDS = ['MODEL', 'DATASET', 'AGENT', 'TOOL', 'COMPUTE'] as const
export type Kind = (typeof KINDS)[number]

export const ASSET_ORDERS = ['BLOCK', 'NAME', 'VERSION_COUNT'] as const
export type AssetOrder = (typeof ASSET_ORDERS)[number]

/** Which assets the table shows, and how. */
export type AssetsSearch = PlaceSearch & {
  readonly q?: string | undefined
  readonly kinds?: readonly Kind[] | undefined
  readonly disputed?: 'yes' | undefined
  readonly sort?: AssetOrder | undefined
  readonly direction?: 'ASC' | 'DESC' | undefined
}

/** Reads the table's state from the URL. */
export function readAssetsSearch(search: RawSearch): AssetsSearch {
  return {
    q: readText(search['q']),
    kinds: readChoices(search['kinds'], KINDS),
    disputed: readChoice(search['disputed'], ['yes']),
    sort: readChoice(search['sort'], ASSET_ORDERS),
    direction: readChoice(search['direction'], ['ASC', 'DESC']),
    ...readPlace(search),
  }
}
