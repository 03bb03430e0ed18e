import { type PlaceSearch, readPlace } from '../app/page-place.ts'
import { type RawSearch, readChoice, readCount } from '../app/url-search.ts'

/** How far the provenance reaches and how it is shown, and which receipts are. */
export type AssetSearch = PlaceSearch & {
  readonly depth?: number | undefined
  readonly view?: 'graph' | 'table' | undefined
}

export const DEPTH_DEFAULT = 3
export const DEPTH_MAX = 8

/** Reads an asset page's state from the URL. */
export function readAssetSearch(search: RawSearch): AssetSearch {
  const depth = readCount(search['depth'])
  const isDepth = depth !== undefined && depth >= 1 && depth <= DEPTH_MAX
  return {
    depth: isDepth ? depth : undefined,
    view: readChoice(search['view'], ['graph', 'table']),
    ...readPlace(search),
  }
}
