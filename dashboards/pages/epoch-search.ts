import { type PlaceSearch, readPlace } from '../app/page-place.ts'
import { type RawSearch, readChoice, readText } from '../app/url-search.ts'
import { isAddress } from '../format/hex.ts'

export const ALLOCATION_ORDERS = ['EARNED', 'PAID', 'CUMULATIVE'] as const
export type AllocationOrder = (typeof ALLOCATION_ORDERS)[number]

export const MEASURES = ['rank', 'flow', 'work', 'review'] as const
export type Measure = (typeof MEASURES)[number]

/** Which account is explained, which allocations and scores are shown. */
export type EpochSearch = PlaceSearch & {
  /** The account that is explained. */
  readonly account?: string | undefined
  readonly sort?: AllocationOrder | undefined
  readonly direction?: 'ASC' | 'DESC' | undefined
  readonly measure?: Measure | undefined
}

/** Reads an epoch page's state from the URL. */
export function readEpochSearch(search: RawSearch): EpochSearch {
  const account = readText(search['account'])?.toLowerCase()
  return {
    account: account !== undefined && isAddress(account) ? account : undefined,
    sort: readChoice(search['sort'], ALLOCATION_ORDERS),
    direction: readChoice(search['direction'], ['ASC', 'DESC']),
    measure: readChoice(search['measure'], MEASURES),
    ...readPlace(search),
  }
}
